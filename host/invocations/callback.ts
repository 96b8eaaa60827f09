import { BrinkError } from '../errors.ts';
import type { ManifestCallback } from '../registry/manifest.ts';

/** Who is told by HTTP of the end of an invocation, and what became of that. */
export interface Callback {
  readonly url: string;
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  /** When the next attempt is, in milliseconds since the epoch. */
  readonly next: number | null;
  /** Of the last attempt that failed. */
  readonly error: string | null;
}

const HEADER = 'brink-callback';
const MAX_URL = 2_048;

/**
 * Where the end of a request is told: what the manifest says or, of the hosts that it names, what the client asks for.
 *
 * @throws {BrinkError} `callback-refused`
 */
export function callbackOf(settings: ManifestCallback | undefined, headers: Headers): Callback | null {
  const asked = headers.get(HEADER);
  if (asked !== null) checkAsked(asked, settings?.hosts ?? []);
  const url = asked ?? settings?.url;
  return url === undefined ? null : { url, status: 'pending', attempts: 0, next: null, error: null };
}

function checkAsked(asked: string, hosts: readonly string[]): void {
  const url = URL.canParse(asked) ? new URL(asked) : null;
  if (url === null || asked.length > MAX_URL || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw refused('it is no URL of http or https, without a password, of at most 2,048 characters');
  const { hostname } = url;
  if (!hosts.some((host) => (host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host)))
    throw refused(`the function names ${hosts.length === 0 ? 'no host' : `the hosts ${hosts.join(', ')}`} (async.callback.hosts)`);
}

function refused(why: string): BrinkError {
  return new BrinkError('callback-refused', `Brink-Callback is refused: ${why}.`);
}
