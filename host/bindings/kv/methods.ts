import { concat } from '../../bytes.ts';
import { OutboxFull } from '../../stores/outbox.ts';
import { QuotaExceeded, type Quota } from '../../stores/quota.ts';
import type { Store } from '../../stores/store.ts';
import { BindingError } from '../binding-error.ts';
import type { Body, Methods, Result } from '../binding.ts';
import { fenceOf } from '../fence.ts';
import type { KeyEventType } from '../../registry/change-rules.ts';
import type { KeyTelling } from './changes.ts';
import { besideOf, cursorOf, keyOfCursor, textOf, valued, valueOf, type Beside } from './entry.ts';
import { fencedDelete, fencedPut, plainPut, type Write } from './fenced.ts';
import { incremented, Turns } from './increment.ts';
import {
  checkCacheTtl,
  checkedKey,
  checkedKeyOfMany,
  checkedLimit,
  checkedMetadata,
  checkedPrefix,
  expirationOf,
  failed,
  overQuota,
  MAX_KEYS,
  MAX_KEY,
} from './limits.ts';
import { MAX_VALUE } from './size.ts';
import { streamOf } from './stream.ts';

export interface KvOptions {
  readonly store: Store;
  /** Of all keys of the namespace; no other namespace's begin with it. Its second slash ends it, so that they are counted together. */
  readonly prefix: string;
  readonly quota?: Quota | undefined;
  readonly now: () => number;
  /** Who is told of changes; without it nobody is. */
  readonly telling?: Telling | undefined;
}

export interface Telling {
  of(key: string, operation: KeyEventType): KeyTelling | null | Promise<KeyTelling | null>;
  /** When a key expires that is told of. */
  wake(time: number): Promise<void>;
  /** See `ChangesState`. */
  expected(): Promise<void> | undefined;
  posted(): void;
}

/**
 * A KV namespace, as its client calls it. https://developers.cloudflare.com/kv/api/
 *
 * | method | arguments, body | value, body |
 * |---|---|---|
 * | get | key, `{ stream, cacheTtl }` | `{ metadata, revision, expiration }` and the value, or null |
 * | getMany | keys, `{ cacheTtl }` | a list of `{ size, metadata, expiration }` or null, and the values one behind the other |
 * | put | key, `{ expiration, expirationTtl, metadata: JSON, ifRevision, fence }`, value | revision |
 * | delete | key, `{ fence }` | |
 * | list | `{ prefix, limit, cursor }` | `{ keys, cursor }` |
 * | increment | key, by, as a decimal, `{ fence }` | the sum, as a decimal |
 */
export function createKvMethods(options: KvOptions): Methods {
  const turns = new Turns();
  return {
    get: ([key, how]) => get(options, key, tableOf(how)),
    getMany: ([keys, how]) => getMany(options, keys, tableOf(how)),
    put: ([key, how], body) => put(options, { key, body, how: tableOf(how) }),
    async delete([asked, how]) {
      const { store, prefix, telling } = options;
      const name = checkedKey('DELETE', asked);
      const key = prefix + name;
      const fence = fenceOf(tableOf(how)['fence']);
      const found = telling?.of(name, 'delete') ?? null;
      const told = found && (await toldOf(telling!, found));
      const note = told?.note;
      await reach<unknown>('DELETE', fence === undefined ? store.delete(key, note && { note }) : fencedDelete(store, { key, fence, note }));
      if (told !== null) telling!.posted();
      return { value: null };
    },
    list: ([how]) => list(options, tableOf(how)),
    async increment([asked, by, how]) {
      const name = checkedKey('INCREMENT', asked);
      const key = options.prefix + name;
      const fence = fenceOf(tableOf(how)['fence']);
      const { telling } = options;
      const found = telling?.of(name, 'increment') ?? null;
      const told = found && (await toldOf(telling!, found));
      const value = await reach(
        'INCREMENT',
        turns.take(key, () => incremented({ ...options, key, name, by, fence, told })),
      );
      if (told !== null) telling!.posted();
      return { value };
    },
  };
}

type Table = Readonly<Record<string, unknown>>;

async function get({ store, prefix }: KvOptions, key: unknown, { stream, cacheTtl }: Table): Promise<Result> {
  const name = checkedKey('GET', key);
  checkCacheTtl('GET', cacheTtl);
  const entry = valued(await reach('GET', store.get(prefix + name)));
  if (entry === null) return { value: null };
  const { value, revision } = entry;
  const { metadata = null, expiration } = besideOf(entry.metadata);
  return { value: { metadata, revision, expiration }, body: stream === true ? streamOf(value) : value };
}

