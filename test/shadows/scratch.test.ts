import { describe, expect, it } from 'vitest';
import { clearScratch } from '../../host/bindings/scratch/clear.ts';
import { onlyReads } from '../../host/bindings/scratch/d1.ts';
import { scratchName, scratchScope } from '../../host/scopes.ts';
import type { Store } from '../../host/stores/store.ts';
import type { D1Database } from '../../sdk/d1.ts';
import type { KVNamespace } from '../../sdk/kv.ts';
import type { R2Bucket } from '../../sdk/r2.ts';
import { bothOf, clientOf, MARK, stateOn } from './scratch.ts';

const kvPair = (state = stateOn()) => {
  const { real, scratch } = bothOf('kv', 'id/test', state);
  return { real: clientOf<KVNamespace>('kv', real), shadow: clientOf<KVNamespace>('kv', scratch) };
};
const r2Pair = (state = stateOn()) => {
  const { real, scratch } = bothOf('r2', 'bucket/test', state);
  return { real: clientOf<R2Bucket>('r2', real), shadow: clientOf<R2Bucket>('r2', scratch) };
};
const d1Pair = (state = stateOn()) => {
  const { real, scratch } = bothOf('d1', 'id/test', state);
  return { real: clientOf<D1Database>('d1', real), shadow: clientOf<D1Database>('d1', scratch) };
};

async function keysOf(store: Store): Promise<readonly string[]> {
  return (await store.list({ prefix: '' })).keys;
}

describe('KV of a shadow', () => {
  it('lists what is there and what it has written, page by page, without what it has deleted', async () => {
    const { real, shadow } = kvPair();
    for (let n = 0; n < 40; n++) await real.put(`k/${String(n).padStart(2, '0')}`, 'real');
    for (let n = 0; n < 40; n += 3) await shadow.delete(`k/${String(n).padStart(2, '0')}`);
    for (let n = 0; n < 40; n += 5) await shadow.put(`k/${String(n).padStart(2, '0')}x`, 'own');
    await shadow.put('k/01', 'own', { metadata: 'mine' });
    const expected = [...Array(40).keys()].flatMap((n) => {
      const key = `k/${String(n).padStart(2, '0')}`;
      return [...(n % 3 === 0 ? [] : [key]), ...(n % 5 === 0 ? [`${key}x`] : [])];
    });
    for (const limit of [1, 3, 7, 1000]) {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await shadow.list({ prefix: 'k/', limit, ...(cursor !== undefined && { cursor }) });
        expect(page.keys.length).toBeLessThanOrEqual(limit);
        found.push(...page.keys.map(({ name }) => name));
        cursor = page.list_complete ? undefined : page.cursor;
      } while (cursor !== undefined);
      expect(found).toEqual(expected);
    }
    expect((await shadow.list({ prefix: 'k/01' })).keys).toMatchObject([{ name: 'k/01', metadata: 'mine' }]);
    expect(await real.get('k/01')).toBe('real');
    expect((await real.list({ prefix: 'k/' })).keys).toHaveLength(40);
  });

  it('counts on from what is there, and compares revisions with it', async () => {
    const { real, shadow } = kvPair();
    await real.put('n', '40');
    expect(await shadow.increment('n', 2)).toBe(42);
    expect(await shadow.increment('n', 1)).toBe(43);
    expect(await real.get('n')).toBe('40');
    await real.put('r', 'a');
    const revision = (await real.getWithRevision('r')).revision!;
    await expect(shadow.put('r', 'b', { ifRevision: revision + 1 })).rejects.toMatchObject({ code: 'conflict' });
    await expect(shadow.put('r', 'b', { ifRevision: 0 })).rejects.toMatchObject({ code: 'conflict' });
    await shadow.put('r', 'b', { ifRevision: revision });
    expect([await shadow.get('r'), await real.get('r')]).toEqual(['b', 'a']);
  });

  it('what it has written does not come back as the real one when it has expired', async () => {
    let time = Date.now();
    const { scratch, real } = bothOf(
      'kv',
      'id/test',
      stateOn(() => time),
    );
    const [shadow, live] = [clientOf<KVNamespace>('kv', scratch, () => time), clientOf<KVNamespace>('kv', real, () => time)];
    await live.put('a', 'real');
    await shadow.put('a', 'own', { expirationTtl: 60 });
    time += 61_000;
    expect([await shadow.get('a'), await live.get('a')]).toEqual([null, 'real']);
  });
});

describe('R2 of a shadow', () => {
  it('lists with a delimiter what is there and what it has written', async () => {
    const { real, shadow } = r2Pair();
    for (const key of ['a/1', 'a/2', 'b', 'c/1', 'd']) await real.put(key, 'real');
    await shadow.delete(['a/1', 'a/2', 'd']);
    await shadow.put('c/2', 'own');
    await shadow.put('e/1', 'own');
    const found = await shadow.list({ delimiter: '/' });
    expect([found.objects.map(({ key }) => key), found.delimitedPrefixes]).toEqual([['b'], ['c/', 'e/']]);
    const keys: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await shadow.list({ delimiter: '/', limit: 1, ...(cursor !== undefined && { cursor }) });
      keys.push(...page.objects.map(({ key }) => key), ...page.delimitedPrefixes);
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
    expect(keys).toEqual(['b', 'c/', 'e/']);
    expect((await real.list()).objects.map(({ key }) => key)).toEqual(['a/1', 'a/2', 'b', 'c/1', 'd']);
  });
});

