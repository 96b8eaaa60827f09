import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';
import { blobsSuite } from './blobs-suite.ts';
import { manualClock } from './clock.ts';
import { storeSuite } from './store-suite.ts';

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
      rmSync(directory, { recursive: true });
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
