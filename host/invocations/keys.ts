import { BrinkError } from '../errors.ts';
import type { Store } from '../stores/store.ts';
import { hex, sha256 } from '../bytes.ts';
import { responseOf } from './body.ts';
import type { KeptResponse } from './record.ts';

/** What is known of a key: which request it came with first, and what became of that. */
export interface KeyRecord {
  readonly fingerprint: string;
  /** Of the invocation, where it was accepted to be handled later. */
  readonly invocation: string | null;
  /** null while it is under way. */
  readonly response: KeptResponse | null;
}

export interface Claim {
  readonly at: string;
  readonly revision: number;
  readonly record: KeyRecord;
}

const MAX_KEY = 255;
const QUOTED = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const BARE = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * The key of a request, or null. It is a string of RFC 9651, section 3.3.3; one without quotes is the same key.
 *
 * @throws {BrinkError} `idempotency-key-invalid`
 */
export function idempotencyKey(headers: Headers): string | null {
  const value = headers.get('idempotency-key')?.trim();
  if (value === undefined) return null;
  const key = QUOTED.exec(value)?.[1]?.replace(/\\(.)/g, '$1') ?? (BARE.test(value) ? value : '');
  if (key !== '' && key.length <= MAX_KEY) return key;
  throw new BrinkError(
    'idempotency-key-invalid',
    `Idempotency-Key is not a key. Send 1 to ${MAX_KEY} characters of ASCII in quotes, such as a UUID.`,
  );
}

/** Where a key is kept: it is that of a function, and of whoever `Authorization` names. */
export async function placeOf(name: string, { headers }: Request, key: string): Promise<string> {
  return `idempotency/${name}/${hex(await sha256(`${headers.get('authorization') ?? ''}\n${key}`))}`;
}

/** What is the same of requests that are the same. Which of its names a client calls the host by is not part of it. */
export async function fingerprintOf({ method, headers }: Request, target: string, body: Uint8Array): Promise<string> {
  const path = target.slice(target.indexOf('/', target.indexOf('://') + 3));
  return hex(await sha256(`${method}\n${path}\n${headers.get('content-type') ?? ''}\n`, body));
}

/** Keys and what they were answered with, whose bodies lie beside them. */
export class Keys {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Takes a key for `ms`, or gives what is known of it. */
  async claim(at: string, { record, ms }: { readonly record: KeyRecord; readonly ms: number }): Promise<Claim | KeyRecord> {
    for (;;) {
      const revision = await this.#store.put(at, utf8.encode(JSON.stringify(record)), { ifRevision: 0, ttl: ms });
      if (revision !== null) return { at, revision, record };
      const entry = await this.#store.get(at);
      // It has expired in between.
      if (entry !== null) return JSON.parse(text.decode(entry.value)) as KeyRecord;
    }
  }

  async answered({ at, revision, record }: Claim, response: KeptResponse, { body, ttl }: { body: Uint8Array; ttl: number }): Promise<void> {
    const ms = ttl * 1000;
    if (body.byteLength > 0) await this.#store.put(`${at}/response/${record.fingerprint}`, body, { ttl: ms });
    await this.#store.put(at, utf8.encode(JSON.stringify({ ...record, response })), { ifRevision: revision, ttl: ms });
  }

  /** Gives a key back with which nothing was run. */
  async release({ at, revision }: Claim): Promise<void> {
    await this.#store.delete(at, { ifRevision: revision });
  }

  /** @throws {BrinkError} `idempotency-running`, `response-not-kept` */
  async replay(name: string, at: string, { response, fingerprint }: KeyRecord): Promise<Response> {
    if (response === null) {
      throw new BrinkError('idempotency-running', `The first request with this Idempotency-Key is under way. Try again in a moment.`, {
        details: { retryAfter: 1 },
      });
    }
    if (!response.whole) throw notKept(name);
    const body = (await this.#store.get(`${at}/response/${fingerprint}`))?.value ?? new Uint8Array();
    return responseOf(response, body, [['idempotency-replayed', 'true']]);
  }
}

/** @throws {BrinkError} `idempotency-key-reused` */
export function checkSame(known: KeyRecord, fingerprint: string): void {
  if (known.fingerprint === fingerprint) return;
  throw new BrinkError(
    'idempotency-key-reused',
    'This Idempotency-Key was sent before with another request: another method, path, query, Content-Type or body. Send a new key.',
  );
}

export function notKept(name: string): BrinkError {
  return new BrinkError('response-not-kept', `${name} has answered this request, with a body of more than the 1 MiB that are kept.`);
}
