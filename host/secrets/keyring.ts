import { BrinkError } from '../errors.ts';

/** A secret as it is stored. */
export interface Sealed {
  /** The id of the key that it was encrypted with. */
  readonly key: string;
  /** Base64 of the nonce and what AES-GCM makes of the value. */
  readonly data: string;
}

/** Where a secret belongs: a ciphertext opens at its own place alone, so that two cannot be swapped. */
export interface SecretPlace {
  readonly function: string;
  readonly name: string;
}

/** The keys of a host: the first encrypts, all decrypt. */
export interface Keyring {
  /** The id of the key that encrypts. @throws {BrinkError} `secret-key-missing`, `secret-key-invalid` */
  current(): Promise<string>;
  /** @throws {BrinkError} as `current` */
  seal(value: string, place: SecretPlace): Promise<Sealed>;
  /** @throws {BrinkError} `secret-unreadable` where no key of these opens it: another key's, changed, or of another place */
  open(sealed: Sealed, place: SecretPlace): Promise<string>;
}

interface Ring {
  /** Of the key that encrypts. */
  readonly first: string | undefined;
  readonly keys: ReadonlyMap<string, CryptoKey>;
}

/** 96 bits: what AES-GCM takes as it is. NIST SP 800-38D, section 8.2.2, allows 2^32 random ones for one key. */
const NONCE_BYTES = 12;
const ID_DIGITS = 16;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * AES-256-GCM of WebCrypto.
 *
 * @param read gives the keys, each of 32 bytes; called until it has given them once. What it throws, whoever needs a key gets.
 */
export function createKeyring(read: () => readonly Uint8Array<ArrayBuffer>[]): Keyring {
  let known: Ring | undefined;
  // The ring is kept and no promise of it: on workerd no request may wait for another's.
  const ring = async () => (known ??= await ringOf(read()));

  return {
    current: async () => (await first(ring)).id,
    async seal(value, place) {
      const { id, key } = await first(ring);
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const sealed = await crypto.subtle.encrypt(algorithm(nonce, place), key, utf8.encode(value));
      return { key: id, data: base64(nonce, new Uint8Array(sealed)) };
    },
    async open({ key: id, data }, place) {
      const key = (await ring()).keys.get(id);
      if (key === undefined) throw unreadable(place, `it was encrypted with the key ${id}, which this host does not have`);
      try {
        const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
        const nonce = bytes.slice(0, NONCE_BYTES);
        return text.decode(await crypto.subtle.decrypt(algorithm(nonce, place), key, bytes.slice(NONCE_BYTES)));
      } catch (cause) {
        throw unreadable(place, 'what is stored was changed, or belongs to another place', cause);
      }
    },
  };
}

/** What a secret that does not open is called everywhere. */
export function unreadable({ function: fn, name }: SecretPlace, why: string, cause?: unknown): BrinkError {
  return new BrinkError(
    'secret-unreadable',
    `The secret ${name} of ${fn} cannot be read: ${why}. Give the host that key, or set it anew.`,
    {
      details: { function: fn, secret: name },
      ...(cause !== undefined && { cause }),
    },
  );
}

async function first(ring: () => Promise<Ring>): Promise<{ id: string; key: CryptoKey }> {
  const { first: id, keys } = await ring();
  if (id !== undefined) return { id, key: keys.get(id)! };
  throw new BrinkError(
    'secret-key-missing',
    'This host has no key to encrypt secrets with. Give it one as BRINK_SECRET_KEY: 32 random bytes as base64, as `openssl rand -base64 32` prints them.',
  );
}

async function ringOf(given: readonly Uint8Array<ArrayBuffer>[]): Promise<Ring> {
  const keys = new Map<string, CryptoKey>();
  for (const bytes of given) {
    const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    keys.set(await idOf(bytes), key);
  }
  return { first: keys.keys().next().value, keys };
}

/** Says which key it is and nothing of what it is: 64 bits of a hash of random bytes. */
async function idOf(key: Uint8Array<ArrayBuffer>): Promise<string> {
  const label = utf8.encode('brink secret key\0');
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array([...label, ...key]));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, ID_DIGITS);
}

function algorithm(iv: Uint8Array<ArrayBuffer>, { function: fn, name }: SecretPlace): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: utf8.encode(JSON.stringify(['brink secret', fn, name])) };
}

function base64(...parts: readonly Uint8Array[]): string {
  return btoa(parts.map((bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).join(''));
}
