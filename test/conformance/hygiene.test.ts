import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode } from './harness-node.ts';
import { openWorkerd } from './harness-workerd.ts';
import { publish, type TestHost } from './harness.ts';
import { EVERYWHERE } from './hygiene-cases.ts';
import { expectOutcomes, outcomesOf } from './hygiene-suite.ts';

describe.each([
  ['node', openNode],
  ['workerd', openWorkerd],
] as const)('what a function can touch on %s', (_, open) => {
  let host: TestHost;
  beforeAll(async () => void (host = await open()));
  afterAll(() => host.stop());

  it('is what Workers has, and no more', async () => {
    expectOutcomes(EVERYWHERE, await outcomesOf(host, EVERYWHERE));
  });

  it('a call of the admin API needs the token, whatever a function has replaced', async () => {
    const source = `import { AsyncLocalStorage } from 'node:async_hooks';
      const outside = AsyncLocalStorage.snapshot();
      const { has, set } = Headers.prototype;
      const { getStore } = AsyncLocalStorage.prototype;
      const NativeHeaders = Headers;
      const ways = [
        () => {},
        () => { Headers.prototype.has = () => true; },
        () => { Headers.prototype.set = () => {}; },
        () => { globalThis.Headers = class { has() { return true } set() {} *[Symbol.iterator]() {} }; },
        () => { String.prototype.toLowerCase = () => 'traceparent'; },
        () => { Object.prototype.traceparent = 'a'; },
        () => { AsyncLocalStorage.prototype.getStore = () => undefined; },
      ];
      const { toLowerCase } = String.prototype;
      const undo = () => {
        Object.assign(Headers.prototype, { has, set });
        globalThis.Headers = NativeHeaders;
        String.prototype.toLowerCase = toLowerCase;
        delete Object.prototype.traceparent;
        AsyncLocalStorage.prototype.getStore = getStore;
      };
      const call = (url) => fetch(url).then(({ status }) => status, () => 'failed');
      export default { async fetch(request) {
        const url = request.headers.get('x-admin');
        const found = [await outside(() => call(url))];
        const inherited = Object.getPrototypeOf(globalThis).fetch ?? fetch;
        found.push(await Reflect.apply(inherited, globalThis, [url]).then(({ status }) => status));
        for (const way of ways) {
          way();
          const calling = call(url);
          found.push(await calling);
          undo();
        }
        return Response.json(found);
      } }`;
    const { url } = await publish(host, source, { manifest: { compatibility_flags: ['nodejs_als'] } });
    const response = await fetch(url, { headers: { 'x-admin': `${host.url}/_brink/functions` } });
    const found = (await response.json()) as unknown[];
    expect(found.filter((each) => each !== 401 && each !== 'failed')).toEqual([]);
    expect(found.slice(0, 3)).toEqual([401, 401, 401]);
    expect((await fetch(`${host.url}/_brink/functions`)).status).toBe(200);
  });

  const atStart = async (compatibility_date: string, compatibility_flags: readonly string[] = []) => {
    const source = `const attempt = (run) => { try { return String(run()) } catch (error) { return error.name } };
      const kept = Function;
      const found = [attempt(() => eval('1 + 1')), attempt(() => new Function('return 2')()), attempt(() => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])))];
      export default { fetch: () => Response.json([...found, attempt(() => kept('return 1')())]) };`;
    const { url } = await publish(host, source, { manifest: { compatibility_date, compatibility_flags } });
    return (await fetch(url)).json();
  };
  const NONE = ['EvalError', 'EvalError', 'CompileError', 'EvalError'];
  const AT_START = ['2', '2', '[object WebAssembly.Module]', 'EvalError'];

  it.each([
    ['2025-05-31', [], NONE],
    ['2025-06-01', [], AT_START],
    ['2025-06-01', ['disallow_eval_during_startup'], NONE],
    ['2025-01-01', ['allow_eval_during_startup'], AT_START],
  ] as const)('of the date %s and %j: code from strings at the start or never', async (date, flags, expected) => {
    expect(await atStart(date, flags)).toEqual(expected);
  });
});
