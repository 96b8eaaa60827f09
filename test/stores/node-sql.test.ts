import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { removeFolder } from '../remove-folder.ts';

const MODULE = new URL('../../host/platforms/node/sql.ts', import.meta.url).href;

describe('openSql()', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'brink-sql-'));
    path = join(directory, 'state.db');
  });
  afterEach(() => removeFolder(directory));

  it('refuses a state that another process has open, and names its directory', () => {
    const sql = openSql(path);
    const other = openElsewhere(path);
    sql.close();
    expect(other).toContain('state-in-use');
    expect(other).toContain(directory);
    expect(openElsewhere(path)).toBe('opened');
  });

  it('refuses a second opening in this process too', () => {
    const sql = openSql(path);
    expect(() => openSql(path)).toThrow(expect.objectContaining({ code: 'state-in-use', details: { state: directory } }));
    sql.close();
    openSql(path).close();
  });

  it('says what cannot be opened where the directory is missing or the file is no database', () => {
    expect(() => openSql(join(directory, 'no', 'state.db'))).toThrow(expect.objectContaining({ code: 'store-unavailable' }));
    writeFileSync(path, 'not a database, and longer than the header of one is, which has a hundred bytes before its first page begins.');
    expect(() => openSql(path)).toThrow(expect.objectContaining({ code: 'store-unavailable', message: expect.stringContaining(path) }));
  });

  it('a transaction whose body throws leaves nothing, and the next one works', () => {
    const sql = openSql(path);
    sql.run('CREATE TABLE t (n INTEGER)');
    const broken = () =>
      sql.transaction(() => {
        sql.run('INSERT INTO t VALUES (?)', 1);
        throw new RangeError('stop');
      });
    expect(broken).toThrow(RangeError);
    expect(sql.transaction(() => sql.run('INSERT INTO t VALUES (?)', 2))).toBeUndefined();
    expect(sql.all('SELECT n FROM t')).toEqual([expect.objectContaining({ n: 2 })]);
    sql.close();
  });

  it('syncs each commit', () => {
    const sql = openSql(path);
    expect(sql.all('PRAGMA journal_mode')[0]!['journal_mode']).toBe('wal');
    expect(sql.all('PRAGMA synchronous')[0]!['synchronous']).toBe(2);
    sql.close();
  });

  it('keeps `:memory:` apart from any other', () => {
    const one = openSql(':memory:');
    const two = openSql(':memory:');
    one.run('CREATE TABLE t (n INTEGER)');
    expect(() => two.all('SELECT n FROM t')).toThrow(expect.objectContaining({ code: 'store-unavailable' }));
    one.close();
    two.close();
  });
});

function openElsewhere(path: string): string {
  const script = `const { openSql } = await import(${JSON.stringify(MODULE)});
    try { openSql(${JSON.stringify(path)}).close(); console.log('opened') } catch (error) { console.log(error.code, error.message) }`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
}
