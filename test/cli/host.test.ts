import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brink, serving, start, temporaryFolder, type Serving } from './brink.ts';

const folder = temporaryFolder();
let host: Serving;

beforeAll(async () => {
  host = await serving(['serve', '--port', '0', '--state', 'state', '--cpu-class', 'batch=0.5'], { cwd: folder.path });
  await run('init', 'hello');
  await run('init', 'tick', '--template', 'scheduled');
});
afterAll(async () => {
  expect(await host.stop()).toBe(0);
  folder.remove();
});

function run(...args: string[]) {
  return brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url } });
}

async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await run(...args, '--state', 'state', '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

async function failure(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await run(...args, '--state', 'state', '--json');
  expect([code, stdout]).toEqual([1, '']);
  return (JSON.parse(stderr) as { error: unknown }).error;
}

function editHello(greeting: string): void {
  writeFileSync(join(folder.path, 'hello/brink.toml'), `name = "hello"\nmain = "src/index.ts"\n\n[vars]\nGREETING = "${greeting}"\n`);
}

describe('the way of a version', () => {
  it('is published, and is one version however often', async () => {
    editHello('First');
    const first = await json('publish', 'hello', '--tag', 'one');
    expect(first).toEqual({ function: 'hello', version: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/), url: `${host.url}/hello/` });
    expect(await json('publish', 'hello', '--alias', 'live')).toEqual(first);
    expect(await json('invoke', 'hello', '--path', '/?name=Ada')).toMatchObject({ status: 200, body: 'First, Ada!\n', encoding: 'utf8' });
  });

  it('becomes live by an alias move, by weight if wanted, and goes back', async () => {
    editHello('Second');
    const second = (await json('publish', 'hello')) as { version: number; digest: string };
    expect(second.version).toBe(2);
    expect((await run('invoke', 'hello')).stdout).toBe('First, World!\n');
    expect((await run('invoke', 'hello@2')).stdout).toBe('Second, World!\n');
    expect(await json('alias', 'hello', `live=1:90,${second.digest.slice(0, 12)}:10`, '--sticky', 'cookie:who')).toMatchObject({
      alias: 'live',
      versions: [
        { version: 1, weight: 90 },
        { version: 2, weight: 10 },
      ],
      sticky: { by: 'cookie', name: 'who' },
      revision: 2,
    });
    expect(await json('alias', 'hello', 'live=2', '--sticky', 'none', '--if-revision', '2')).toMatchObject({ revision: 3 });
    expect((await run('invoke', 'hello')).stdout).toBe('Second, World!\n');
    await json('rollback', 'hello');
    expect(await json('rollback', 'hello')).toMatchObject({ versions: [{ version: 1, weight: 100 }] });
    expect((await run('invoke', 'hello')).stdout).toBe('First, World!\n');
  });

  it('is shown', async () => {
    expect(await json('ls')).toMatchObject({ name: 'hello', versions: 2, latest: 2 });
    expect((await run('ls')).stdout).toMatch(/hello +live=1 +2 +- +http/);
    expect(await json('inspect', 'hello')).toMatchObject({
      versions: [{ number: 1, tag: 'one' }, { number: 2 }],
      aliases: [{ alias: 'live' }],
    });
    expect(await json('inspect', 'hello@2')).toMatchObject({ number: 2, aliases: [] });
    expect(await json('inspect', 'hello@live')).toMatchObject({ alias: 'live', versions: [{ version: 1, weight: 100 }] });
  });

  it('keeps cells warm', async () => {
    expect(await json('alias', 'hello', 'live=1', '--warm', '1')).toMatchObject({ warm: 1 });
    expect((await run('ls')).stdout).toMatch(/hello +live=1, 1 warm +2 +- +http/);
    expect((await run('cells', 'hello')).stdout).toMatch(/hello@1 +\d +\d +1 +0 +0 +0 +shared +.* MiB/);
    expect((await run('cells', 'hello')).stdout).toMatch(
      /CLASS +CELLS +CALLS +WAITING +MEMORY +CORES\n.*shared .* MiB +-\nbatch +0 +0 +0 +- +0\.00 of 0\.5\n/s,
    );
    expect(await json('alias', 'hello', 'live=1', '--warm', '0')).toMatchObject({ warm: 0 });
    expect((await run('alias', 'hello', 'live=1', '--warm', 'many')).stderr).toContain('is not a number of cells');
  });

  it('is removed once no alias names it', async () => {
    expect(await failure('rm', 'hello@1', '--yes')).toMatchObject({ code: 'version-in-use', details: { aliases: ['live'] } });
    expect(await json('rm', 'hello@2', '--yes')).toEqual({ removed: 'hello@2' });
    expect(await failure('inspect', 'hello@2')).toMatchObject({ code: 'version-not-found' });
  });
});

