import { concat } from '../bytes.ts';
import { BrinkError } from '../errors.ts';
import type { LoadedVersion } from '../dispatch/cell.ts';
import type { Hook } from './hook.ts';
import { unsigned, type Claim, type SigningKey } from './scheme.ts';

/** Signatures of one delivery that are looked at. */
const MAX_SIGNATURES = 16;
const utf8 = new TextEncoder();

/** What secrets became, as long as they are those of the version: it is another object once they change. */
export class Keys<Key> {
  readonly #known = new WeakMap<LoadedVersion, Map<string, readonly Key[]>>();
  readonly #make: (secret: string, hook: Hook) => Promise<Key>;

  constructor(make: (secret: string, hook: Hook) => Promise<Key>) {
    this.#make = make;
  }

  /** Of the secrets that are set. @throws {BrinkError} `webhook-unready` where none is, or one cannot be used */
  async of(hook: Hook): Promise<readonly Key[]> {
    const { version, settings } = hook;
    const known = this.#known.get(version)?.get(settings.path);
    if (known !== undefined) return known;
    const values = { ...(await version.secrets()), ...version.manifest.vars };
    const keys: Key[] = [];
    for (const name of settings.secret) {
      const secret = Object.hasOwn(values, name) ? values[name] : undefined;
      if (typeof secret !== 'string') continue;
      keys.push(
        await this.#make(secret, hook).catch((error: unknown) => {
          throw unready(hook, `the secret ${name} is none of the scheme ${settings.scheme}: ${(error as Error).message}`);
        }),
      );
    }
    if (keys.length === 0) throw unready(hook, `the secret ${settings.secret[0]} is not set`);
    const own = this.#known.get(version) ?? new Map<string, readonly Key[]>();
    this.#known.set(version, own.set(settings.path, keys));
    return keys;
  }
}

/**
 * Passes where one of the keys has made one of the signatures, at a time that is near enough. The comparison is that of
 * WebCrypto's `verify`, which takes as long for each signature.
 *
 * @throws {BrinkError} `webhook-signature-invalid`, `webhook-expired`
 */
export async function checkSigned(claim: Claim, keys: readonly SigningKey[], { now, tolerance }: { now: number; tolerance: number }) {
  const { signatures, timestamp } = claim;
  const signed = concat(claim.signed.map((part) => (typeof part === 'string' ? utf8.encode(part) : part)));
  if (signatures.length > MAX_SIGNATURES) throw unsigned(`It has more than ${MAX_SIGNATURES} signatures.`);
  if (!(await isSigned(signed, claim, keys))) throw unsigned('No signature of it fits.');
  // After the signature: whoever cannot sign learns nothing of the host's clock.
  if (timestamp !== null && Math.abs(now / 1000 - timestamp) > tolerance) {
    throw new BrinkError('webhook-expired', `This delivery was signed more than ${tolerance} s before or after now. Sign it anew.`, {
      details: { tolerance },
    });
  }
}

async function isSigned(signed: Uint8Array<ArrayBuffer>, { signatures }: Claim, keys: readonly SigningKey[]): Promise<boolean> {
  for (const { version, bytes } of signatures) {
    for (const own of keys) {
      if (own.version === version && (await crypto.subtle.verify(own.key.algorithm.name, own.key, bytes, signed))) return true;
    }
  }
  return false;
}

/** Who sends is not told which secret it is about; the log is. */
function unready({ settings }: Hook, why: string): BrinkError {
  return new BrinkError('webhook-unready', 'This webhook cannot check signatures now.', {
    cause: new Error(`The webhook at ${settings.path} takes nothing: ${why}.`),
    details: { retryAfter: 60 },
  });
}
