import type { ShadowMark } from '../../registry/shadow-record.ts';
import { scratchName, scratchScope } from '../../scopes.ts';
import { keysIn } from '../../stores/keys.ts';
import type { Objects } from '../../stores/objects.ts';
import type { Store } from '../../stores/store.ts';
import type { Databases } from '../d1/databases.ts';
import type { QueryAnswer, QueryRequest } from '../d1/protocol.ts';
import { LISTED, quoted } from './d1.ts';
import { MARKS } from './marks.ts';
import { scratchStore } from './state.ts';

/** Where shadows write. */
export interface ScratchPlace {
  readonly store: Store;
  readonly databases: Databases;
  readonly objects?: Objects | undefined;
}

const PAGE = 500;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Removes what one side of a shadow has written. Of a database that was copied, an empty one is left. */
export async function clearScratch(mark: Pick<ShadowMark, 'function' | 'id' | 'side'>, place: ScratchPlace): Promise<void> {
  const { databases, objects } = place;
  const store = scratchStore(place.store, mark);
  const name = scratchName(mark);
  const copies = `${MARKS}${encodeURIComponent('d1/')}`;
  for (const key of await keysIn(store, copies)) {
    const scope = decodeURIComponent(key.slice(copies.length, key.indexOf('/', copies.length)));
    await emptied(databases.open(scratchScope(name, scope)));
  }
  if (objects !== undefined) await removeObjects(objects, scratchScope(name, ''));
  for (const key of await keysIn(store, '')) await store.delete(key);
}

async function emptied(database: ReturnType<Databases['open']>): Promise<void> {
  const ask = async (queries: QueryRequest['queries']) =>
    (JSON.parse(text.decode(await database.query(utf8.encode(JSON.stringify({ queries }))))) as QueryAnswer).results;
  const [found] = await ask([{ sql: LISTED, params: [] }]);
  const drops = found!.rows
    .filter(([type]) => type === 'view' || type === 'table')
    .map(([type, name]) => ({ sql: `DROP ${type === 'view' ? 'VIEW' : 'TABLE'} IF EXISTS ${quoted(String(name))}`, params: [] }));
  if (drops.length > 0) await ask([{ sql: 'PRAGMA defer_foreign_keys = on', params: [] }, ...drops]);
}

async function removeObjects(objects: Objects, prefix: string): Promise<void> {
  for (;;) {
    const page = await objects.list({ prefix, limit: PAGE, include: [] });
    if (page.objects.length === 0) return;
    await objects.delete(page.objects.map(({ key }) => key));
  }
}