async function getMany({ store, prefix }: KvOptions, keys: unknown, { cacheTtl }: Table): Promise<Result> {
  if (!Array.isArray(keys) || keys.length < 1) throw failed('GET_BULK', 400, 'You must request a minimum of 1 key');
  if (keys.length > MAX_KEYS) throw failed('GET_BULK', 400, `You can request a maximum of ${MAX_KEYS} keys`);
  checkCacheTtl('GET_BULK', cacheTtl);
  const names = keys.map((key: unknown) => checkedKeyOfMany('GET_BULK', key));
  const parts: Uint8Array[] = [];
  const found: (null | (Beside & { size: number }))[] = [];
  let size = 0;
  // One after the other: each may be large, and what is too much is not read.
  for (const name of names) {
    const entry = valued(await reach('GET_BULK', store.get(prefix + name)));
    if (entry === null) {
      found.push(null);
      continue;
    }
    const { metadata = null, expiration } = besideOf(entry.metadata);
    found.push({ size: entry.value.byteLength, metadata, expiration });
    size += entry.value.byteLength;
    if (size > MAX_VALUE) throw failed('GET_BULK', 413, 'Total size of request exceeds the limit of 25MB');
    parts.push(entry.value);
  }
  return { value: found, body: concat(parts) };
}

async function put(
  { store, prefix, now, quota, telling }: KvOptions,
  { key, body, how }: { key: unknown; body: Body; how: Table },
): Promise<Result> {
  const name = checkedKey('PUT', key);
  const ifRevision = revisionOf(how['ifRevision']);
  const fence = fenceOf(how['fence']);
  const metadata = checkedMetadata(how['metadata']);
  expirationOf(how, now());
  const value = await valueOf(body);
  const asked = telling?.of(name, 'put') ?? null;
  const told = asked && (await toldOf(telling!, asked));
  // Anew: the value may have taken its time to come.
  const time = now();
  const expiration = expirationOf(how, time);
  const beside = textOf({ expiration, metadata, fence });
  const write: Write = {
    key: prefix + name,
    value,
    ifRevision,
    ...(expiration !== undefined && { ttl: expiration * 1000 - time }),
    ...(beside !== undefined && { metadata: beside }),
    ...(quota !== undefined && { quota }),
    ...(told !== null && { note: told.note, keepExpired: told.expiry }),
  };
  if (told?.expiry && expiration !== undefined) await reach('PUT', telling!.wake(expiration * 1000));
  const revision = await reach('PUT', fence === undefined ? plainPut(store, write) : fencedPut(store, { ...write, fence }));
  if (told !== null) telling!.posted();
  if (revision !== null) return { value: revision };
  throw new BindingError(
    `KV PUT failed: 409 ${JSON.stringify(name)} has not the revision ${ifRevision} any more. Read it again with getWithRevision().`,
    { name: 'ConflictError', code: 'conflict' },
  );
}

async function list({ store, prefix }: KvOptions, { prefix: asked, limit, cursor }: Table): Promise<Result> {
  const within = prefix + checkedPrefix(asked);
  const count = checkedLimit(limit);
  const after = cursor === undefined || cursor === null || cursor === '' ? undefined : prefix + afterOf(cursor);
  const keys: object[] = [];
  // Again, where some of a page are only remembered.
  for (let from = after; ;) {
    const page = await reach(
      'GET',
      store.list({ prefix: within, limit: count - keys.length, withMetadata: true, ...(from !== undefined && { cursor: from }) }),
    );
    for (const key of page.keys) {
      const { expiration, metadata, gone } = besideOf(page.metadata?.get(key));
      if (gone !== true) keys.push({ name: key.slice(prefix.length), expiration, metadata });
    }
    from = page.cursor;
    if (from === undefined) return { value: { keys } };
    if (keys.length === count) return { value: { keys, cursor: cursorOf(from.slice(prefix.length)) } };
  }
}

function afterOf(cursor: unknown): string {
  const key = typeof cursor === 'string' && cursor.length <= 2 * MAX_KEY ? keyOfCursor(cursor) : null;
  if (key === null) throw failed('GET', 400, 'Invalid cursor. Please use the one that the page before came with.');
  return key;
}

function revisionOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new BindingError('ifRevision is a whole number, 0 or more.', { name: 'TypeError' });
}

function tableOf(value: unknown): Table {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Table) : {};
}

/** What a write has to tell, and the certainty that it will be. */
async function toldOf(telling: Telling, asked: KeyTelling | Promise<KeyTelling | null>): Promise<KeyTelling | null> {
  const told = 'then' in asked ? await reach('GET', asked) : asked;
  if (told !== null) await reach('PUT', telling.expected());
  return told;
}

/** What the store throws names what is the host's own. */
async function reach<Value>(operation: string, work: Promise<Value> | Value): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof QuotaExceeded) throw overQuota(operation, error);
    if (error instanceof OutboxFull) throw failed(operation, 429, error.message);
    throw error instanceof BindingError
      ? error
      : failed(operation, 503, 'The state of the host cannot be reached now. Try again in a moment.');
  }
}
