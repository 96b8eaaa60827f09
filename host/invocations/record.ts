import type { Principal } from '../../sdk/context.ts';
import type { ManifestAsync } from '../registry/manifest.ts';
import type { Store } from '../stores/store.ts';

/** What the body of a request or of a response may have, in bytes, to be kept. */
export const MAX_KEPT = 2 ** 20;

export type Headed = readonly (readonly [name: string, value: string])[];

/** A response as it is kept. */
export interface KeptResponse {
  readonly status: number;
  readonly headers: Headed;
  /** False where the body was larger than what is kept. */
  readonly whole: boolean;
}

/** `pending`: it waits for its first or next attempt. `running`: an attempt has begun. The others are final. */
export type InvocationStatus = 'pending' | 'running' | 'done' | 'failed';

/** A request that was accepted to be handled later. Times are milliseconds since the epoch. */
export interface InvocationRecord {
  readonly status: InvocationStatus;
  readonly function: string;
  /** The version that has accepted it; a later one of that number, of a function made anew, has another digest. */
  readonly version: number;
  readonly digest: string;
  readonly alias: string | null;
  /** Who is asked where that version is gone; null is `live`. */
  readonly reference: string | null;
  readonly settings: ManifestAsync;
  readonly accepted: number;
  readonly attempts: number;
  /** When the last attempt began. */
  readonly started: number | null;
  readonly ended: number | null;
  readonly expires: number | null;
  /** When the next attempt begins, after one that failed. */
  readonly next: number | null;
  /** Gone once it has ended. */
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly target: string;
    readonly headers: Headed;
    readonly address: string | null;
    readonly principal?: Principal;
  } | null;
  readonly response: KeptResponse | null;
  /** Of the last attempt that failed. */
  readonly error: { readonly code: string; readonly detail: string } | null;
}

const PREFIX = 'invocations/';
const utf8 = new TextEncoder();
const text = new TextDecoder();

export function isInvocationKey(key: string): boolean {
  return key.startsWith(PREFIX) || key.startsWith('idempotency/');
}

/** Where requests wait, and their results lie: heads apart from bodies, so that a change of status copies no body. */
export class InvocationRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async read(name: string, id: string): Promise<InvocationRecord | null> {
    const entry = await this.#store.get(keyOf(name, id));
    return entry && (JSON.parse(text.decode(entry.value)) as InvocationRecord);
  }

  /** False where there is one of that id. */
  async create(id: string, record: InvocationRecord, body: Uint8Array): Promise<boolean> {
    if (body.byteLength > 0) await this.#store.put(`${keyOf(record.function, id)}/request`, body);
    return (await this.#store.put(keyOf(record.function, id), utf8.encode(JSON.stringify(record)), { ifRevision: 0 })) !== null;
  }

  async write(id: string, record: InvocationRecord): Promise<void> {
    await this.#store.put(keyOf(record.function, id), utf8.encode(JSON.stringify(record)));
  }

  /** The last word on it: the body first, so that who reads the head finds it. */
  async end(id: string, record: InvocationRecord, body: Uint8Array): Promise<void> {
    const key = keyOf(record.function, id);
    const ttl = record.settings.result_ttl * 1000;
    if (body.byteLength > 0) await this.#store.put(`${key}/response`, body, { ttl });
    await this.#store.put(key, utf8.encode(JSON.stringify(record)), { ttl });
    await this.#store.delete(`${key}/request`);
  }

  async body(name: string, id: string, of: 'request' | 'response'): Promise<Uint8Array> {
    return (await this.#store.get(`${keyOf(name, id)}/${of}`))?.value ?? new Uint8Array();
  }

  async remove(name: string, id: string): Promise<void> {
    await this.#store.delete(keyOf(name, id));
    await this.#store.delete(`${keyOf(name, id)}/request`);
  }
}

function keyOf(name: string, id: string): string {
  return `${PREFIX}${name}/${id}`;
}
