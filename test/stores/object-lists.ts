import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ListObjects, Objects } from '../../host/stores/objects.ts';

const utf8 = new TextEncoder();

/** Few letters, so that keys share beginnings; among them those that sort otherwise as UTF-16, and what patterns give a meaning. */
const letter = fc.constantFrom('a', 'b', '/', '%', '_', '\0', 'ü', '\ud7ff', '\uffff', '\u{10000}', '\u{10ffff}');
const key = fc.array(letter, { maxLength: 6 }).map((letters) => letters.join(''));

/** Lists are compared with a plain filter, whatever the keys. */
export function objectListsSuite(opened: () => Objects, { runs }: { runs: number }): void {
  it('page by page they are what a plain filter gives, whatever the keys', async () => {
    const options = fc.record({
      prefix: key,
      limit: fc.integer({ min: 1, max: 8 }),
      delimiter: fc.oneof(
        fc.constant(''),
        fc.constant('/'),
        fc.array(letter, { minLength: 1, maxLength: 2 }).map((letters) => letters.join('')),
      ),
      startAfter: fc.option(key, { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 25 }), options, async (keys, { startAfter, ...asked }) => {
        const objects = opened();
        for (const each of keys) await objects.put(each, new Uint8Array());
        const list = { ...asked, include: [], ...(startAfter !== undefined && { startAfter }) };
        expect(await pages(objects, list)).toEqual(expected(keys, list));
        await objects.delete(keys);
      }),
      { numRuns: runs },
    );
  });

  it('a cursor of whatever text gives a page, or is refused', async () => {
    const objects = opened();
    for (const each of ['a', 'b', 'p/a']) await objects.put(each, new Uint8Array());
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.string().map((text) => btoa(`k${encodeURIComponent(text)}`)),
        ),
        async (cursor) => {
          const page = await objects.list({ prefix: 'p/', limit: 5, cursor, include: [] }).catch((error: { code: number }) => error);
          if ('objects' in page) expect(page.objects.every((object) => object.key.startsWith('p/'))).toBe(true);
          else expect(page.code).toBe(10029);
        },
      ),
    );
  });
}

async function pages(objects: Objects, options: ListObjects): Promise<string[][]> {
  const all: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await objects.list({ ...options, ...(cursor !== undefined && { cursor }) });
    all.push(
      [...page.objects.map((object) => `key ${object.key}`), ...page.delimitedPrefixes.map((prefix) => `prefix ${prefix}`)].toSorted(
        byBytes,
      ),
    );
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

function expected(keys: readonly string[], { prefix, limit, delimiter = '', startAfter }: ListObjects): string[][] {
  const within = keys
    .toSorted(byBytes)
    .filter((each) => each.startsWith(prefix) && (startAfter === undefined || byBytes(each, startAfter) > 0));
  const entries = within.map((each) => {
    const at = delimiter === '' ? -1 : each.indexOf(delimiter, prefix.length);
    return at === -1 ? `key ${each}` : `prefix ${each.slice(0, at + delimiter.length)}`;
  });
  const once = [...new Set(entries)];
  const all: string[][] = [];
  for (let at = 0; at === 0 || at < once.length; at += limit) all.push(once.slice(at, at + limit).toSorted(byBytes));
  return all;
}

function byBytes(one: string, other: string): number {
  const [left, right] = [utf8.encode(one), utf8.encode(other)];
  for (let index = 0; index < Math.min(left.length, right.length); index++)
    if (left[index] !== right[index]) return left[index]! - right[index]!;
  return left.length - right.length;
}
