import { afterEach, describe, expect, it } from 'vitest';
import type { D1Change } from '../../sdk/changes.ts';
import type { QueryAnswer } from '../../host/bindings/d1/protocol.ts';
import { memoryDatabases } from '../../host/platforms/node/d1/memory.ts';
import type { RowRule } from '../../host/registry/change-rules.ts';

const SCOPE = 'id/db';
const rule = (tables: readonly string[], more: Partial<RowRule> = {}): RowRule => ({
  kind: 'd1',
  scope: SCOPE,
  queue: 'q',
  types: ['insert', 'update', 'delete'],
  tables,
  rows: true,
  ...more,
});
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** A database whose changes are told. */
function world(...rules: readonly RowRule[]) {
  const databases = memoryDatabases(() => 1_700_000_000_000);
  const database = databases.open(SCOPE);
  opened.push(databases);
  let current = rules;
  const queries = async (...sqls: readonly (string | readonly [string, ...unknown[]])[]) => {
    const asked = sqls.map((each) => (typeof each === 'string' ? { sql: each, params: [] } : { sql: each[0], params: each.slice(1) }));
    const { answer } = await database.execute(utf8.encode(JSON.stringify({ queries: asked })), current);
    return (JSON.parse(text.decode(answer)) as QueryAnswer).results;
  };
  const messages = async (queue = 'q') => {
    const posted = await database.outbox.first(queue, 10_000);
    await database.outbox.remove(posted, queue);
    return posted.map(({ message }) => message);
  };
  const changes = async (queue?: string) => (await messages(queue)).map(({ body }) => JSON.parse(text.decode(body)) as D1Change);
  /** Operation, key, and what was and is. */
  const told = async (queue?: string) =>
    (await changes(queue)).map(({ operation, key, old, new: after }) =>
      [operation, ...Object.values(key).map(String), ...[old, after].map((row) => row && JSON.stringify(Object.values(row)))]
        .filter((each) => each !== undefined)
        .join(' '),
    );
  return { queries, changes, told, messages, have: (...next: readonly RowRule[]) => void (current = next) };
}

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

