import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryFiles } from '../../host/platforms/node/memory-files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { resolveRange } from '../../host/stores/object-rules.ts';
import type { Objects, ObjectRange } from '../../host/stores/objects.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';
import { objectListsSuite } from './object-lists.ts';
import { objectQuotaSuite } from './object-quota.ts';

describe('objects in memory', () => {
  let sql: ReturnType<typeof openSql>;
  let objects: Objects;
  beforeEach(() => {
    sql = openSql(':memory:');
    objects = createSqlObjects({ sql, files: createMemoryFiles(), now: Date.now });
  });
  afterEach(() => sql.close());

  objectListsSuite(() => objects, { runs: 400 });
  objectQuotaSuite(() => objects, { runs: 100 });

  it('objects and uploads from before there were quotas are counted when they are opened', async () => {
    await objects.put('bucket/a/1', new Uint8Array(10));
    const upload = { key: 'bucket/a/2', id: await objects.createUpload('bucket/a/2', { httpMetadata: {}, customMetadata: {} }) };
    await objects.putPart(upload, { partNumber: 1, body: new Uint8Array(10) });
    const usage = () => sql.all('SELECT name, keys, bytes FROM object_usage');
    const before = usage();
    expect(before).toMatchObject([{ name: 'bucket/a/', keys: 3 }]);
    sql.run('DROP TABLE object_usage');
    createSqlObjects({ sql, files: createMemoryFiles(), now: Date.now });
    expect(usage()).toEqual(before);
  });
});

describe('ranges of objects', () => {
  it('have the bytes that a slice has, or none and are refused', () => {
    const bytes = Array.from({ length: 30 }, (_, index) => index);
    const number = fc.option(fc.nat(40), { nil: undefined });
    fc.assert(
      fc.property(fc.nat(30), number, number, number, (...[size, offset, length, suffix]) => {
        const object = bytes.slice(0, size);
        const range = (suffix === undefined ? { offset, length } : { suffix }) as ObjectRange;
        const wanted =
          suffix === undefined ? object.slice(offset ?? 0, (offset ?? 0) + (length ?? size)) : object.slice(Math.max(0, size - suffix));
        const cut = attempt(() => resolveRange(range, size));
        if (cut === null) expect(wanted).toEqual([]);
        else expect(object.slice(cut.offset, cut.offset + cut.length)).toEqual(wanted);
      }),
    );
  });

  it('in a header they have the bytes of RFC 9110, or are passed over', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.oneof(fc.tuple(fc.nat(40), fc.option(fc.nat(40))), fc.string()), (size, given) => {
        const header = typeof given === 'string' ? given : `bytes=${given[0]}-${given[1] ?? ''}`;
        const { offset, length } = resolveRange({ header }, size);
        expect(offset + length).toBeLessThanOrEqual(size);
        if (typeof given === 'string') return;
        const [first, last = Infinity] = [given[0], given[1] ?? undefined];
        const satisfiable = first < size && first <= last;
        expect({ offset, length }).toEqual(
          satisfiable ? { offset: first, length: Math.min(last, size - 1) - first + 1 } : { offset: 0, length: size },
        );
      }),
    );
  });
});

function attempt<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch {
    return null;
  }
}
