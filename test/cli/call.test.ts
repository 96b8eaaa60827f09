import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderOf } from '../functions/open.ts';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

const folder = temporaryFolder();
let host: Serving;
beforeAll(async () => {
  host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path });
  await run('publish', folderOf('shipping'));
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

function run(...args: string[]) {
  return brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url } });
}

it('invoke --call calls a function of a component’s own', async () => {
  const quoted = await run('invoke', 'shipping', '--call', 'quotes/quote', '-d', '{"parcel":{"grams":1200,"to":"union"}}');
  expect([quoted.code, quoted.stdout]).toEqual([0, '{"cents":"1210","days":[2,5]}']);
  expect((await run('invoke', 'shipping', '--call', '/quotes/heaviest', '-d', '{"to":"abroad"}')).stdout).toBe('20000');
});

it('invoke --call fails where the function does, or its parameters do not fit', async () => {
  const refused = await run('invoke', 'shipping', '--call', 'quotes/quote', '-d', '{"parcel":{"grams":40000,"to":"home"}}');
  expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([1, { error: { tag: 'too-heavy', val: 31_500 } }]);
  const without = await run('invoke', 'shipping', '--call', 'quotes/heaviest');
  expect([without.code, JSON.parse(without.stdout)]).toMatchObject([1, { code: 'call-invalid', pointer: '/to' }]);
  const both = await run('invoke', 'shipping', '--call', 'quotes/quote', '--scheduled');
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--call and --scheduled are two')]);
});

it('inspect shows where each is called', async () => {
  const { stdout } = await run('inspect', 'shipping@1');
  expect(stdout).toMatch(/^calls {6}POST \/quotes\/quote$/m);
  expect(stdout).toMatch(/^ {11}POST \/quotes\/heaviest$/m);
  expect(stdout).toContain('export acme:shipping/quotes@1.0.0;');
});
