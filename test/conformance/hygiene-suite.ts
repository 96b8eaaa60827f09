import { expect } from 'vitest';
import { publish, type TestHost } from './harness.ts';
import type { Expected, Row } from './hygiene-cases.ts';

const EMPTY_WASM = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** Each expression's outcome in one function; strings cannot become code there, so each is a function of its module. */
export async function outcomesOf(host: TestHost, table: readonly Row[], manifest: Record<string, unknown> = {}): Promise<string[]> {
  const cases = table.map(({ code }) => `async (request, env) => (${code})`);
  const source = `import wasm from './empty.wasm';
    const kept = { Function, eval: globalThis.eval, Module: WebAssembly.Module };
    const show = (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));
    const cases = [${cases.join(',\n')}];
    export default { async fetch(request, env) {
      const outcomes = [];
      for (const run of cases) {
        try { outcomes.push(show(await run(request, env))) } catch (error) { outcomes.push('THREW ' + error?.name + ': ' + error?.message) }
      }
      return Response.json(outcomes);
    } }`;
  const { url } = await publish(host, source, { manifest: { vars: { VAR: '1' }, ...manifest }, modules: { 'empty.wasm': EMPTY_WASM } });
  const response = await fetch(url);
  expect([response.status, host.events.findLast(({ type }) => type === 'exception')]).toEqual([200, undefined]);
  return (await response.json()) as string[];
}

/** All at once: each that is other than expected is shown. */
export function expectOutcomes(table: readonly Row[], outcomes: readonly string[]): void {
  const wrong = table.flatMap(({ code, expected }, at) => (isAs(expected, outcomes[at]!) ? [] : [[code, outcomes[at], String(expected)]]));
  expect(wrong).toEqual([]);
  expect(outcomes).toHaveLength(table.length);
}

function isAs(expected: Expected, outcome: string): boolean {
  return typeof expected === 'string' ? outcome === expected : expected.test(outcome);
}
