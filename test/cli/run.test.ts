import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brink, serving, temporaryFolder } from './brink.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());

const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
const text = async (url: string) => (await fetch(url)).text();

describe('run', () => {
  it('serves one file at /, with variables from the command line', async () => {
    write(
      'hello.ts',
      'export default { fetch: (request: Request, env: { WHO: string }) => new Response(`Hello ${env.WHO} at ${new URL(request.url).pathname}`) };',
    );
    const running = await serving(['run', 'hello.ts', '--port', '0', '--env', 'WHO=Ada=Lovelace'], { cwd: folder.path });
    expect(await text(`${running.url}/a/b`)).toBe('Hello Ada=Lovelace at /a/b');
    await running.says(/GET \/a\/b 200/);
    expect(await running.stop('SIGINT')).toBe(0);
  });

  it('serves a component on workerd', async () => {
    const component = new URL('../component/guests/p3-hello.wasm', import.meta.url).pathname;
    const running = await serving(['run', component, '--engine', 'workerd', '--port', '0'], { cwd: folder.path });
    expect(await text(running.url)).toBe('hello');
    expect(await running.stop('SIGINT')).toBe(0);
  });

  it('serves an artifact', async () => {
    write('hello.ts', 'export default { fetch: (_: Request, env: { WHO: string }) => new Response(env.WHO) };');
    await brink(['build', 'hello.ts', '-o', 'hello.brink'], { cwd: folder.path });
    const running = await serving(['run', 'hello.brink', '--port', '0', '--env', 'WHO=Ada'], { cwd: folder.path });
    expect(await text(running.url)).toBe('Ada');
    await running.stop();
  });

  it('a function reaches this machine, and what --allow-private opens, and no other private address', async () => {
    write(
      'reach.js',
      `export default { fetch: async (request) => fetch('http://' + new URL(request.url).pathname.slice(1)).then((response) => new Response('reached'), (error) => new Response(error.message)) };`,
    );
    const running = await serving(['run', 'reach.js', '--port', '0', '--allow-private', '127.77.0.0/16'], { cwd: folder.path });
    const { host } = new URL(running.url);
    const asked = await Promise.all([`${host}/10.0.0.1`, '10.0.0.1', '169.254.169.254'].map((target) => text(`${running.url}/${target}`)));
    expect(asked).toEqual(['reached', expect.stringContaining('10.0.0.1 is not allowed'), expect.stringContaining('link-local')]);
    await running.stop();
  });

  it('ends with 1 where the function does not start', async () => {
    write('hello.ts', 'throw new Error("too early"); export default { fetch() {} };');
    const { code, stderr } = await brink(['run', 'hello.ts', '--port', '0'], { cwd: folder.path });
    expect([code, stderr]).toEqual([1, expect.stringContaining('too early (hello.ts:1:')]);
  });

  it('ends with 1 where the port is taken', async () => {
    write('hello.ts', 'export default { fetch: () => new Response() };');
    const running = await serving(['run', 'hello.ts', '--port', '0'], { cwd: folder.path });
    const { code, stderr } = await brink(['run', 'hello.ts', '--port', new URL(running.url).port], { cwd: folder.path });
    expect([code, stderr]).toEqual([1, expect.stringContaining('port-in-use')]);
    await running.stop();
  });
});

describe.each(['node', 'workerd'])('dev on %s', (engine) => {
  it('serves each save, shows what fails, and keeps the last good version', async () => {
    await brink(['init', 'hello'], { cwd: folder.path });
    const source = (body: string) =>
      write('hello/src/index.ts', `export default {\n  fetch(request: Request, env: Record<string, string>) {\n    ${body}\n  },\n};\n`);
    source("return new Response('one');");
    write('hello/.dev.vars', 'SECRET=kept\n');
    const dev = await serving(['dev', 'hello', '--engine', engine, '--port', '0'], { cwd: folder.path });
    expect(await text(dev.url)).toBe('one');

    source('return new Response(env.SECRET);');
    await dev.says(/hello@2 is live/);
    expect(await text(`${dev.url}/any`)).toBe('kept');

    source('return new Response(;');
    await dev.says(/build-failed.*src\/index\.ts:3:25[^]*> 3 \|/);
    expect(await text(dev.url)).toBe('kept');

    source("console.warn('look', 1); throw new Error('boom');");
    await dev.says(/hello@3 is live/);
    expect((await fetch(dev.url)).status).toBe(500);
    await dev.says(/warn +look 1/);
    await dev.says(/Error: boom[^]*src\/index\.ts:3:\d+/);
    expect(await dev.stop()).toBe(0);
  });

  it('serves several functions by their names', async () => {
    for (const name of ['one', 'two']) write(`${name}.ts`, `export default { fetch: () => new Response('${name}') };`);
    const dev = await serving(['dev', 'one.ts', 'two.ts', '--engine', engine, '--port', '0'], { cwd: folder.path });
    expect(await Promise.all([text(`${dev.url}/one/`), text(`${dev.url}/two/`)])).toEqual(['one', 'two']);
    await dev.stop();
  });
});
