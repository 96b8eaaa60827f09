import { describe, expect } from 'vitest';
import type { TestD1 } from './d1.ts';
import type { It } from './d1-suite.ts';

/** What SQL may do and what not: the same everywhere, since a function that passes here has to pass there. */
export function d1SqlSuite(it: It, d1: () => TestD1, exact: boolean): void {
  const refused = (sql: string, message: string | RegExp) =>
    expect(d1().all(sql), sql.slice(0, 60)).rejects.toMatchObject({
      message: typeof message === 'string' ? `D1_ERROR: ${message}` : (expect.stringMatching(message) as string),
    });

  describe('SQL', () => {
    it('has full-text search, R*Trees, JSON, windows, recursion, triggers, views and generated columns', async () => {
      await d1().exec(
        [
          'CREATE VIRTUAL TABLE doc USING fts5 (body)',
          "INSERT INTO doc VALUES ('a quick fox'), ('a slow snail')",
          'CREATE VIRTUAL TABLE box USING rtree (id, x0, x1)',
          'INSERT INTO box VALUES (1, 0, 10), (2, 20, 30)',
          'CREATE TABLE item (id INTEGER PRIMARY KEY, n INTEGER, twice AS (n * 2))',
          'CREATE TABLE audit (n)',
          'CREATE TRIGGER audited AFTER INSERT ON item BEGIN INSERT INTO audit VALUES (new.n); END',
          'CREATE VIEW large AS SELECT * FROM item WHERE n > 1',
          'CREATE INDEX item_n ON item (n)',
          'INSERT INTO item (n) VALUES (1), (2), (3)',
        ].join('\n'),
      );
      expect(await d1().rows("SELECT highlight(doc, 0, '<', '>') AS h FROM doc WHERE doc MATCH 'fox'")).toEqual([{ h: 'a quick <fox>' }]);
      expect(await d1().rows('SELECT id FROM box WHERE x0 <= 25 AND x1 >= 25')).toEqual([{ id: 2 }]);
      expect(await d1().rows('SELECT twice, sum(n) OVER (ORDER BY n) AS sum FROM large')).toEqual([
        { twice: 4, sum: 2 },
        { twice: 6, sum: 5 },
      ]);
      expect(await d1().value('SELECT count(*) FROM audit')).toBe(3);
      expect(await d1().value(`SELECT json_extract('{"a":[1,2]}', '$.a[1]')`)).toBe(2);
      expect(await d1().value(`SELECT sum(value) FROM json_each('[1,2,3]')`)).toBe(6);
      expect(await d1().value('WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100) SELECT sum(x) FROM c')).toBe(
        5050,
      );
      expect(await d1().value("SELECT date(0, 'unixepoch')")).toBe('1970-01-01');
      expect(await d1().value('SELECT round(sqrt(2), 3)')).toBe(1.414);
      expect(await d1().value('SELECT "in double quotes"')).toBe('in double quotes');
    });

    it('can change tables, and look at what there is', async () => {
      await d1().exec(
        'CREATE TABLE moved (a, b)\nALTER TABLE moved RENAME TO changed\nALTER TABLE changed ADD COLUMN c\nALTER TABLE changed RENAME COLUMN a TO d\nALTER TABLE changed DROP COLUMN b\nREINDEX\nANALYZE',
      );
      expect((await d1().rows('PRAGMA table_info(changed)')).map(({ name }) => name)).toEqual(['d', 'c']);
      expect((await d1().rows("SELECT name FROM pragma_table_info('changed')")).map(({ name }) => name)).toEqual(['d', 'c']);
      expect(await d1().rows('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
      expect((await d1().rows('PRAGMA table_list')).map(({ name }) => name)).toContain('changed');
      for (const sql of [
        'PRAGMA index_list(changed)',
        'PRAGMA foreign_key_list(changed)',
        'PRAGMA foreign_key_check',
        'PRAGMA quick_check',
      ])
        expect((await d1().all(sql)).success, sql).toBe(true);
      for (const sql of ['PRAGMA optimize', 'PRAGMA case_sensitive_like = off', "PRAGMA recursive_triggers = 'on'", 'EXPLAIN SELECT 1'])
        expect((await d1().all(sql)).success, sql).toBe(true);
    });

    it('reaches no file, no extension and no setting of the host', async () => {
      const NOT = 'not authorized: SQLITE_AUTH';
      for (const sql of [
        "ATTACH '/tmp/other.sqlite' AS other",
        "ATTACH ':memory:' AS other",
        'DETACH main',
        'PRAGMA journal_mode',
        'PRAGMA journal_mode = OFF',
        'PRAGMA synchronous = OFF',
        'PRAGMA database_list',
        'PRAGMA user_version',
        'PRAGMA page_count',
        'PRAGMA page_size = 512',
        'PRAGMA max_page_count = 4294967294',
        'PRAGMA writable_schema = 1',
        'PRAGMA temp_store_directory = "/tmp"',
        'PRAGMA data_store_directory',
        'PRAGMA mmap_size = 1000000',
        'PRAGMA cache_size = -1000000000',
        'PRAGMA hard_heap_limit = 1',
        'PRAGMA locking_mode = EXCLUSIVE',
        'PRAGMA wal_checkpoint',
        'PRAGMA wal_autocheckpoint = 0',
        'PRAGMA trusted_schema = ON',
        'PRAGMA foreign_keys = maybe',
        'PRAGMA shrink_memory',
        'SELECT * FROM pragma_database_list',
        'SELECT * FROM pragma_compile_options',
        'CREATE TEMP TABLE temporary (a)',
        'CREATE TEMP VIEW temporary AS SELECT 1',
        'CREATE TABLE _cf_mine (a)',
        'CREATE TABLE _CF_mine (a)',
        'CREATE VIRTUAL TABLE other USING fts3 (a)',
        'CREATE VIRTUAL TABLE other USING dbstat',
        "CREATE VIRTUAL TABLE other USING csv (filename='/etc/passwd')",
      ])
        await refused(sql, NOT);
      await refused("SELECT load_extension('x')", /^D1_ERROR: not authorized/);
      await refused("VACUUM INTO '/tmp/other.sqlite'", /^D1_ERROR: (?:cannot VACUUM from within a transaction|not authorized)/);
      await refused('VACUUM', /^D1_ERROR: (?:cannot VACUUM from within a transaction|not authorized)/);
      for (const sql of ['sqlite_version()', 'sqlite_source_id()', 'sqlite_compileoption_get(0)'])
        await refused(`SELECT ${sql}`, /^D1_ERROR: not authorized to use function: sqlite_/);
      for (const sql of ["readfile('/etc/passwd')", "writefile('/tmp/x', 'y')", "edit('x')", 'fts3_tokenizer(1)'])
        await refused(`SELECT ${sql}`, /^D1_ERROR: (?:no such function|not authorized)/);
      for (const table of ['dbstat', 'sqlite_dbpage', 'sqlite_stmt', '_cf_METADATA', '_cf_KV'])
        await refused(`SELECT * FROM ${table}`, /^D1_ERROR: (?:no such table|access to .* is prohibited)/);
      await refused('INSERT INTO sqlite_schema VALUES (1, 2, 3, 4, 5)', /^D1_ERROR: table sqlite_(?:schema|master) may not be modified/);
    });

    it('leaves no transaction open', async () => {
      for (const sql of ['BEGIN', 'BEGIN EXCLUSIVE', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT a', 'RELEASE a', 'ROLLBACK TO a'])
        await refused(sql, /^D1_ERROR: To execute a transaction, please use the state\.storage\.transaction\(\)/);
      expect(await d1().value('SELECT 1')).toBe(1);
    });

    it('has the limits of D1', async () => {
      const ones = (count: number, by = ', ') => Array<string>(count).fill('1').join(by);
      const columns = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`).join(', ');
      expect(await d1().raw(`SELECT ${ones(100)}`)).toHaveLength(1);
      await refused(`SELECT ${ones(101)}`, 'too many columns in result set: SQLITE_ERROR');
      await refused(`CREATE TABLE wide (${columns(101)})`, /^D1_ERROR: too many columns on wide.*: SQLITE_ERROR$/);
      expect(await d1().raw(`SELECT ${ones(5, ' UNION ALL SELECT ')}`)).toHaveLength(5);
      await refused(`SELECT ${ones(6, ' UNION ALL SELECT ')}`, 'too many terms in compound SELECT: SQLITE_ERROR');
      await refused(`SELECT 'a' LIKE '${'x'.repeat(51)}'`, 'LIKE or GLOB pattern too complex: SQLITE_ERROR');
      await refused('SELECT zeroblob(20000000)', 'string or blob too big: SQLITE_TOOBIG');
      await refused(`SELECT ${ones(101, '+')}`, /^D1_ERROR: Expression tree is too large \(maximum depth 100\)/);
      await refused(`SELECT 1 -- ${'x'.repeat(100_000)}`, /^D1_ERROR: (?:statement too long|string or blob too big)/);
      const marks = Array<string>(101).fill('?').join(', ');
      await d1().exec('CREATE TABLE narrow (a)');
      const tooMany = d1().all(`SELECT * FROM narrow WHERE a IN (${marks})`, ...Array<number>(101).fill(1));
      await expect(tooMany).rejects.toThrow('D1_ERROR: too many SQL variables');
    });

    it('counts the rows of tables that are read in whole', async () => {
      await d1().exec('CREATE TABLE counted (id INTEGER PRIMARY KEY, n)');
      await d1().run('INSERT INTO counted (n) SELECT value FROM json_each(?)', JSON.stringify(Array.from({ length: 50 }, (_, n) => n)));
      expect((await d1().all('SELECT count(*) FROM counted WHERE n > 10')).meta.rows_read).toBe(50);
      const { rows_read: found } = (await d1().all('SELECT * FROM counted WHERE id = 7')).meta;
      expect(found).toBe(1);
      if (exact) {
        await d1().exec('CREATE INDEX counted_n ON counted (n)');
        expect((await d1().run('INSERT INTO counted (n) VALUES (100)')).meta.rows_written).toBe(2);
      }
    });
  });
}
