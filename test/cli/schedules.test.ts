import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../conformance/harness.ts';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

const folder = temporaryFolder();
let host: Serving;

beforeAll(async () => {
  const source = `export default {
    scheduled() {},
    async fetch(request: Request, env: { S: { create(options: object): Promise<object> } }) {
      return Response.json(await env.S.create({ id: 'mine', every: '1h' }));
    },
  };`;
  writeFileSync(join(folder.path, 'index.ts'), source);
  const config = ['name = "report"', 'main = "index.ts"', '[triggers]', 'crons = ["0 0 1 1 *"]'];
  const schedules = ['[[schedules]]', 'binding = "S"', '[[schedules]]', 'name = "often"', 'every = "1s"'];
  writeFileSync(join(folder.path, 'brink.toml'), [...config, ...schedules].join('\n'));
  host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path, env: {} });
  expect((await run('publish', '.')).stderr).not.toMatch(/error/);
  await fetch(`${host.url}/report/`);
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

const run = (...args: readonly string[]) => brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url }, stdin: '' });
const lines = (text: string) => text.trimEnd().split('\n');

describe('brink schedules', () => {
  it('ls shows what is declared and what was made', async () => {
    const { stdout, code } = await run('schedules', 'ls', 'report');
    expect(code).toBe(0);
    expect(lines(stdout).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['SCHEDULE', 'WHEN', 'BY'],
      ['0 0 1 1 *', '0 0 1 1 *', 'manifest'],
      ['often', 'every 1s', 'manifest'],
      ['mine', 'every 1h', 'function'],
    ]);
    const json = lines((await run('schedules', 'ls', 'report', '--json')).stdout).map((line) => JSON.parse(line) as { id: string });
    expect(json.map(({ id }) => id)).toEqual(['0 0 1 1 *', 'often', 'mine']);
  });

  it('runs shows how it went', async () => {
    const { stdout } = await eventually(async () => {
      const ran = await run('schedules', 'runs', 'report', '--limit', '1', '--schedule', 'often');
      return / ok /.test(ran.stdout) ? ran : undefined;
    }, 20_000);
    expect(stdout).toMatch(/^DUE +SCHEDULE +OUTCOME +VERSION +LATE +TOOK\n\d{4}-\d\d-\d\d [\d:]{8} +often +ok +1 +\d+ ms +\d+ ms\n$/);
    const all = lines((await run('schedules', 'runs', 'report', '--json')).stdout).map((line) => JSON.parse(line) as { outcome: string });
    // A busy machine may have missed one in between.
    const first = all.find(({ outcome }) => outcome === 'ok');
    expect(first).toMatchObject({ function: 'report', schedule: 'often', outcome: 'ok', version: 1, attempt: 1 });
    expect((await run('schedules', 'runs', 'report', '--limit', '0')).code).toBe(2);
  });

  it('--json gives one line for each, and nothing where there is none', async () => {
    const [, often, mine] = lines((await run('schedules', 'ls', 'report', '--json')).stdout).map((line) => JSON.parse(line) as object);
    expect(often).toMatchObject({ function: 'report', id: 'often', every: 1_000, declared: true, overlap: 'allow', misfire: 'once' });
    expect(mine).toMatchObject({ function: 'report', id: 'mine', every: 3_600_000, declared: false, running: 0, waiting: 0 });
    const two = await eventually(async () => {
      const { stdout } = await run('schedules', 'runs', 'report', '--limit', '2', '--json');
      return lines(stdout).length === 2 ? lines(stdout).map((line) => JSON.parse(line) as { due: number; late: number }) : undefined;
    }, 20_000);
    const between = Math.abs(two[0]!.due - two[1]!.due);
    expect([between > 0, between % 1_000]).toEqual([true, 0]);
    expect(two.every(({ late }) => late >= 0)).toBe(true);
    expect(await run('schedules', 'runs', 'report', '--schedule', 'mine', '--json')).toMatchObject({ code: 0, stdout: '' });
    expect((await run('schedules', 'runs', 'report', '--schedule', 'mine')).stdout).toBe('No schedule of report has come due yet.\n');
  });

  it('cancel cancels what the function made, once', async () => {
    expect((await run('schedules', 'cancel', 'report', 'mine')).stdout).toBe('Cancelled mine of report\n');
    const again = await run('schedules', 'cancel', 'report', 'mine');
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/schedule-not-found/)]);
    expect((await run('schedules', 'cancel', 'report', 'often')).stderr).toMatch(/publish a version without it/);
    await fetch(`${host.url}/report/`);
    const { stdout } = await run('schedules', 'cancel', 'report', 'mine', '--json');
    expect(JSON.parse(stdout)).toEqual({ cancelled: 'mine', function: 'report' });
    const refused = await run('schedules', 'cancel', 'report', 'mine', '--json');
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'schedule-not-found', details: { schedule: 'mine' } } });
  });

  it('names the function that is not there, and takes no version', async () => {
    expect((await run('schedules', 'ls', 'nobody')).stderr).toMatch(/function-not-found/);
    expect((await run('schedules', 'ls', 'report@1')).code).toBe(2);
  });
});
