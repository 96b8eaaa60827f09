import { scrypt, timingSafeEqual } from 'node:crypto';

/** Of scrypt, RFC 7914: the cost is `2 ** ln`, and `r` and `p` are the block size and how often it is done. */
interface Parameters {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/**
 * One of the settings that OWASP gives as equally strong, the one that takes the least memory (16 MiB), since a cell may have 128.
 * PBKDF2 of WebCrypto would need 600,000 rounds, and Cloudflare refuses more than 100,000.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const NOW: Parameters = { ln: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** The password of nobody: to check one against it takes as long as against another. */
export const DECOY = format(NOW, new Uint8Array(SALT_BYTES), new Uint8Array(KEY_BYTES));

/** What is stored of a password, in the PHC string format: `$scrypt$ln=14,r=8,p=5$SALT$KEY`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  return format(NOW, salt, await derive(password, salt, NOW));
}

/** Whether it is that of `stored`, in a time that does not say how much of it is right. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const { parameters, salt, key } = parse(stored);
  return timingSafeEqual(await derive(password, salt, parameters), key);
}

/** Whether it was hashed with other parameters than a new one would be. */
export function isOutdated(stored: string): boolean {
  const { ln, r, p } = parse(stored).parameters;
  return ln !== NOW.ln || r !== NOW.r || p !== NOW.p;
}

function derive(password: string, salt: Uint8Array, { ln, r, p }: Parameters): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  // The same characters typed on another keyboard may be other code points.
  scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N: 2 ** ln, r, p }, (error, key) => (error ? reject(error) : resolve(key)));
  return promise;
}

function format({ ln, r, p }: Parameters, salt: Uint8Array, key: Uint8Array): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${toBase64(salt)}$${toBase64(key)}`;
}

function parse(stored: string): { parameters: Parameters; salt: Uint8Array; key: Uint8Array } {
  const [, ln, r, p, salt, key] = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/-]+)\$([\w+/-]+)$/.exec(stored) ?? [];
  if (key === undefined) throw new Error('A stored password is not of the form $scrypt$ln=…,r=…,p=…$…$….');
  return { parameters: { ln: Number(ln), r: Number(r), p: Number(p) }, salt: fromBase64(salt!), key: fromBase64(key) };
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
