import { cursorText, readCursor } from '../../object-cursor.ts';
import { delimitedPrefixOf, withOnly } from '../../object-rules.ts';
import type { ListObjects, ObjectPage, StoredObject } from '../../objects.ts';
import type { Store } from '../../store.ts';
import { decodeEntry, decodeFacts } from './entry.ts';

/** A page of what lies below `root` in the store, which lists whatever there is in one step. */
export async function listObjects(store: Store, root: string, options: ListObjects): Promise<ObjectPage> {
  const { prefix, limit, startAfter, cursor, delimiter = '', include } = options;
  let last = readCursor(cursor, startAfter);
  const objects: StoredObject[] = [];
  const delimitedPrefixes: string[] = [];
  const after = last === null ? {} : { cursor: root + last.key };
  const { keys, metadata } = await store.list({ prefix: root + prefix, limit: Infinity, withMetadata: true, ...after });
  const missing: number[] = [];
  let next: string | undefined;
  for (const at of keys) {
    const key = at.slice(root.length);
    if (last?.whole === true && key.startsWith(last.key)) continue;
    if (objects.length + delimitedPrefixes.length === limit) {
      next = cursorText(last!);
      break;
    }
    const group = delimitedPrefixOf(key, prefix, delimiter);
    if (group === null) {
      const { object, whole } = decodeFacts(key, metadata!.get(at)!);
      if (!whole) missing.push(objects.length);
      objects.push(object);
    } else delimitedPrefixes.push(group);
    last = { key: group ?? key, whole: group !== null };
  }
  if (include.length > 0) {
    await Promise.all(
      missing.map(async (index) => {
        const { key } = objects[index]!;
        const entry = await store.get(root + key);
        // One that has gone since is still on this page.
        if (entry !== null) objects[index] = decodeEntry(key, entry).object;
      }),
    );
  }
  return { objects: objects.map((object) => withOnly(object, include)), delimitedPrefixes, ...(next !== undefined && { cursor: next }) };
}