describe('D1 of a shadow', () => {
  it('is the real database until its first write, and a copy with all that is in it then', async () => {
    const { real, shadow } = d1Pair();
    await real.exec('CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, more BLOB); CREATE TABLE c (p INTEGER REFERENCES p (id), n REAL)');
    await real.exec(
      'CREATE INDEX i ON p (name); CREATE VIEW v AS SELECT name FROM p; CREATE TRIGGER t AFTER INSERT ON c BEGIN UPDATE p SET name = name || 1; END',
    );
    for (let n = 0; n < 250; n++)
      await real
        .prepare('INSERT INTO p (name, more) VALUES (?, ?)')
        .bind(`n${n}`, new Uint8Array([n, 0]))
        .run();
    await real.prepare('INSERT INTO c VALUES (1, 1.5)').run();
    const all = async (database: D1Database, sql: string) => (await database.prepare(sql).all()).results;
    expect(await all(shadow, 'SELECT count(*) AS n FROM p')).toEqual([{ n: 250 }]);
    await real.prepare("INSERT INTO p (name) VALUES ('late')").run();
    expect(await all(shadow, 'SELECT count(*) AS n FROM v')).toEqual([{ n: 251 }]);
    await shadow.prepare("UPDATE p SET name = 'own' WHERE id = 1").run();
    for (const table of ['p', 'c', 'v']) {
      const sql = `SELECT * FROM ${table} WHERE rowid > 1 OR true`;
      if (table !== 'v') expect((await all(shadow, sql)).length).toBe((await all(real, sql)).length);
    }
    expect(await all(shadow, 'SELECT id, hex(more) AS more FROM p WHERE id = 7')).toEqual(
      await all(real, 'SELECT id, hex(more) AS more FROM p WHERE id = 7'),
    );
    await shadow.prepare('INSERT INTO c VALUES (2, 2.5)').run();
    expect(await all(real, 'SELECT count(*) AS n FROM c')).toEqual([{ n: 1 }]);
    expect(
      await all(shadow, "SELECT name FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name"),
    ).toEqual([{ name: 'i' }, { name: 't' }]);
  });

  it('that cannot be copied refuses writes, and says why', async () => {
    const { real, shadow } = d1Pair();
    await real.exec('CREATE VIRTUAL TABLE f USING fts5(text)');
    await expect(shadow.prepare("INSERT INTO f VALUES ('a')").run()).rejects.toThrow('this one cannot be copied: it has virtual tables');
    expect((await real.prepare('SELECT count(*) AS n FROM f').all()).results).toEqual([{ n: 0 }]);
  });

  it.for([
    ['SELECT 1', true],
    ['select * from t; VALUES (1)', true],
    ['WITH a AS (SELECT 1) SELECT * FROM a', true],
    ['/* SELECT */ EXPLAIN QUERY PLAN SELECT 1', true],
    ['WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a', false],
    ['SELECT 1; DELETE FROM t', false],
    ['PRAGMA user_version = 3', false],
    ['CREATE TABLE t (a)', false],
    ['REPLACE INTO t VALUES (1)', false],
    ['', true],
  ] as const)('knows what only reads: %s', ([sql, wanted]) => {
    expect(onlyReads(new TextEncoder().encode(JSON.stringify({ queries: [{ sql, params: [] }] })))).toBe(wanted);
    expect(onlyReads(new TextEncoder().encode('no'))).toBe(false);
  });
});

describe('what a shadow has written', () => {
  it('is removed, and nothing else', async () => {
    const state = stateOn();
    const [kv, r2, d1] = [kvPair(state), r2Pair(state), d1Pair(state)];
    await kv.real.put('a', 'real');
    await r2.real.put('a', 'real');
    await d1.real.exec('CREATE TABLE t (a)');
    const before = await keysOf(state.store);
    await kv.shadow.put('b', 'own');
    await kv.shadow.delete('a');
    await r2.shadow.put('b', 'own');
    await d1.shadow.exec('INSERT INTO t VALUES (1)');
    expect((await keysOf(state.store)).length).toBeGreaterThan(before.length);
    const place = { store: state.store, databases: state.databases, objects: state.objects };
    await clearScratch({ ...MARK, id: 2 }, place);
    expect(await kv.shadow.get('b')).toBe('own');
    await clearScratch(MARK, place);
    expect(await keysOf(state.store)).toEqual(before);
    expect((await state.objects!.list({ prefix: '', limit: 10, include: [] })).objects.map(({ key }) => key)).toEqual(['bucket/test/a']);
    const copy = clientOf<D1Database>('d1', bothOf('d1', scratchScope(scratchName(MARK), 'id/test'), state).real);
    expect((await copy.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'").all()).results).toEqual([{ n: 0 }]);
    expect((await d1.real.prepare('SELECT count(*) AS n FROM t').all()).results).toEqual([{ n: 0 }]);
  });
});
