import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { tag, tagged, type TestD1 } from './d1.ts';
import type { It } from './d1-suite.ts';

/** How values go into a database and come back. */
export function d1ValuesSuite(it: It, d1: () => TestD1): void {
  describe('values', () => {
    it('are bound by position, whatever the parameters are called', async () => {
      const bound = async (sql: string, ...params: unknown[]) => Object.values((await d1().rows(sql, ...params))[0]!);
      expect(await bound('SELECT ? AS a, ? AS b', 1, 2)).toEqual([1, 2]);
      expect(await bound('SELECT ?2 AS a, ?1 AS b', 1, 2)).toEqual([2, 1]);
      expect(await bound('SELECT :a, @b, $c, ?', 1, 2, 3, 4)).toEqual([1, 2, 3, 4]);
      expect(await bound('SELECT :a AS x, :a AS y, :b AS z', 1, 2)).toEqual([1, 1, 2]);
      expect(await bound('SELECT ?3 AS a, ? AS b', 1, 2, 3, 4)).toEqual([3, 4]);
      expect(await bound('SELECT \'?\' AS "?", ? AS [a?], 1 /* ? */ AS `?2` -- ?', 5)).toEqual(['?', 5, 1]);
    });

    it('must be as many as there are parameters', async () => {
      for (const [sql, ...params] of [['SELECT ?, ?', 1], ['SELECT ?', 1, 2], ['SELECT 1', 1], ['SELECT ?2', 1], ['SELECT ?']] as const)
        await expect(d1().all(sql, ...params), sql).rejects.toMatchObject({
          message: 'D1_ERROR: Wrong number of parameter bindings for SQL query.',
        });
    });

    it('have the types that D1 gives them', async () => {
      const typeOf = (value: unknown) => d1().value('SELECT typeof(?)', value);
      expect(await Promise.all([1, 1.5, 'x', null, true, [1], tag({ t: 'buffer', v: [] })].map(typeOf))).toEqual([
        'real',
        'real',
        'text',
        'null',
        'real',
        'blob',
        'blob',
      ]);
      await d1().exec('CREATE TABLE typed (i INTEGER, t TEXT, r REAL, b BLOB)');
      await d1().run('INSERT INTO typed VALUES (?, ?, ?, ?)', 1, 'x', 1, [1]);
      expect(await d1().rows('SELECT typeof(i) AS i, typeof(t) AS t, typeof(r) AS r, typeof(b) AS b FROM typed')).toEqual([
        { i: 'integer', t: 'text', r: 'real', b: 'blob' },
      ]);
    });

    it('booleans are 1 and 0', async () => {
      expect([await d1().value('SELECT ?', true), await d1().value('SELECT ?', false)]).toEqual([1, 0]);
    });

    it('bytes come back as a list of numbers', async () => {
      for (const value of [[1, 0, 255], tag({ t: 'buffer', v: [1, 0, 255] }), tag({ t: 'view', v: [1, 0, 255] })])
        expect(await d1().value('SELECT ?', value)).toEqual([1, 0, 255]);
      expect(await d1().value('SELECT ?', tag({ t: 'words', v: [1, 300] }))).toEqual([1, 44]);
      expect(await d1().value("SELECT x'0102'")).toEqual([1, 2]);
      expect(await d1().value('SELECT ?', [])).toEqual([]);
    });

    it('numbers beyond 2^53 are not exact, and what is not finite is null', async () => {
      expect(await d1().value('SELECT 9007199254740993')).toBe(9007199254740992);
      expect(await d1().value('SELECT 9223372036854775807')).toBe(2 ** 63);
      expect(await d1().value('SELECT 1e400')).toBeNull();
      expect(await d1().value('SELECT ?', tag({ t: 'nan' }))).toBeNull();
    });

    it('text may hold NUL, and half characters are replaced', async () => {
      expect(await d1().value('SELECT ?', 'a\0b')).toBe('a\0b');
      expect(await d1().value('SELECT ?', '\ufeffa')).toBe('\ufeffa');
      expect(await d1().value('SELECT ?', '\ud800')).toMatch(/^\ufffd+$/);
    });

    it('of any kind come back as they were', async () => {
      const value = fc.oneof(
        fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.maxSafeInteger(),
        fc.constant(null),
        fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }),
      );
      const rows = fc.sample(fc.array(value, { minLength: 1, maxLength: 8 }), { numRuns: 60, seed: 4 });
      await d1().exec('CREATE TABLE any_value (id INTEGER PRIMARY KEY, a, b, c, d, e, f, g, h)');
      const columns = Array.from('abcdefgh');
      const orders = rows.flatMap((row) => [
        {
          method: 'run' as const,
          sql: `INSERT INTO any_value (${columns.slice(0, row.length).join(', ')}) VALUES (${row.map(() => '?').join(', ')})`,
          params: row.map(tagged),
        },
        { method: 'raw' as const, sql: `SELECT ${row.map(() => '?').join(', ')}`, params: row.map(tagged) },
      ]);
      const outcomes = await d1().outcomes(orders);
      const zeroed = (row: readonly unknown[]) => row.map((each) => (Object.is(each, -0) ? 0 : each));
      expect(outcomes.filter((_outcome, index) => index % 2 === 1)).toEqual(rows.map((row) => ({ value: [zeroed(row)] })));
      const stored = (await d1().raw('SELECT a, b, c, d, e, f, g, h FROM any_value ORDER BY id')) as unknown[][];
      expect(stored).toEqual(rows.map((row) => zeroed([...row, ...Array<null>(8 - row.length).fill(null)])));
    });
  });
}
