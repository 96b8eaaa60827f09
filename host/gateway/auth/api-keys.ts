import { hex, sha256 } from '../../bytes.ts';
import { BrinkError } from '../../errors.ts';
import type { Store } from '../../stores/store.ts';
import { sameBytes } from './same.ts';

/** A key of a function, without what it is: of that there is only a hash. Times are milliseconds since the epoch. */
export interface ApiKey {
  readonly id: string;
  /** Who has it. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly created: number;
  /** null: never. */
  readonly expires: number | null;
}

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires: number | null;
  /** Ms after which the other key of that name expires, where there is one; null: it stays as it is. */
  readonly retire: number | null;
}

interface Kept extends ApiKey {
  /** SHA-256 of the secret part in hex: 256 random bits need no slow hash. */
  readonly hash: string;
}

export interface ApiKeysOptions {
  readonly store: Store;
  readonly now: () => number;
  /** How long what was read may be used, in ms; Infinity where no one else writes. */
  readonly maxAge: number;
}

const PREFIX = 'api-keys/';
const FORM = /^brk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
/** Of one name, so that one can take the other's place while both count. */
const MAX_OF_NAME = 2;
const MAX_OF_FUNCTION = 10_000;
const MAX_KNOWN = 10_000;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Keys that functions are called with. */
export class ApiKeys {
  readonly #options: ApiKeysOptions;
  readonly #known = new Map<string, { readonly key: Kept | null; readonly at: number }>();

  constructor(options: ApiKeysOptions) {
    this.#options = options;
  }

  /** The key that a text is; null where it is none, or one that has expired. */
  async find(fn: string, token: string): Promise<ApiKey | null> {
    const [, id, secret] = FORM.exec(token) ?? [];
    if (id === undefined) return null;
    const kept = await this.#read(fn, id);
    const hash = utf8.encode(hex(await sha256(secret!)));
    if (kept === null || !sameBytes(hash, utf8.encode(kept.hash))) return null;
    return kept.expires !== null && kept.expires <= this.#options.now() ? null : plain(kept);
  }

  /** Those of a function, the oldest first; those that have expired are not among them. */
  async list(fn: string): Promise<ApiKey[]> {
    return (await this.#all(fn)).map(plain);
  }

  /**
   * A new key, and the one time that it is shown.
   *
   * @throws {BrinkError} `key-limit` where the name has two
   */
  async create(fn: string, { name, scopes, expires, retire }: NewApiKey): Promise<{ readonly key: ApiKey; readonly token: string }> {
    const all = await this.#all(fn);
    const others = all.filter((each) => each.name === name);
    if (others.length >= MAX_OF_NAME || all.length >= MAX_OF_FUNCTION) throw limit(fn, name, all.length);
    const { now } = this.#options;
    const secret = base64url(crypto.getRandomValues(new Uint8Array(32)));
    const id = hex(crypto.getRandomValues(new Uint8Array(8)));
    const kept: Kept = { id, name, scopes, created: now(), expires, hash: hex(await sha256(secret)) };
    await this.#write(fn, kept);
    if (retire !== null)
      for (const other of others) await this.#write(fn, { ...other, expires: Math.min(now() + retire, other.expires ?? Infinity) });
    return { key: plain(kept), token: `brk_${id}_${secret}` };
  }

  /** @throws {BrinkError} `key-not-found` */
  async remove(fn: string, id: string): Promise<void> {
    const there = await this.#options.store.delete(`${PREFIX}${fn}/${id}`);
    this.#known.delete(`${fn}/${id}`);
    if (!there) throw new BrinkError('key-not-found', `${fn} has no key ${JSON.stringify(id)}; \`brink key ls ${fn}\` lists them.`);
  }

  async #all(fn: string): Promise<Kept[]> {
    const { store } = this.#options;
    const found: Kept[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ prefix: `${PREFIX}${fn}/`, ...(cursor !== undefined && { cursor }) });
      const entries = await Promise.all(page.keys.map((key) => store.get(key)));
      for (const entry of entries) if (entry) found.push(JSON.parse(text.decode(entry.value)) as Kept);
      ({ cursor } = page);
    } while (cursor !== undefined);
    return found.toSorted((a, b) => a.created - b.created);
  }

  async #read(fn: string, id: string): Promise<Kept | null> {
    const { store, now, maxAge } = this.#options;
    const at = `${fn}/${id}`;
    const known = this.#known.get(at);
    if (known !== undefined && now() - known.at <= maxAge) return known.key;
    const entry = await store.get(PREFIX + at);
    const key = entry && (JSON.parse(text.decode(entry.value)) as Kept);
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(at, { key, at: now() });
    return key;
  }

  async #write(fn: string, key: Kept): Promise<void> {
    const { store, now } = this.#options;
    const ttl = key.expires === null ? undefined : Math.max(1, key.expires - now());
    await store.put(`${PREFIX}${fn}/${key.id}`, utf8.encode(JSON.stringify(key)), ttl === undefined ? {} : { ttl });
    this.#known.delete(`${fn}/${key.id}`);
  }
}

function plain({ id, name, scopes, created, expires }: Kept): ApiKey {
  return { id, name, scopes, created, expires };
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function limit(fn: string, name: string, all: number): BrinkError {
  if (all >= MAX_OF_FUNCTION)
    return new BrinkError('key-limit', `${fn} has ${all} keys, which is as many as a function may have. Remove some.`);
  const why = `${JSON.stringify(name)} has ${MAX_OF_NAME} keys of ${fn}: the one in use, and the one that takes its place.`;
  return new BrinkError('key-limit', `${why} Remove one (\`brink key rm ${fn} ID\`) before there is another.`, { details: { name } });
}
