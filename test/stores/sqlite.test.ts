import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';
import { blobsSuite } from './blobs-suite.ts';
import { manualClock } from './clock.ts';
import { storeSuite } from './store-suite.ts';
import { removeFolder } from '../remove-folder.ts';

storeSuite('sqlite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-store-'));
  const path = join(directory, 'state.db');
  const clock = manualClock();
  let sql = openSql(path);
  return {
    store: createSqlStore(sql, clock.now),
    clock,
    close() {
      sql.close();
      removeFolder(directory);
    },
    async reopen() {
      sql.close();
      sql = openSql(path);
      return createSqlStore(sql, clock.now);
    },
  };
});

blobsSuite('sqlite', async () => {
  const sql = openSql(':memory:');
  return { blobs: createSqlBlobs(sql), close: () => sql.close() };
});

describe('on SQLite', () => {
  it('a blob whose writing breaks off leaves the one before', async () => {
    const sql = openSql(':memory:');
    let writes = Infinity;
    const breaking = { ...sql, run: (...args: Parameters<typeof sql.run>) => (writes-- > 0 ? sql.run(...args) : fail()) };
    const blobs = createSqlBlobs(breaking);
    await blobs.put('a', Uint8Array.of(1));
    writes = 3;
    await expect(blobs.put('a', new Uint8Array(5_000_000))).rejects.toThrow('no space');
    writes = Infinity;
    expect([...(await blobs.get('a'))!]).toEqual([1]);
    sql.close();
  });

  it('a large value leaves nothing behind when it is overwritten, deleted or expired', async () => {
    const sql = openSql(':memory:');
    const clock = manualClock();
    const store = createSqlStore(sql, clock.now);
    const large = new Uint8Array(3_000_000);
    const parts = () => sql.all('SELECT DISTINCT key FROM entry_part').map(({ key }) => key);
    for (const key of ['over', 'deleted', 'expired']) await store.put(key, large, { ttl: 100 });
    expect(parts()).toEqual(['deleted', 'expired', 'over']);
    await store.put('over', Uint8Array.of(1));
    await store.delete('deleted');
    expect(parts()).toEqual(['expired']);
    clock.advance(100);
    await store.put('next', Uint8Array.of(1), { ttl: 100 });
    expect(parts()).toEqual([]);
    sql.close();
  });

  it('counts what an earlier release wrote, which did not', async () => {
    const sql = openSql(':memory:');
    const store = createSqlStore(sql, Date.now);
    await store.put('k/a/1', new Uint8Array(3_000_000), { metadata: 'ü' });
    await store.put('k/a/\0ü', Uint8Array.of(1));
    await store.put('k/b/1', Uint8Array.of(1));
    await store.delete('k/b/1');
    const usage = () => sql.all('SELECT * FROM entry_usage WHERE keys > 0').map((row) => ({ ...row }));
    const counted = usage();
    expect(counted).toEqual([{ name: 'k/a/', keys: 2, bytes: 3_000_000 + 2 + 5 + 1 + 7 }]);
    sql.run('ALTER TABLE entry DROP COLUMN size');
    sql.run('DROP TABLE entry_usage');
    createSqlStore(sql, Date.now);
    expect(usage()).toEqual(counted);
    sql.close();
  });

  it('opens the table of an earlier release, which had neither metadata nor parts', async () => {
    const sql = openSql(':memory:');
    sql.run('CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, revision INTEGER NOT NULL, expires INTEGER) WITHOUT ROWID');
    sql.run("INSERT INTO entry VALUES ('old', x'01', 7, NULL)");
    const store = createSqlStore(sql, Date.now);
    expect(await store.get('old')).toEqual({ value: Uint8Array.of(1), revision: 7 });
    await store.put('new', new Uint8Array(2_000_000), { metadata: 'm' });
    expect(await store.get('new')).toMatchObject({ metadata: 'm' });
    sql.close();
  });

  it('writes that come together lie in one transaction, in their order', async () => {
    const sql = openSql(':memory:');
    let transactions = 0;
    const store = createSqlStore({ ...sql, transaction: (body) => (transactions++, sql.transaction(body)) }, Date.now);
    const results = await Promise.all([
      store.put('a', Uint8Array.of(1), { ifRevision: 0 }),
      store.put('a', Uint8Array.of(2), { ifRevision: 0 }),
      store.delete('b'),
      store.put('b', Uint8Array.of(3)),
    ]);
    expect(results).toEqual([1, null, false, 2]);
    expect(transactions).toBe(1);
    expect((await store.get('a'))!.value).toEqual(Uint8Array.of(1));
    sql.close();
  });

  it('one of them that fails does so alone', async () => {
    const sql = openSql(':memory:');
    const breaking = { ...sql, run: (...args: Parameters<typeof sql.run>) => (args[1] === 'bad' ? fail() : sql.run(...args)) };
    const store = createSqlStore(breaking, Date.now);
    const results = await Promise.allSettled(['a', 'bad', 'c'].map((key) => store.put(key, Uint8Array.of(1))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.list({ prefix: '' })).keys).toEqual(['a', 'c']);
    sql.close();
  });

  it('stores of two tables share nothing but their revisions', async () => {
    const sql = openSql(':memory:');
    const [one, two] = [createSqlStore(sql, Date.now), createSqlStore(sql, Date.now, 'other')];
    const first = await one.put('a', Uint8Array.of(1));
    expect(await two.get('a')).toBeNull();
    expect(await two.put('a', Uint8Array.of(2), { ifRevision: 0 })).toBeGreaterThan(first!);
    expect((await one.get('a'))!.value).toEqual(Uint8Array.of(1));
    sql.close();
  });

  it('what has expired leaves the table when something else that expires is written', async () => {
    const sql = openSql(':memory:');
    const clock = manualClock();
    const store = createSqlStore(sql, clock.now);
    for (let index = 0; index < 10; index++) await store.put(`lock/${index}`, Uint8Array.of(1), { ttl: 100 });
    clock.advance(100);
    await store.put('lock/next', Uint8Array.of(1), { ttl: 100 });
    expect(sql.all('SELECT key FROM entry').map(({ key }) => key)).toEqual(['lock/next']);
    sql.close();
  });
});

function fail(): never {
  throw new Error('no space');
}