describe('changes of rows', () => {
  it('an insert, an update and a delete are told with their rows, in their order, and count for nothing', async () => {
    const { queries, changes } = world(rule(['Users']));
    await queries('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)');
    const results = await queries(
      ['INSERT INTO users (name) VALUES (?), (?)', 'ann', 'bob'],
      ['UPDATE users SET name = ? WHERE id = 1', 'eve'],
      'DELETE FROM users WHERE id = 2',
    );
    expect(results.map(({ meta: { changes: count, last_row_id: last } }) => [count, last])).toEqual([[2, 2], [1, 2], [1, 2]]); // prettier-ignore
    const facts = { database: 'db', table: 'users', time: '2023-11-14T22:13:20.000Z' };
    expect(await changes()).toEqual([
      { ...facts, operation: 'insert', key: { id: 1 }, sequence: 1, new: { id: 1, name: 'ann' } },
      { ...facts, operation: 'insert', key: { id: 2 }, sequence: 2, new: { id: 2, name: 'bob' } },
      { ...facts, operation: 'update', key: { id: 1 }, sequence: 3, old: { id: 1, name: 'ann' }, new: { id: 1, name: 'eve' } },
      { ...facts, operation: 'delete', key: { id: 2 }, sequence: 4, old: { id: 2, name: 'bob' } },
    ]);
  });

  it('a transaction that fails tells nothing', async () => {
    const { queries, told } = world(rule(['t']));
    await queries('CREATE TABLE t (id INTEGER PRIMARY KEY)');
    await expect(queries('INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (1)')).rejects.toThrow('UNIQUE');
    expect(await told()).toEqual([]);
    await queries('INSERT INTO t VALUES (7)');
    expect(await told()).toEqual(['insert 7 [7]']);
  });

  it.each([
    ['', 'OFF'],
    ['', 'ON'],
    ['WITHOUT ROWID', 'OFF'],
    ['WITHOUT ROWID', 'ON'],
  ])('rows that REPLACE takes away are told: %s, recursive triggers %s', async (rowid, recursive) => {
    const { queries, told } = world(rule(['t']));
    await queries(`CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT COLLATE NOCASE UNIQUE, n INT) ${rowid}`);
    await queries(`PRAGMA recursive_triggers = ${recursive}`);
    await queries("INSERT INTO t VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', 0)");
    await told();
    await queries("REPLACE INTO t VALUES (1, 'a', 1)");
    const same = recursive === 'ON' ? ['delete 1 [1,"a",0]', 'insert 1 [1,"a",1]'] : ['update 1 [1,"a",0] [1,"a",1]'];
    expect(await told()).toEqual(same);
    await queries("INSERT OR REPLACE INTO t VALUES (9, 'B', 1)");
    expect(await told()).toEqual(['delete 2 [2,"b",0]', 'insert 9 [9,"B",1]']);
    await queries("INSERT OR REPLACE INTO t VALUES (1, 'C', 2)");
    const both = recursive === 'ON' ? ['delete 1 [1,"a",1]', 'insert 1 [1,"C",2]'] : ['update 1 [1,"a",1] [1,"C",2]'];
    expect((await told()).toSorted()).toEqual([...both, 'delete 3 [3,"c",0]'].toSorted());
    await queries("UPDATE OR REPLACE t SET mail = 'c' WHERE id = 9");
    expect(await told()).toEqual(['delete 1 [1,"C",2]', 'update 9 [9,"B",1] [9,"c",1]']);
    await queries("INSERT OR IGNORE INTO t VALUES (9, 'x', 0)", "INSERT INTO t VALUES (9, 'x', 0) ON CONFLICT DO NOTHING");
    await queries("INSERT INTO t VALUES (9, 'y', 5) ON CONFLICT (id) DO UPDATE SET n = excluded.n");
    expect(await told()).toEqual(['update 9 [9,"c",1] [9,"c",5]']);
    expect((await queries('SELECT * FROM t'))[0]!.rows).toEqual([[9, 'c', 5]]);
  });

  it('a row whose key changes is deleted, and inserted; one in its place goes too', async () => {
    const { queries, told } = world(rule(['t']));
    await queries('CREATE TABLE t (a TEXT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID', "INSERT INTO t VALUES ('x', 1), ('y', 1)");
    await told();
    await queries("UPDATE t SET a = 'z' WHERE a = 'x'");
    expect(await told()).toEqual(['delete 1 x ["x",1]', 'insert 1 z ["z",1]']);
    await queries("UPDATE OR REPLACE t SET a = 'y' WHERE a = 'z'");
    expect(await told()).toEqual(['delete 1 z ["z",1]', 'update 1 y ["y",1] ["y",1]']);
  });

  it('a table without a key has its rowid for one, also where a column hides that name', async () => {
    const { queries, changes } = world(rule(['t', 'u']));
    await queries(
      'CREATE TABLE t (a)',
      'CREATE TABLE u (rowid TEXT)',
      "INSERT INTO t VALUES ('x'), ('y')",
      "INSERT INTO u VALUES ('text')",
    );
    await queries("DELETE FROM t WHERE a = 'y'", 'DELETE FROM t');
    expect((await changes()).map(({ operation, table, key }) => [operation, table, key])).toEqual([
      ['insert', 't', { rowid: 1 }],
      ['insert', 't', { rowid: 2 }],
      ['insert', 'u', { rowid: 1 }],
      ['delete', 't', { rowid: 2 }],
      ['delete', 't', { rowid: 1 }],
    ]);
  });

  it('what cascades from another table is told, and so is what triggers of the function do, after what caused them', async () => {
    const { queries, told } = world(rule(['child', 'log', 't']));
    await queries(
      'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
      'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INT REFERENCES parent ON DELETE CASCADE ON UPDATE SET NULL)',
      'INSERT INTO parent VALUES (1), (2)',
      'INSERT INTO child VALUES (10, 1), (20, 2)',
    );
    await told();
    await queries('DELETE FROM parent WHERE id = 1', 'UPDATE parent SET id = 3');
    expect(await told()).toEqual(['delete 10 [10,1]', 'update 20 [20,2] [20,null]']);
    await queries('CREATE TABLE t (id INTEGER PRIMARY KEY, n INT)', 'CREATE TABLE log (id INTEGER PRIMARY KEY)');
    await queries(
      'CREATE TRIGGER touch AFTER INSERT ON t BEGIN UPDATE t SET n = n + 1 WHERE id = NEW.id; INSERT INTO log VALUES (NEW.id); END',
    );
    await queries('INSERT INTO t VALUES (1, 0)');
    expect(await told()).toEqual(['insert 1 [1,0]', 'update 1 [1,0] [1,1]', 'insert 1 [1]']);
  });

  it('values of any kind arrive as what they are', async () => {
    const { queries, changes } = world(rule(['t']));
    await queries('CREATE TABLE t (id INTEGER PRIMARY KEY, v)');
    const values = [
      '9007199254740993',
      '-9223372036854775807 - 1',
      '1.5',
      '1e999',
      "x'00ff10'",
      "x''",
      "'it''s é😀'",
      'char(97, 0, 98)',
      "''",
      'NULL',
      '-7',
      "'#5'",
    ];
    for (const [index, value] of values.entries()) await queries(`INSERT INTO t VALUES (${index}, ${value})`);
    await queries("INSERT INTO t VALUES (90, printf('%.*c', 20000, 'x'))", 'INSERT INTO t VALUES (91, zeroblob(3000000))');
    expect((await changes()).map((each) => each.new!['v'])).toEqual([
      { integer: '9007199254740993' },
      { integer: '-9223372036854775808' },
      1.5,
      null,
      { base64: 'AP8Q' },
      { base64: '' },
      "it's é😀",
      'a\0b',
      '',
      null,
      -7,
      '#5',
      { omitted: 20000 },
      { omitted: 3000000 },
    ]);
  });

  it('rows that are too much for a message are left out; many columns are not too many', async () => {
    const { queries, changes } = world(rule(['t']));
    const columns = Array.from({ length: 99 }, (_, index) => `a_column_with_a_long_name_${index}`);
    await queries(`CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns.join(', ')})`);
    await queries(`INSERT INTO t (id, ${columns.join(', ')}) VALUES (1, ${columns.map((_, index) => index).join(', ')})`);
    await queries(`UPDATE t SET ${columns.map((column) => `${column} = printf('%.*c', 9000, 'x')`).join(', ')}`);
    const [first, second] = await changes();
    expect(Object.keys(first!.new!)).toEqual(['id', ...columns]);
    expect(second).toMatchObject({ operation: 'update', key: { id: 1 }, truncated: true });
    expect(second).not.toHaveProperty('new');
  });

  it('a schema that changes is followed: columns and tables that come, go and are renamed', async () => {
    const { queries, told } = world(rule(['t']));
    await queries('CREATE TABLE t (id INTEGER PRIMARY KEY, a)', "INSERT INTO t VALUES (1, 'x')");
    await queries("ALTER TABLE t ADD COLUMN b DEFAULT 'new'", "UPDATE t SET a = 'y'");
    expect(await told()).toEqual(['insert 1 [1,"x"]', 'update 1 [1,"x","new"] [1,"y","new"]']);
    await queries('ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t DROP COLUMN b; UPDATE t SET c = 0');
    expect(await told()).toEqual(['update 1 [1,"y"] [1,0]']);
    await queries('ALTER TABLE t RENAME TO other', 'UPDATE other SET c = 1');
    expect(await told()).toEqual([]);
    await queries('CREATE TABLE t (x TEXT PRIMARY KEY)', "INSERT INTO t VALUES ('k')", 'DROP TABLE t');
    await queries(
      'CREATE TABLE new_t (x TEXT PRIMARY KEY); INSERT INTO new_t VALUES (1), (2); ALTER TABLE new_t RENAME TO t; DELETE FROM t WHERE x = 1;',
    );
    expect(await told()).toEqual(['insert k ["k"]', 'delete 1 ["1"]']);
    await queries('CREATE UNIQUE INDEX both ON t (x)', "REPLACE INTO t VALUES ('2')");
    expect(await told()).toEqual(['update 2 ["2"] ["2"]']);
  });

  it('a rule that comes, changes and goes is followed at once, and leaves its queue what it had', async () => {
    const { queries, told, have } = world();
    await queries('CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (1)');
    expect((await queries('SELECT name FROM sqlite_schema'))[0]!.rows).toEqual([['t']]);
    have(rule(['t'], { types: ['insert'] }), rule(['t'], { queue: 'deleted', types: ['delete'], rows: false }));
    await queries('INSERT INTO t VALUES (2)', 'DELETE FROM t WHERE id = 1');
    have(rule(['t'], { queue: 'next' }));
    await queries('INSERT INTO t VALUES (3)');
    have();
    await queries('INSERT INTO t VALUES (4)');
    expect((await queries("SELECT name FROM sqlite_schema WHERE type = 'trigger'"))[0]!.rows).toEqual([]);
    expect([await told(), await told('deleted'), await told('next')]).toEqual([['insert 2 [2]'], ['delete 1'], ['insert 3 [3]']]);
  });

  it.each([
    'DROP TRIGGER "__brink_t_after_insert"',
    'DELETE FROM __BRINK_outbox',
    "UPDATE '__brink_feed' SET sequence = 0",
    'DROP TABLE [__brink_seen]',
    'CREATE VIEW v AS SELECT * FROM __brink_outbox',
    'ALTER TABLE t RENAME TO __brink_t',
    'CREATE TABLE `__brink_mine` (a)',
  ])('what the host keeps there is not the function’s to touch: %s', async (sql) => {
    const { queries, told } = world(rule(['t']));
    await queries('CREATE TABLE t (id INTEGER PRIMARY KEY)');
    await expect(queries(sql)).rejects.toThrow('Names with __brink_ in them are the host’s'.replace('’', "'"));
    await queries('INSERT INTO t VALUES (1)');
    expect(await told()).toEqual(['insert 1 [1]']);
  });

  it('one transaction that would leave too much is refused, and undone', async () => {
    const { queries, told } = world(rule(['t'], { rows: false }));
    await queries('CREATE TABLE t (id INTEGER PRIMARY KEY)');
    await expect(
      queries('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100001) INSERT INTO t SELECT i FROM n'),
    ).rejects.toThrow('Too many changes wait for room in their queues (100000)');
    expect((await queries('SELECT COUNT(*) FROM t'))[0]!.rows).toEqual([[0]]);
    expect(await told()).toEqual([]);
  });

  it('messages of one row have one key, and of two rows two', async () => {
    const { queries, messages } = world(rule(['t']));
    await queries(
      'CREATE TABLE t (id TEXT PRIMARY KEY)',
      ['INSERT INTO t VALUES (?), (?)', 'a'.repeat(300), `${'a'.repeat(299)}b`],
      'DELETE FROM t',
    );
    const keys = (await messages()).map(({ key }) => key);
    expect(keys.every((key) => key!.length < 300)).toBe(true);
    expect(new Set(keys).size).toBe(2);
    expect(keys[0]).toBe(keys[2]);
  });
});
