import { describe, expect, it } from 'vitest';
import { adminOnMemory, ORIGIN } from './admin.ts';

describe('databases', () => {
  it("run queries in one transaction, on a function's own and on one with an id", async () => {
    const { client } = adminOnMemory();
    const own = { function: 'shop', binding: 'DB' };
    const [made, rows] = await client.query(own, [
      { sql: 'CREATE TABLE t (a, b)' },
      { sql: 'INSERT INTO t VALUES (?, ?), (NULL, 2) RETURNING a, b', params: ['x', [1, 255]] },
    ]);
    expect(made).toMatchObject({ columns: [], rows: [], meta: { changed_db: true } });
    expect(rows).toMatchObject({
      columns: ['a', 'b'],
      rows: [
        ['x', [1, 255]],
        [null, 2],
      ],
      meta: { changes: 2 },
    });
    await expect(client.query({ id: 'a/b ü' }, [{ sql: 'SELECT * FROM t' }])).rejects.toMatchObject({
      code: 'sql-failed',
      message: 'no such table: t: SQLITE_ERROR',
    });
    await client.query({ id: 'a/b ü' }, [{ sql: 'CREATE TABLE t (a)' }]);
    expect((await client.query({ id: 'a/b ü' }, [{ sql: 'SELECT * FROM t' }]))[0]!.rows).toEqual([]);
  });

  it('undo all where one fails', async () => {
    const { client } = adminOnMemory();
    await expect(client.query({ id: '1' }, [{ sql: 'CREATE TABLE t (a)' }, { sql: 'SELECT nope' }])).rejects.toMatchObject({
      code: 'sql-failed',
    });
    expect((await client.query({ id: '1' }, [{ sql: 'SELECT name FROM sqlite_schema' }]))[0]!.rows).toEqual([]);
  });

  it('refuse what functions may not do, and what is no query', async () => {
    const { client } = adminOnMemory();
    await expect(client.query({ id: '1' }, [{ sql: "ATTACH '/tmp/x' AS x" }])).rejects.toMatchObject({
      message: 'not authorized: SQLITE_AUTH',
    });
    await expect(client.query({ function: 'No Name', binding: 'DB' }, [{ sql: 'SELECT 1' }])).rejects.toMatchObject({
      code: 'name-invalid',
    });
    await expect(client.query({ function: 'shop', binding: 'a/b' }, [{ sql: 'SELECT 1' }])).rejects.toMatchObject({ code: 'bad-request' });
    await expect(client.query({ id: 'x'.repeat(129) }, [{ sql: 'SELECT 1' }])).rejects.toMatchObject({ code: 'bad-request' });
    await expect(client.query({ id: '1' }, [])).rejects.toMatchObject({ code: 'bad-request' });
    await expect(client.query({ id: '1' }, [{ sql: 'SELECT ?', params: [{}] as never }])).rejects.toMatchObject({ code: 'bad-request' });
    await expect(client.query({ id: '1' }, [{ sql: ' ' }])).rejects.toMatchObject({ message: 'No SQL statements detected.' });
  });

  it('are closed without the token', async () => {
    const { app } = adminOnMemory({ address: '192.0.2.1' });
    const init = { method: 'POST', body: '{"queries":[{"sql":"SELECT 1"}]}', headers: { 'content-type': 'application/json' } };
    for (const path of ['/databases/1/query', '/functions/shop/databases/DB/query'])
      expect((await app.fetch(new Request(`${ORIGIN}/_brink${path}`, init))).status).toBe(401);
  });
});
