import { byBytes } from '../../stores/order.ts';
import type { Methods, Result } from '../binding.ts';
import { checkedKeys, tableOf, type Table } from '../r2/arguments.ts';
import type { WireFound, WireObject, WirePage } from '../r2/wire.ts';
import { MAX_PAGE, MAX_PAGE_WITH_METADATA } from '../r2/methods.ts';
import { cursorOf, keyOfCursor } from '../kv/entry.ts';
import type { OverOptions } from './kv.ts';
import { merged, type Listed, type Merged } from './merge.ts';

/** Pages that are read for one of a list with a delimiter: where more would be needed, it goes on with the next call. */
const MOST_PAGES = 20;

/** A bucket that is written beside. */
export function r2Over(options: OverOptions): Methods {
  const { own, marks } = options;
  // What is no key is refused there.
  const side = async (key: unknown) => ((await marks.has(String(key))) ? own : options.real);
  const ownOnly = (method: string): Methods[string] => {
    return (args, body) => own(method, args, body);
  };
  return {
    head: async (args) => (await side(args[0]))('head', args),
    get: async (args) => (await side(args[0]))('get', args),
    async put([key, how], body) {
      const name = String(key);
      // A condition is one of what is there.
      if (tableOf(how)['onlyIf'] !== undefined) await bring(options, name);
      const written = await own('put', [key, how], body);
      if (written.value !== null) await marks.add(name);
      return written;
    },
    async delete([keys]) {
      const done = await own('delete', [keys]);
      for (const key of checkedKeys(keys)) await marks.add(key);
      return done;
    },
    list: ([how]) => list(options, tableOf(how)),
    createUpload: ownOnly('createUpload'),
    putPart: ownOnly('putPart'),
    async completeUpload(args, body) {
      const done = await own('completeUpload', args, body);
      await marks.add(String(args[0]));
      return done;
    },
    abortUpload: ownOnly('abortUpload'),
  };
}

/** Copies what is really there, where the shadow has not written it itself. */
async function bring({ real, own, marks }: OverOptions, key: string): Promise<void> {
  if (await marks.has(key)) return;
  const { value, body } = await real('get', [key, {}]);
  if (value === null) return;
  const { httpMetadata, customMetadata, storageClass } = (value as WireFound).object;
  // As a client would send it: what is not there is left out.
  const facts = JSON.parse(JSON.stringify({ httpMetadata, customMetadata, storageClass })) as object;
  await own('put', [key, facts], body ?? null);
  await marks.add(key);
}

async function list(options: OverOptions, how: Table): Promise<Result> {
  const { cursor, ...asked } = how;
  // What cannot be asked for is refused there.
  await options.own('list', [asked]);
  const { prefix = '', delimiter, startAfter, limit = MAX_PAGE, include } = asked as ListHow;
  const most = Math.min(limit, Array.isArray(include) && include.length > 0 ? MAX_PAGE_WITH_METADATA : MAX_PAGE);
  const from = typeof cursor === 'string' ? (keyOfCursor(cursor) ?? undefined) : undefined;
  let after = from !== undefined && startAfter !== undefined && byBytes(startAfter, from) > 0 ? startAfter : (from ?? startAfter);
  const page: { objects: WireObject[]; delimitedPrefixes: string[] } = { objects: [], delimitedPrefixes: [] };
  let full = false;
  for (let pages = 0; pages < MOST_PAGES && !full; pages++) {
    const found: Merged<WireObject> = await pageBehind(options, { prefix, include, after });
    for (const { key, item } of found.items) {
      const group = delimiter === undefined ? null : groupOf(key, prefix, delimiter);
      const known = group !== null && page.delimitedPrefixes.at(-1) === group;
      full = !known && page.objects.length + page.delimitedPrefixes.length === most;
      if (full) break;
      if (group === null) page.objects.push(item);
      else if (!known) page.delimitedPrefixes.push(group);
      after = key;
    }
    if (full) break;
    if (found.next === undefined) return { value: page satisfies WirePage };
    after = found.next;
  }
  return { value: { ...page, ...(after !== undefined && { cursor: cursorOf(after) }) } satisfies WirePage };
}

interface ListHow {
  readonly prefix?: string;
  readonly delimiter?: string;
  readonly startAfter?: string;
  readonly limit?: number;
  readonly include?: unknown;
}

function pageBehind(
  { real, own, marks }: OverOptions,
  { prefix, include, after }: { prefix: string; include: unknown; after: string | undefined },
): Promise<Merged<WireObject>> {
  const of = (from: OverOptions['real']) => async (behind: string | undefined) => {
    const { value } = await from('list', [{ prefix, include, ...(behind !== undefined && { startAfter: behind }) }]);
    const { objects, cursor } = value as WirePage;
    return { items: objects.map((item) => ({ key: item.key, item })), more: cursor !== undefined } satisfies Listed<WireObject>;
  };
  return merged({ real: of(real), own: of(own), marks, prefix, after, limit: Infinity });
}

/** What a key is one entry with, together with others; null where it is one of its own. */
function groupOf(key: string, prefix: string, delimiter: string): string | null {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at === -1 ? null : key.slice(0, at + delimiter.length);
}
