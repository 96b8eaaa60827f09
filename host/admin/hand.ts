import { BrinkError } from '../errors.ts';
import type { Freezes } from '../registry/freezes.ts';
import type { Hand } from '../registry/release-record.ts';

/** Who the client says it is, why it does what it does, and why it does so in a freeze: said, not proved. */
const ACTOR = 'brink-actor';
const REASON = 'brink-reason';
const OVERRIDE = 'brink-override-freeze';
/** That an alias may move though that breaks those who call. */
const ALLOW_BREAKING = 'brink-allow-breaking';
const MAX_LENGTH = 200;

/**
 * Whose hand a request is, for the history. That it may be there at all is known (`access.ts`): by the token, or by being on
 * this machine.
 *
 * @throws {BrinkError} `bad-request`
 */
export function handOf({ headers }: Request): Hand {
  const access = headers.has('authorization') ? 'token' : 'local';
  const actor = said(headers, ACTOR);
  return {
    by: actor === null ? access : `${access} (${actor})`,
    why: said(headers, REASON),
    overrideFreeze: said(headers, OVERRIDE),
    ...(isAllowed(headers) && { allowBreaking: true }),
  };
}

/** The same of what moves an alias, which a freeze refuses. @throws {BrinkError} `frozen` */
export async function movingHand(request: Request, name: string, freezes: Freezes): Promise<Hand> {
  const hand = handOf(request);
  await freezes.check(name, { override: hand.overrideFreeze ?? null });
  return hand;
}

function isAllowed(headers: Headers): boolean {
  const value = headers.get(ALLOW_BREAKING);
  if (value === null || value === 'true') return value !== null;
  throw new BrinkError('bad-request', `The header ${ALLOW_BREAKING} takes "true".`, { details: { in: 'header', path: ALLOW_BREAKING } });
}

/** Header values have no letters beyond ASCII, so they come percent-encoded. */
function said(headers: Headers, name: string): string | null {
  const value = headers.get(name);
  if (value === null) return null;
  const text = decoded(value).trim();
  if (text === '' || text.length > MAX_LENGTH || /\p{Cc}/u.test(text)) {
    throw new BrinkError(
      'bad-request',
      `The header ${name} takes a text of 1 to ${MAX_LENGTH} characters, percent-encoded where they are not ASCII.`,
      {
        details: { in: 'header', path: name },
      },
    );
  }
  return text;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
