import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { Miniflare, serializeConfig } from 'miniflare';
import { afterEach, describe, expect, it } from 'vitest';
import { serviceNames, UNUSED, withoutServices } from '../../host/platforms/miniflare/lean-config.ts';
import { endWithParent, watchInput, watchSpawns } from '../../host/platforms/miniflare/runtime-process.ts';
import { freePort } from '../../host/platforms/listen.ts';
import { eventually } from '../conformance/harness.ts';

/** It comes without types. */
const { default: workerd } = createRequire(import.meta.url)('workerd') as { readonly default: string };
const BIG = `/* ${'x'.repeat(3_000_000)} */`;
const running: ChildProcess[] = [];
afterEach(() => running.splice(0).forEach((child) => child.kill('SIGKILL')));

function answering(text: string, more = '') {
  const esModule = `export default { fetch: () => new Response('${text}') } ${more}`;
  return { name: text, worker: { modules: [{ name: 'main.js', esModule }], compatibilityDate: '2026-01-01' } };
}

describe('a config without services', () => {
  it.each([
    ['one segment', ''],
    ['large modules', BIG],
  ])('of %s is one: what stays answers, by each socket', async (_, more) => {
    const [first, second, third] = [await freePort('127.0.0.1'), await freePort('127.0.0.1'), await freePort('127.0.0.1')];
    const socket = (name: string, port: number, service: string) => ({
      name,
      address: `127.0.0.1:${port}`,
      http: {},
      service: { name: service },
    });
    const config = serializeConfig({
      services: [
        answering('goes', more),
        answering('stays', more),
        answering('goes-too'),
        { ...answering('stays-too') },
        answering('last', more),
      ],
      sockets: [socket('a', first, 'goes'), socket('b', second, 'stays-too'), socket('c', third, 'last')],
    });
    const names = ['goes', 'stays', 'goes-too', 'stays-too', 'last'];
    expect(serviceNames(config)).toEqual(names);
    const lean = withoutServices(config, new Set(['goes', 'goes-too', 'nobody']));
    expect(serviceNames(lean)).toEqual(['stays', 'stays-too', 'last']);
    expect(serviceNames(config)).toEqual(names);
    const child = spawn(workerd, ['serve', '--binary', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
    running.push(child);
    endWithParent(child);
    child.stdin.end(lean);
    const answers = [first, second, third].map((port) =>
      eventually(async () => (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.text()),
    );
    expect(await Promise.all(answers)).toEqual(['stays-too', 'stays-too', 'last']);
  });

  it('is as it was where no socket would lead anywhere', () => {
    const config = serializeConfig({ services: [answering('only')], sockets: [{ name: 'a', http: {}, service: { name: 'only' } }] });
    expect(withoutServices(config, new Set(['only']))).toBe(config);
  });

  it('has none of those that this Miniflare starts for itself', async () => {
    let read = (): Uint8Array => new Uint8Array();
    const miniflare = watchSpawns(
      (child) => void (read = watchInput(child, (written) => written)),
      () =>
        new Miniflare({
          port: 0,
          host: '127.0.0.1',
          workers: [
            {
              config: {
                name: 'own',
                compatibilityDate: '2026-01-01',
                manifest: { mainModule: 'a.js', modules: { 'a.js': { type: 'esm', contents: 'export default {}' } } },
                env: { BUCKET: { type: 'r2', name: 'own' } },
              },
            },
          ],
        }),
    );
    await miniflare.ready;
    const names = serviceNames(read());
    await miniflare.dispose();
    // One that has another name in another Miniflare would be started for nobody.
    expect([...UNUSED].filter((name) => !names.includes(name))).toEqual([]);
    expect(names).toContain('core:user:own');
  });
});
