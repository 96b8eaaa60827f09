import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

describe.each(['node', 'miniflare'])('brink d1, on %s', (platform) => {
  const folder = temporaryFolder();
  let host: Serving;
  beforeAll(async () => {
    write('brink.toml', CONFIG);
    write('index.ts', SOURCE);
    write('migrations/0001_users.sql', 'CREATE TABLE user (\n  name TEXT -- who; it is\n);\n');
    write('migrations/10_more.sql', "INSERT INTO user VALUES ('Bo');");
    write('migrations/2_rows.sql', TRIGGER);
    write('migrations/notes.txt', 'no migration');
    host = await serving(['serve', '--port', '0', '--state', 'state', '--platform', platform], { cwd: folder.path });
  });
  afterAll(async () => {
    await host.stop();
    folder.remove();
  });

  const write = (file: string, text: string) => {
    mkdirSync(join(folder.path, file, '..'), { recursive: true });
    writeFileSync(join(folder.path, file), text);
  };
  const run = (...args: string[]) => brink(['d1', ...args], { cwd: folder.path, env: { BRINK_HOST: host.url } });
  const answer = async () => (await fetch(`${host.url}/shop/`)).json();

  it('applies migrations in the order of their numbers, each once, before the function is there', async () => {
    expect((await run('migrations', 'list', 'DB')).stdout).toBe(
      'NAME            APPLIED\n0001_users.sql  -\n2_rows.sql      -\n10_more.sql     -\n',
    );
    expect(await run('migrations', 'apply', 'shop-users')).toEqual({
      code: 0,
      stdout: 'Applied 0001_users.sql\nApplied 2_rows.sql\nApplied 10_more.sql\n',
      stderr: '',
    });
    expect(await run('migrations', 'apply', 'DB')).toEqual({ code: 0, stdout: '', stderr: 'There is nothing to apply.\n' });
    const listed = (await run('migrations', 'list', 'DB', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(listed).toEqual(
      ['0001_users.sql', '2_rows.sql', '10_more.sql'].map((name) => ({ name, appliedAt: expect.stringMatching(/^\d{4}-/) as string })),
    );
    expect((await brink(['publish', '.'], { cwd: folder.path, env: { BRINK_HOST: host.url } })).code).toBe(0);
    expect(await answer()).toEqual([{ name: 'Ada' }, { name: 'log of Ada' }, { name: 'Bo' }, { name: 'log of Bo' }]);
  });

  if (platform === 'miniflare') return;

  it('a migration that fails leaves nothing, and is named', async () => {
    write('migrations/11_wrong.sql', 'CREATE TABLE left_over (a);\nSELECT nope;');
    const { code, stderr } = await run('migrations', 'apply', 'DB');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error \(sql-failed\): 11_wrong\.sql: no such column: nope.*: SQLITE_ERROR\n$/),
    ]);
    expect((await run('execute', 'DB', '--command', "SELECT count(*) AS n FROM sqlite_schema WHERE name = 'left_over'")).stdout).toBe(
      'n\n0\n',
    );
  });

  it('runs SQL, and shows what came of it', async () => {
    expect(
      await run(
        'execute',
        'DB',
        '--command',
        "INSERT INTO user VALUES (NULL); SELECT rowid, name, x'00ff' AS b FROM user WHERE name IS NULL; DELETE FROM user WHERE name IS NULL",
      ),
    ).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^1 row changed\nrowid  name  b\n\d+ +NULL  x'00ff'\n1 row changed\n$/) as string,
      stderr: '',
    });
    write('all.sql', 'SELECT 1 AS one;\nSELECT 2 AS two;\n');
    const lines = (await run('execute', 'DB', '--file', 'all.sql', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([{ results: [{ one: 1 }] }, { results: [{ two: 2 }] }]);
  });

  it('refuses what it does not find or understand', async () => {
    const failures = [
      [['execute', 'OTHER', '--command', 'SELECT 1'], 1, 'config-invalid', /has no database OTHER\. It names DB, SHARED/],
      [['execute', 'DB', '--command', 'SELEC'], 1, 'sql-failed', /syntax error/],
      [['execute', 'DB', '--command', 'BEGIN'], 1, 'sql-failed', /To execute a transaction/],
      [['execute', 'DB', '--command', '-- nothing'], 2, 'usage', /no statement/],
      [['execute', 'DB'], 2, 'usage', /--command or with --file/],
      [['execute', 'DB', '--file', 'absent.sql'], 1, 'failed', /cannot be read/],
      [['migrations', 'list', 'SHARED'], 1, 'config-invalid', /There is no folder .*elsewhere/],
    ] as const;
    for (const [args, status, code, message] of failures) {
      const { code: ended, stderr } = await run(...args);
      expect([ended, stderr], args.join(' ')).toEqual([status, expect.stringMatching(new RegExp(`^error \\(${code}\\): `))]);
      expect(stderr).toMatch(message);
    }
  });
});

const CONFIG = `
name = "shop"
main = "index.ts"

[[d1_databases]]
binding = "DB"
database_name = "shop-users"

[[d1_databases]]
binding = "SHARED"
database_id = "1234"
migrations_dir = "elsewhere"
`;

const SOURCE = `export default {
  async fetch(_request: Request, { DB }: { DB: { prepare(sql: string): { all(): Promise<{ results: unknown }> } } }) {
    return Response.json((await DB.prepare('SELECT name FROM user ORDER BY replace(name, "log of ", ""), name').all()).results);
  },
};`;

const TRIGGER = `
CREATE TRIGGER logged AFTER INSERT ON user WHEN new.name NOT LIKE 'log %' BEGIN
  INSERT INTO user VALUES ('log of ' || new.name);
END;
INSERT INTO user VALUES ('Ada');`;
