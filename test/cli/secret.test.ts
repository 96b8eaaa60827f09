import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesWith } from '../conformance/state-files.ts';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

const VALUE = 'correct-horse-battery';
const folder = temporaryFolder();
const said: string[] = [];
let host: Serving;

beforeAll(async () => {
  write('mailer.ts', 'export default { fetch: (request: Request, env: object) => Response.json(env) };');
  write('brink.toml', 'name = "needy"\nmain = "mailer.ts"\nsecrets.required = ["A"]\n');
  host = await serve();
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

function write(file: string, text: string): void {
  writeFileSync(join(folder.path, file), text);
}

function serve(env: Record<string, string> = {}): Promise<Serving> {
  return serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path, env });
}

async function run(args: readonly string[], stdin = '') {
  const ran = await brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url }, stdin });
  said.push(ran.stdout, ran.stderr);
  return ran;
}

const env = async () => (await fetch(`${host.url}/mailer/`)).json();

describe('brink secret', () => {
  it('put takes the value from standard input, without the line break at its end, before the function is there', async () => {
    expect(await run(['secret', 'put', 'mailer', 'API_KEY'], `${VALUE}\n`)).toEqual({
      code: 0,
      stdout: 'Set API_KEY of mailer\n',
      stderr: 'mailer is not published yet; its secrets wait for it.\n',
    });
    expect((await run(['publish', 'mailer.ts'])).code).toBe(0);
    expect(await env()).toEqual({ API_KEY: VALUE });
    const { stdout, stderr } = await run(['secret', 'put', 'mailer', 'API_KEY', '--json'], `two\nlines\r\n`);
    expect([JSON.parse(stdout), stderr]).toEqual([{ name: 'API_KEY', setAt: expect.any(Number), key: expect.any(String) }, '']);
    expect(await env()).toEqual({ API_KEY: 'two\nlines' });
  });

  it.each([
    ['an argument', ['API_KEY', 'swordfish'], 2, 'usage'],
    ['a part of the name', ['API_KEY=swordfish'], 2, 'usage'],
    ['an option', ['API_KEY', '--value=swordfish'], 2, 'usage'],
    ['a name that is none', ['swordfish-1'], 1, 'name-invalid'],
  ])('put refuses %s, and shows no value that it was not to see', async (_what, args, code, message) => {
    const ran = await run(['secret', 'put', 'mailer', ...args], 'x');
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain('swordfish');
    expect(await env()).toEqual({ API_KEY: 'two\nlines' });
  });

  it('put refuses nothing at all, and what is no text', async () => {
    expect(await run(['secret', 'put', 'mailer', 'API_KEY'], '\n')).toMatchObject({ code: 1, stderr: expect.stringContaining('empty') });
    expect(await run(['secret', 'put', 'mailer@live', 'API_KEY'], 'x')).toMatchObject({ code: 2 });
    expect(await env()).toEqual({ API_KEY: 'two\nlines' });
  });

  it('bulk sets and removes several, of JSON or of lines, from standard input or a file', async () => {
    const { stdout } = await run(['secret', 'bulk', 'mailer', '--json'], JSON.stringify({ API_KEY: null, A: VALUE, B: 'b' }));
    expect(JSON.parse(stdout)).toMatchObject({ function: 'mailer', set: 2, removed: 1, secrets: [{ name: 'A' }, { name: 'B' }] });
    write('secrets.env', `# of the mailer\nB="quoted # b"\nC=c\n`);
    expect(await run(['secret', 'bulk', 'mailer', 'secrets.env'])).toMatchObject({ code: 0, stdout: 'Set 2 and removed 0 of mailer\n' });
    expect(await env()).toEqual({ A: VALUE, B: 'quoted # b', C: 'c' });
  });

  it.each([
    ['half of an object', `{"A": "${VALUE}`],
    ['a number', `{"A": 1, "B": "${VALUE}"}`],
    ['nothing', ''],
    ['a name that is none', `{"A-B": "${VALUE}"}`],
  ])('bulk refuses %s, sets nothing and shows no value', async (_what, stdin) => {
    const ran = await run(['secret', 'bulk', 'mailer'], stdin);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).not.toContain(VALUE);
    expect(await env()).toEqual({ A: VALUE, B: 'quoted # b', C: 'c' });
  });

  it.each(['ls', 'list'])('%s shows names and times', async (command) => {
    expect((await run(['secret', command, 'mailer'])).stdout).toMatch(
      /^NAME +SET +KEY\nA +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +[0-9a-f]{16}\nB .*\nC .*\n$/,
    );
    const lines = (await run(['secret', command, 'mailer', '--json'])).stdout.trimEnd().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual(Array(3).fill(['name', 'setAt', 'key']));
  });

  it.each([
    ['rm', 'B'],
    ['delete', 'C'],
  ])('%s removes one', async (command, name) => {
    expect(await run(['secret', command, 'mailer', name])).toMatchObject({ code: 0, stdout: `Removed ${name} of mailer\n` });
    expect(await run(['secret', command, 'mailer', name])).toMatchObject({ code: 1, stderr: expect.stringContaining('secret-not-found') });
    expect(await env()).not.toHaveProperty(name);
  });

  it('rm warns where a version that answers requires it', async () => {
    expect(await run(['publish', '.'])).toMatchObject({ code: 1, stderr: expect.stringContaining('error (secret-missing)') });
    await run(['secret', 'put', 'needy', 'A'], 'a');
    expect((await run(['publish', '.'])).code).toBe(0);
    const { code, stderr } = await run(['secret', 'rm', 'needy', 'A']);
    expect([code, stderr]).toEqual([0, 'warning: needy@live requires it, and runs without it now.\n']);
    expect(await run(['publish', '.', '--json'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('rotate moves everything to a new key, in the three steps of the documents', async () => {
    const { key } = JSON.parse((await run(['secret', 'ls', 'mailer', '--json'])).stdout) as { key: string };
    const fresh = Buffer.alloc(32, 1).toString('base64');
    await host.stop();
    said.push(host.stdout(), host.stderr());
    host = await serve({ BRINK_SECRET_KEY: fresh });
    expect(await env()).toEqual({ A: VALUE });
    const rotated = JSON.parse((await run(['secret', 'rotate', '--json'])).stdout) as { key: string; rotated: number };
    expect([rotated.rotated, rotated.key === key]).toEqual([1, false]);
    await host.stop();
    // Without the old one, which lies in the state.
    write('state/secret.key', `${Buffer.alloc(32, 2).toString('base64')}\n`);
    host = await serve({ BRINK_SECRET_KEY: fresh });
    expect(await env()).toEqual({ A: VALUE });
    expect((await run(['secret', 'rotate'])).stdout).toBe(`0 encrypted anew; all are under the key ${rotated.key}\n`);
  });

  it('leaves no value in the state, in what commands say or in the log', async () => {
    await run(['logs', '-n', '1000', '--json']);
    await host.stop();
    said.push(host.stdout(), host.stderr());
    expect(said.filter((text) => text.includes(VALUE))).toEqual([]);
    expect(filesWith(join(folder.path, 'state'), '"mailer"').length).toBeGreaterThan(0);
    expect(filesWith(join(folder.path, 'state'), VALUE)).toEqual([]);
    host = await serve();
  });

  it('a key that is none stops the start of a host, and is not shown', async () => {
    const ran = await brink(['serve', '--port', '0', '--state', 'other'], { cwd: folder.path, env: { BRINK_SECRET_KEY: 'swordfish' } });
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('error (secret-key-invalid)')]);
    expect(ran.stderr).not.toContain('swordfish');
  });
});

it('brink run takes vars for secrets that are required, and warns of those that are missing', async () => {
  const running = await serving(['run', '.', '--port', '0', '--env', 'OTHER=x'], { cwd: folder.path });
  expect(running.stderr()).toMatch(/warning: brink\.toml: secrets\.required names A, which nothing sets/);
  expect(await (await fetch(`${running.url}/`)).json()).toEqual({ OTHER: 'x' });
  await running.stop();
  await run(['build', '.', '-o', 'needy.brink']);
  const artifact = await serving(['run', 'needy.brink', '--port', '0', '--env', 'A=a'], { cwd: folder.path });
  expect(artifact.stderr()).not.toContain('warning');
  expect(await (await fetch(`${artifact.url}/`)).json()).toEqual({ A: 'a' });
  await artifact.stop();
});