describe('refusals carry their codes', () => {
  it.each([
    [['inspect', 'nothing'], 'function-not-found'],
    [['alias', 'hello', 'live=9'], 'version-not-found'],
    [['alias', 'hello', 'live=1:50'], 'weights-invalid'],
    [['alias', 'hello', '12=1'], 'name-invalid'],
    [['alias', 'hello', 'live=1', '--if-revision', '1'], 'alias-conflict'],
    [['rollback', 'hello', 'nothing'], 'alias-not-found'],
    [['publish', 'nothing'], 'failed'],
  ])('%j: %s', async (args, code) => expect(await failure(...args)).toMatchObject({ code }));

  it('a wrong token is refused, and never shown', async () => {
    const { code, stderr } = await brink(['ls'], { cwd: folder.path, env: { BRINK_HOST: host.url, BRINK_TOKEN: 'wrong-secret' } });
    expect([code, stderr]).toEqual([1, expect.stringContaining('unauthorized')]);
    expect(stderr).not.toContain('wrong-secret');
  });
});

describe('invoke', () => {
  it('sends method, headers and body, and prints the body as it is', async () => {
    writeFileSync(
      join(folder.path, 'echo.ts'),
      `export default { async fetch(request: Request) {
        const status = new URL(request.url).searchParams.get('status');
        if (status) return new Response('as you wish', { status: Number(status) });
        return Response.json([request.method, new URL(request.url).pathname, request.headers.get('x-a'), await request.text()]);
      } };`,
    );
    await json('publish', 'echo.ts');
    const { stdout } = await run('invoke', 'echo', '-X', 'put', '-H', 'X-A: b', '-d', 'hi', '--path', '/x');
    expect(JSON.parse(stdout)).toEqual(['PUT', '/x', 'b', 'hi']);
    const piped = await brink(['invoke', 'echo', '-d', '-'], { cwd: folder.path, env: { BRINK_HOST: host.url }, stdin: 'from stdin' });
    expect(JSON.parse(piped.stdout)).toEqual(['POST', '/', null, 'from stdin']);
    const silent = await brink(['invoke', 'echo'], { cwd: folder.path, env: { BRINK_HOST: host.url } });
    expect(JSON.parse(silent.stdout)).toEqual(['GET', '/', null, '']);
  });

  it.each([
    ['200', 0],
    ['404', 0],
    ['503', 1],
  ])('status %s ends with %i', async (status, code) =>
    expect(await run('invoke', 'echo', '--path', `/?status=${status}`)).toMatchObject({ code, stdout: 'as you wish' }),
  );

  it('runs a scheduled handler', async () => {
    await json('publish', 'tick');
    expect(await json('invoke', 'tick', '--scheduled')).toMatchObject({ outcome: 'ok' });
    expect((await run('logs', 'tick')).stdout).toContain('*/5 * * * * was due at');
    expect((await run('invoke', 'tick', '--scheduled', '0 0 1 1 *')).code).toBe(0);
    expect((await run('logs', 'tick', '-n', '5')).stdout).toContain('0 0 1 1 * was due at');
  });
});

it('logs --json are events, one a line', async () => {
  const { stdout } = await run('logs', 'echo', '--json');
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; function: string });
  expect(new Set(events.map(({ function: name }) => name))).toEqual(new Set(['echo']));
  expect(events.some(({ type }) => type === 'invocation')).toBe(true);
});

it('logs -f shows what happens, until it is stopped', async () => {
  const following = start(['logs', 'echo', '-f', '-n', '0'], { cwd: folder.path, env: { BRINK_HOST: host.url } });
  // Nothing says when it has begun to follow; so call until it shows one.
  let seen = false;
  const shown = following.says(/GET \/followed 200/).then(() => (seen = true));
  while (!seen) {
    await fetch(`${host.url}/echo/followed`);
    await Promise.race([shown, new Promise((later) => setTimeout(later, 50))]);
  }
  expect(await following.stop('SIGINT')).toBe(0);
});

it('the state holds a token that lets the CLI in', async () => {
  expect(readFileSync(join(folder.path, 'state/token'), 'utf8').trim().length).toBeGreaterThan(30);
  expect(host.stdout() + host.stderr()).not.toContain(readFileSync(join(folder.path, 'state/token'), 'utf8').trim());
});
