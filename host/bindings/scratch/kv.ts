import { concat } from '../../bytes.ts';
import type { Methods } from '../binding.ts';
import { BindingError } from '../binding-error.ts';
import { cursorOf, keyOfCursor } from '../kv/entry.ts';
import { checkedKey, checkedKeyOfMany, checkedLimit, failed, MAX_KEYS } from '../kv/limits.ts';
import { MAX_VALUE } from '../kv/size.ts';
import { streamOf } from '../kv/stream.ts';
import type { Ask } from './ask.ts';
import type { Marks } from './marks.ts';
import { merged, type Listed } from './merge.ts';

export interface OverOptions {
  /** What is really there, and is only read. */
  readonly real: Ask;
  /** What takes the writes. */
  readonly own: Ask;
  readonly marks: Marks;
}

type Table = Readonly<Record<string, unknown>>;

interface Key {
  readonly name: string;
}

/** A namespace that is written beside: what a shadow has written is its own, the rest is what is really there. */
export function kvOver(options: OverOptions): Methods {
  const { real, own, marks } = options;
  const get = async (key: unknown, how: Table) => {
    if (await marks.has(checkedKey('GET', key))) return own('get', [key, how]);
    // Whole: it may come from another process.
    const found = await real('get', [key, { ...how, stream: false }]);
    return how['stream'] === true && found.body instanceof Uint8Array ? { ...found, body: streamOf(found.body) } : found;
  };
  return {
    get: ([key, how]) => get(key, tableOf(how)),
    async getMany([keys, how]) {
      const names = Array.isArray(keys) ? keys : [];
      const marked = await Promise.all(names.map(async (key) => typeof key === 'string' && (await marks.has(key))));
      // Those that are no keys are refused there.
      if (!marked.includes(true) || names.length > MAX_KEYS) return real('getMany', [keys, how]);
      return oneByOne(
        names.map((key: unknown) => checkedKeyOfMany('GET_BULK', key)),
        (key) => get(key, tableOf(how)),
      );
    },
    async put([key, how], body) {
      const name = checkedKey('PUT', key);
      const table = tableOf(how);
      const { ifRevision: wanted } = table;
      const counts = Number.isSafeInteger(wanted) && (wanted as number) >= 0 && !(await marks.has(name));
      if (counts) await checkRevision(options, { name, wanted: wanted as number });
      const ifRevision = counts ? { ifRevision: 0 } : {};
      const written = await own('put', [key, { ...table, ...ifRevision }], body);
      await marks.add(name);
      return written;
    },
    async delete([key, how]) {
      const name = checkedKey('DELETE', key);
      const done = await own('delete', [key, how]);
      await marks.add(name);
      return done;
    },
    async increment([key, by, how]) {
      const name = checkedKey('INCREMENT', key);
      if (!(await marks.has(name))) {
        const { value, body } = await real('get', [key, {}]);
        // Another call of the shadow may have brought it in the meantime.
        if (value !== null) await own('put', [key, { ifRevision: 0 }], body).catch(unlessThere);
        await marks.add(name);
      }
      return own('increment', [key, by, how]);
    },
    list: ([how]) => list(options, tableOf(how)),
  };
}

/** What is really there has a revision of its own, which a shadow has read. @throws {BindingError} `conflict` where it is another */
async function checkRevision({ real }: OverOptions, { name, wanted }: { name: string; wanted: number }): Promise<void> {
  const { value } = await real('get', [name, {}]);
  const { revision = 0 } = (value ?? {}) as { revision?: number };
  if (revision === wanted) return;
  throw new BindingError(
    `KV PUT failed: 409 ${JSON.stringify(name)} has not the revision ${wanted} any more. Read it again with getWithRevision().`,
    {
      name: 'ConflictError',
      code: 'conflict',
    },
  );
}

async function list({ real, own, marks }: OverOptions, { prefix, limit, cursor }: Table): ReturnType<Ask> {
  const count = checkedLimit(limit);
  const within = typeof prefix === 'string' ? prefix : '';
  const after = typeof cursor === 'string' && cursor !== '' ? keyOfCursor(cursor) : undefined;
  // What no list has given is refused there.
  if (after === null) return own('list', [{ prefix, limit, cursor }]);
  const pageOf = (from: Ask) => async (behind: string | undefined) => {
    const { value } = await from('list', [{ prefix, limit: count, ...(behind !== undefined && { cursor: cursorOf(behind) }) }]);
    const { keys, cursor: more } = value as { keys: Key[]; cursor?: string };
    return { items: keys.map((item) => ({ key: item.name, item })), more: more !== undefined } satisfies Listed<Key>;
  };
  const page = await merged({ real: pageOf(real), own: pageOf(own), marks, prefix: within, after, limit: count });
  const keys = page.items.map(({ item }) => item);
  return { value: { keys, ...(page.next !== undefined && { cursor: cursorOf(page.next) }) } };
}

async function oneByOne(keys: readonly string[], get: (key: string) => ReturnType<Ask>): ReturnType<Ask> {
  const parts: Uint8Array[] = [];
  const found: unknown[] = [];
  let size = 0;
  for (const key of keys) {
    const { value, body } = await get(key);
    const bytes = body instanceof Uint8Array ? body : new Uint8Array();
    found.push(value === null ? null : { size: bytes.byteLength, ...(value as object), revision: undefined });
    if (value !== null) parts.push(bytes);
    if ((size += bytes.byteLength) > MAX_VALUE) throw failed('GET_BULK', 413, 'Total size of request exceeds the limit of 25MB');
  }
  return { value: found, body: concat(parts) };
}

function unlessThere(error: unknown): void {
  if (!(error instanceof BindingError && error.code === 'conflict')) throw error;
}

function tableOf(value: unknown): Table {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Table) : {};
}
