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
