import { afterAll, beforeAll, describe, expect, it as run } from 'vitest';
import type { Outcome } from './d1-function.ts';
import { tag, type TestD1 } from './d1.ts';
import { d1SqlSuite } from './d1-sql.ts';
import { d1ValuesSuite } from './d1-values.ts';

export interface D1SuiteOptions {
  readonly open: () => Promise<{ readonly d1: TestD1; close(): void | Promise<void> }>;
  /** Tests that this one is known to fail, and why. One that passes all the same fails the suite. */
  readonly deviations?: Readonly<Record<string, string>>;
  /** Whether rows are counted as SQLite counts them, and messages say at which place of the SQL something is wrong. */
  readonly exact?: boolean;
}

export type It = (name: string, test: () => Promise<void>) => void;

/** What a D1 database promises. */
export function d1Suite(name: string, { open, deviations = {}, exact = false }: D1SuiteOptions): void {
  describe(`D1: ${name}`, () => {
    let opened: Awaited<ReturnType<D1SuiteOptions['open']>>;
    let d1: TestD1;
    beforeAll(async () => {
      opened = await open();
      d1 = opened.d1;
    });
    afterAll(() => opened.close());
    const it: It = (title, test) => {
      const reason = deviations[title];
      if (reason === undefined) run(title, test, 30_000);
      else run.fails(`${title} (differs: ${reason})`, test, 15_000);
    };

    it('begins empty', async () => {
      expect(await d1.raw(String.raw`SELECT name FROM sqlite_schema WHERE name NOT LIKE '\_cf\_%' ESCAPE '\'`)).toEqual([]);
    });

    describe('statements', () => {
      it('give rows as objects, and what was counted', async () => {
        await d1.exec("CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT)\nINSERT INTO pet (name) VALUES ('Ada'), ('Bo')");
        const { success, results, meta } = await d1.all('SELECT * FROM pet WHERE name <> ? ORDER BY id', 'Cy');
        expect({ success, results }).toEqual({
          success: true,
          results: [
            { id: 1, name: 'Ada' },
            { id: 2, name: 'Bo' },
          ],
        });
        expect(meta).toMatchObject({ changes: 0, changed_db: false, last_row_id: 2, rows_written: 0, served_by_primary: true });
        expect(meta.rows_read).toBe(2);
        expect(meta.size_after).toBeGreaterThan(0);
        expect(meta.duration).toBeGreaterThanOrEqual(0);
        expect(meta.timings.sql_duration_ms).toBe(meta.duration);
        expect(meta.served_by).toEqual(expect.any(String));
      });

      it('that write say how many rows changed, and the id of the last one', async () => {
        await d1.exec('CREATE TABLE written (id INTEGER PRIMARY KEY, n INTEGER)');
        const inserted = await d1.run('INSERT INTO written (n) VALUES (?), (?), (?)', 1, 2, 3);
        expect(inserted).toMatchObject({
          success: true,
          results: [],
          meta: { changes: 3, last_row_id: 3, changed_db: true, rows_written: 3 },
        });
        const updated = await d1.run('UPDATE written SET n = n + 1 WHERE n > 1');
        expect(updated.meta).toMatchObject({ changes: 2, changed_db: true, last_row_id: 3 });
        const nothing = await d1.run('DELETE FROM written WHERE n > 100');
        expect(nothing.meta).toMatchObject({ changes: 0, changed_db: false, rows_written: 0 });
        expect((await d1.run('DELETE FROM written')).meta.changes).toBe(3);
      });

      it('with RETURNING give rows, from run() as from all()', async () => {
        await d1.exec('CREATE TABLE returned (id INTEGER PRIMARY KEY, n)');
        expect((await d1.run('INSERT INTO returned (n) VALUES (7) RETURNING *')).results).toEqual([{ id: 1, n: 7 }]);
        expect((await d1.all('UPDATE returned SET n = 8 RETURNING n')).results).toEqual([{ n: 8 }]);
      });

      it('first() gives the first row or a value of it, and null where there is none', async () => {
        const two = 'SELECT 1 AS a, NULL AS b UNION ALL SELECT 3, 4';
        expect(await d1.first(two)).toEqual({ a: 1, b: null });
        expect(await d1.first(two, 'a')).toBe(1);
        expect(await d1.first(two, 'b')).toBeNull();
        expect(await d1.first('SELECT 1 AS a WHERE 0')).toBeNull();
        expect(await d1.first('SELECT 1 AS a WHERE 0', 'z')).toBeNull();
        await expect(d1.first(two, 'z')).rejects.toMatchObject({
          message: 'D1_COLUMN_NOTFOUND: Column not found (z)',
          cause: 'Column not found',
        });
      });

      it('raw() gives lists, with the columns first where they are asked for', async () => {
        const sql = 'SELECT 1 AS a, 2 AS a UNION ALL SELECT 3, 4';
        expect(await d1.raw(sql)).toEqual([
          [1, 2],
          [3, 4],
        ]);
        expect(await d1.raw(sql, { columnNames: true })).toEqual([
          ['a', 'a'],
          [1, 2],
          [3, 4],
        ]);
        expect(await d1.raw('SELECT 1 AS a WHERE 0', { columnNames: true })).toEqual([['a']]);
        expect(await d1.raw('SELECT 1 AS a WHERE 0', {})).toEqual([]);
      });

      it('of two columns with one name, the last is there', async () => {
        expect(await d1.rows('SELECT 1 AS a, 2 AS a')).toEqual([{ a: 2 }]);
      });

      it('several in one text are all run, and the last gives the result', async () => {
        await d1.exec('CREATE TABLE several (n)');
        expect(
          await d1.rows('INSERT INTO several VALUES (1); INSERT INTO several VALUES (2); SELECT n FROM several WHERE n > ?;', 1),
        ).toEqual([{ n: 2 }]);
        await expect(d1.rows('SELECT ?; SELECT 1', 1)).rejects.toThrow(
          'When executing multiple SQL statements in a single call, only the last statement can have parameters.',
        );
      });

      it('that are none are refused', async () => {
        for (const sql of ['', '  ', '\n  -- nothing', '\t-- a\n  -- b'])
          await expect(d1.all(sql)).rejects.toMatchObject({ message: 'D1_ERROR: No SQL statements detected.' });
        for (const sql of [';', '-- nothing', '/* nothing */', 'SELECT 1;;', 'SELECT 1; -- more', 'SELECT 1\0, 2'])
          await expect(d1.all(sql)).rejects.toMatchObject({ message: 'D1_ERROR: SQL code did not contain a statement.' });
        for (const sql of [1, null, undefined, {}, []]) await expect(d1.all(sql)).rejects.toThrow(/^D1_ERROR: /);
      });

      it('fail in the words of SQLite', async () => {
        await d1.exec('CREATE TABLE strict_one (a UNIQUE, b NOT NULL, c CHECK (c > 0))\nINSERT INTO strict_one VALUES (1, 1, 1)');
        const failures = [
          ['SELEC 1', 'near "SELEC": syntax error', 'SQLITE_ERROR'],
          ['SELECT nope', 'no such column: nope', 'SQLITE_ERROR'],
          ['SELECT * FROM nope', 'no such table: nope', 'SQLITE_ERROR'],
          ["SELECT '", 'unrecognized token: "\'"', 'SQLITE_ERROR'],
          ['INSERT INTO strict_one VALUES (1, 2, 3)', 'UNIQUE constraint failed: strict_one.a', extended('UNIQUE')],
          ['INSERT INTO strict_one (a) VALUES (2)', 'NOT NULL constraint failed: strict_one.b', extended('NOTNULL')],
          ['INSERT INTO strict_one VALUES (2, 2, 0)', 'CHECK constraint failed: c > 0', extended('CHECK')],
        ] as const;
        for (const [sql, what, code] of failures) {
          const at = exact && /syntax|column|token/.test(what) ? ` at offset ${sql === 'SELEC 1' ? 0 : 7}` : '';
          const message = `${what}${at}: ${code}`;
          await expect(d1.all(sql), sql).rejects.toMatchObject({ name: 'Error', message: `D1_ERROR: ${message}`, cause: message });
        }
      });

      it('keep foreign keys', async () => {
        await d1.exec('CREATE TABLE parent (id INTEGER PRIMARY KEY)\nCREATE TABLE child (parent REFERENCES parent (id) ON DELETE CASCADE)');
        await expect(d1.run('INSERT INTO child VALUES (1)')).rejects.toThrow(`FOREIGN KEY constraint failed: ${extended('FOREIGNKEY')}`);
        await d1.batch(['PRAGMA defer_foreign_keys = on'], ['INSERT INTO child VALUES (1)'], ['INSERT INTO parent VALUES (1)']);
        await d1.run('DELETE FROM parent');
        expect(await d1.rows('SELECT * FROM child')).toEqual([]);
      });
    });

    describe('batch()', () => {
      it('gives a result for each, in one transaction', async () => {
        await d1.exec('CREATE TABLE batched (n UNIQUE)');
        const results = await d1.batch(
          ['INSERT INTO batched VALUES (?)', 1],
          ['SELECT * FROM batched'],
          ['INSERT INTO batched VALUES (2)'],
        );
        expect(results.map(({ results: rows, meta }) => [rows, meta.changes])).toEqual([
          [[], 1],
          [[{ n: 1 }], 0],
          [[], 1],
        ]);
      });

      it('writes nothing where one fails', async () => {
        await d1.exec('CREATE TABLE undone (n UNIQUE)\nINSERT INTO undone VALUES (1)');
        await expect(d1.batch(['INSERT INTO undone VALUES (2)'], ['INSERT INTO undone VALUES (1)'])).rejects.toThrow(
          'D1_ERROR: UNIQUE constraint failed: undone.n',
        );
        await expect(d1.batch(['CREATE TABLE undone_too (a)'], ['SELECT nope'])).rejects.toThrow('no such column: nope');
        expect(await d1.raw("SELECT n FROM undone UNION ALL SELECT name FROM sqlite_schema WHERE name = 'undone_too'")).toEqual([[1]]);
      });

      it('of nothing is refused', async () => {
        await expect(d1.batch()).rejects.toMatchObject({ message: 'D1_ERROR: No SQL statements detected.' });
      });
    });

    describe('exec()', () => {
      it('runs each line, and counts them', async () => {
        const { count, duration } = await d1.exec(
          'CREATE TABLE lined (n)\n\n  -- a remark\nINSERT INTO lined VALUES (1); INSERT INTO lined VALUES (2)\n',
        );
        expect([count, duration >= 0]).toEqual([2, true]);
        expect(await d1.value('SELECT count(*) FROM lined')).toBe(2);
      });

      it('fails as a whole, with the first line in its message', async () => {
        const failure = d1.exec('CREATE TABLE whole (n)\nSELECT nope');
        await expect(failure).rejects.toMatchObject({
          message: expect.stringMatching(
            /^D1_EXEC_ERROR: Error in line 1: CREATE TABLE whole \(n\): no such column: nope.*: SQLITE_ERROR$/,
          ) as string,
          cause: expect.stringMatching(/^Error in line 1: CREATE TABLE whole/) as string,
        });
        await expect(d1.rows('SELECT * FROM whole')).rejects.toThrow('no such table: whole');
        await expect(d1.exec('CREATE TABLE two_lines (a,\n b)')).rejects.toThrow('incomplete input');
        await expect(d1.exec('')).rejects.toThrow('D1_EXEC_ERROR: Error in line 1: : No SQL statements detected.');
      });
    });

    it('dump() is refused', async () => {
      await expect(d1.dump()).rejects.toThrow(/^D1_DUMP_ERROR: /);
    });

    describe('withSession()', () => {
      const write = { method: 'run', sql: 'INSERT INTO sessions VALUES (1)' } as const;
      const count = { method: 'first', sql: 'SELECT count(*) AS n FROM sessions', column: 'n' } as const;

      it('reads what was written, and has a bookmark that grows', async () => {
        await d1.exec('CREATE TABLE sessions (n)');
        for (const start of ['first-primary', 'first-unconstrained', '', null]) {
          const [before, ...steps] = (await d1.session(start, [write, count])) as [null, ...[Outcome, string][]];
          expect(before).toBeNull();
          const bookmarks = steps.map(([, bookmark]) => bookmark);
          expect(bookmarks).toEqual([expect.any(String), expect.any(String)]);
          expect(bookmarks.toSorted()).toEqual(bookmarks);
        }
        const [first, [counted]] = (await d1.session('first-primary', [count])) as [null, [Outcome, string]];
        expect([first, counted]).toEqual([null, { value: 4 }]);
      });

      it('goes on from a bookmark', async () => {
        await d1.exec('CREATE TABLE IF NOT EXISTS sessions (n)');
        const [, [, bookmark]] = (await d1.session('first-primary', [write])) as [null, [Outcome, string]];
        const [start, [, next]] = (await d1.session(bookmark, [count])) as [string, [Outcome, string]];
        expect(start).toBe(bookmark);
        expect(next >= start).toBe(true);
      });
    });

    d1ValuesSuite(it, () => d1);
    d1SqlSuite(it, () => d1, exact);

    it('values that cannot be bound are refused before anything is sent', async () => {
      const refused = [
        [undefined, "Type 'undefined' not supported for value 'undefined'"],
        [1n, "Type 'bigint' not supported for value '1'"],
        [{ a: 1 }, "Type 'object' not supported for value '[object Object]'"],
        [[1, 256], "Type 'object' not supported for value '1,256'"],
        [['a'], "Type 'object' not supported for value 'a'"],
        [tag({ t: 'function' }), /^Type 'function' not supported for value '/],
        [tag({ t: 'date' }), /^Type 'object' not supported for value 'Thu Jan 01 1970/],
      ] as const;
      for (const [value, why] of refused) {
        const cause = typeof why === 'string' ? why : (expect.stringMatching(why) as string);
        await expect(d1.all('SELECT ?', value), String(why)).rejects.toMatchObject({
          message: expect.stringContaining('D1_TYPE_ERROR: Type ') as string,
          cause,
        });
      }
      await expect(d1.all('SELECT ?', tag({ t: 'symbol' }))).rejects.toThrow(/D1_TYPE_ERROR|Cannot convert a Symbol value/);
    });
  });
}

function extended(constraint: string): string {
  return `SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_${constraint})`;
}
