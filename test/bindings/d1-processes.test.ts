import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabases, type DatabaseOptions } from '../../host/platforms/node/d1/databases.ts';
import { leaveOut } from '../left-out.ts';
import { runAndKill } from '../run-and-kill.ts';
import { databaseOn, d1On } from './d1.ts';
import { removeFolder } from '../remove-folder.ts';

const SPIN = 'WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';
const TOO_LONG = 'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.';

describe('the processes of databases on Node', () => {
  const ends: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  const directory = () => {
    const path = mkdtempSync(join(tmpdir(), 'brink-d1-test-'));
    ends.unshift(() => removeFolder(path));
    return path;
  };
  const open = (options: Partial<DatabaseOptions> = {}) => {
    const databases = openDatabases({ directory: null, ...options });
    ends.unshift(() => databases.close());
    return databases;
  };

  it('a query that never ends is ended at its deadline, and holds no other database up', async () => {
    const databases = open({ deadline: 3_000 });
    const [spinning, other] = [d1On(databases, 'id/spinning'), d1On(databases, 'id/other')];
    await spinning.exec('CREATE TABLE t (n)');
    let ended = false;
    const endless = expect(spinning.batch(['INSERT INTO t VALUES (1)'], [SPIN]).finally(() => (ended = true))).rejects.toThrow(TOO_LONG);
    await other.exec('CREATE TABLE t (n)');
    for (let n = 0; n < 5; n++) await other.run('INSERT INTO t VALUES (?)', n);
    expect([await other.value('SELECT count(*) FROM t'), ended]).toEqual([5, false]);
    await endless;
    // Nothing of its transaction is there, and the database goes on.
    expect(await spinning.value('SELECT count(*) FROM t')).toBe(0);
  });

  it('calls of one database take turns, in the order of their coming', async () => {
    const database = databaseOn(open(), 'id/turns');
    await database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n)');
    const calls = Array.from({ length: 200 }, (_, n) => database.prepare('INSERT INTO t (n) VALUES (?) RETURNING id').bind(n).first('id'));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    expect(await database.prepare('SELECT count(*) AS n FROM t WHERE id = n + 1').first('n')).toBe(200);
  });

  it('more calls than may wait are refused', async () => {
    const database = databaseOn(open({ deadline: 2_000 }), 'id/crowded');
    const results = await Promise.allSettled([SPIN, ...Array<string>(1_100).fill('SELECT 1')].map((sql) => database.prepare(sql).run()));
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as Error).message] : []));
    expect(reasons.filter((reason) => reason === 'D1_ERROR: D1 DB is overloaded. Too many requests queued.')).toHaveLength(100);
    // Those that waited as long as a query may take are refused, too.
    expect(new Set(reasons)).toContain(TOO_LONG);
    expect(await database.prepare('SELECT 1 AS one').first('one')).toBe(1);
  });

  it('with as many endless queries as processes, one of them ends before its deadline where another database waits', async () => {
    const databases = open({ deadline: 6_000, patience: 300, maxProcesses: 2 });
    const ended: string[] = [];
    const endless = ['a', 'b'].map(
      (id) =>
      expect(d1On(databases, `id/${id}`).all(SPIN).finally(() => ended.push(id))).rejects.toThrow(TOO_LONG), // prettier-ignore
    );
    expect(await d1On(databases, 'id/c').value('SELECT 1')).toBe(1);
    await endless[0];
    expect(ended).toEqual(['a']);
    await endless[1];
  });

  it('a process that uses too much memory is ended, and its call with it', async () => {
    const d1 = d1On(open({ maxMemory: 1 }), 'id/hungry');
    await expect(d1.all(SPIN)).rejects.toThrow('D1_ERROR: The query was ended: it needed too much memory');
  });

  it('a database that is full refuses writes, and can be read', async () => {
    const d1 = d1On(open({ maxSize: 200_000 }), 'id/full');
    await d1.exec('CREATE TABLE t (b)');
    await d1.run('INSERT INTO t VALUES (zeroblob(50000))');
    await expect(d1.run('INSERT INTO t VALUES (zeroblob(200000))')).rejects.toThrow('D1_ERROR: database or disk is full: SQLITE_FULL');
    expect(await d1.value('SELECT count(*) FROM t')).toBe(1);
    await d1.run('DELETE FROM t');
    await d1.run('INSERT INTO t VALUES (zeroblob(100000))');
  });

  it('a result that is too large is refused', async () => {
    const d1 = d1On(open(), 'id/large');
    const rows = (count: number) => `SELECT hex(zeroblob(1000000)) FROM json_each('[${Array<number>(count).fill(1).join(',')}]')`;
    expect(await d1.raw(rows(8))).toHaveLength(8);
    await expect(d1.raw(rows(9))).rejects.toThrow(/^D1_ERROR: The results have more than about 16777216 bytes\./);
    await expect(d1.all('SELECT ?', 'x'.repeat(17_000_000))).rejects.toThrow('D1_ERROR: The queries have more than 16777216 bytes.');
    expect(await d1.value('SELECT length(?)', 'x'.repeat(4_000_000))).toBe(4_000_000);
  });

  it('each database is one file, whatever its name, and sees nothing of another', async () => {
    const path = directory();
    const databases = openDatabases({ directory: path });
    const scopes = ['id/a', 'id/A', 'id/a/../b', `id/${'x'.repeat(128)}`, 'id/ü\n', 'function/a/B'];
    for (const [index, scope] of scopes.entries()) await d1On(databases, scope).exec(`CREATE TABLE t${index} (a)`);
    const tables = await Promise.all(scopes.map((scope) => d1On(databases, scope).raw('SELECT name FROM sqlite_schema')));
    expect(tables).toEqual(scopes.map((_scope, index) => [[`t${index}`]]));
    await databases.close();
    // What is SQLite's own stays where two processes that had one database closed it at the same moment.
    const files = readdirSync(path).filter((file) => file !== 'tmp' && !/-(?:wal|shm)$/.test(file));
    expect(files).toHaveLength(6);
    expect(files.filter((file) => !/^[A-Za-z0-9-]+\.sqlite$/.test(file))).toEqual([]);
    const again = open({ directory: path });
    expect(await d1On(again, 'id/A').raw('SELECT name FROM sqlite_schema')).toEqual([['t1']]);
  });

  it('without a directory the files are gone when the host stops', async () => {
    const databases = openDatabases({ directory: null });
    const before = new Set(readdirSync(tmpdir()));
    await d1On(databases, 'id/gone').exec('CREATE TABLE t (a)');
    const made = readdirSync(tmpdir()).filter((name) => name.startsWith('brink-d1-') && !before.has(name));
    expect(made.length).toBeGreaterThan(0);
    await databases.close();
    expect(
      made.filter(
        (name) => existsSync(join(tmpdir(), name, 'tmp')) && readdirSync(join(tmpdir(), name)).some((file) => file.startsWith('id-gone')),
      ),
    ).toEqual([]);
    await expect(d1On(databases, 'id/gone').all('SELECT 1')).rejects.toThrow('D1_ERROR: The host is stopping.');
  });

  it('a process whose host is killed in the middle of a query ends by itself', async (context) => {
    if (!existsSync('/proc/self/stat')) leaveOut(context, 'needs /proc');
    const path = directory();
    const module = fileURLToPath(new URL('d1-spin-child.ts', import.meta.url));
    const [{ pid }] = (await runAndKill<{ pid: number }>({ module, args: [path], within: 50 })) as [{ pid: number }];
    // `runAndKill` has waited for the end of all that had the child's pipes; that of a zombie has no command line.
    const command = () => (existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '');
    expect(command()).not.toContain('d1/process');
  });
});
