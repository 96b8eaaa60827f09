import { parseDictionary } from 'structured-headers';
import { sameBytes } from './same.ts';

/** Those that RFC 9530, section 5, calls active. */
const ALGORITHMS: Readonly<Record<string, string>> = { 'sha-256': 'SHA-256', 'sha-512': 'SHA-512' };

/** What is wrong with a `Content-Digest`; null where the body has each digest in it that is known, and there is one. RFC 9530 */
export async function digestFault(header: string, body: Uint8Array<ArrayBuffer>): Promise<string | null> {
  let known = 0;
  try {
    for (const [name, [value]] of parseDictionary(header)) {
      const algorithm = ALGORITHMS[name];
      if (algorithm === undefined) continue;
      known++;
      if (!(value instanceof ArrayBuffer)) return 'Content-Digest has a digest that is no bytes';
      const digest = new Uint8Array(await crypto.subtle.digest(algorithm, body));
      if (!sameBytes(digest, new Uint8Array(value))) return 'the body is not the one of its Content-Digest';
    }
  } catch {
    return 'Content-Digest is no dictionary of RFC 9651';
  }
  return known === 0 ? 'Content-Digest has neither sha-256 nor sha-512' : null;
}
