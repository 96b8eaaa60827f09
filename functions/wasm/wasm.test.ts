import { afterAll, beforeAll, expect, it } from 'vitest';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let wasm: OpenedExample;
beforeAll(async () => {
  wasm = await openExample('wasm');
});
afterAll(() => wasm.stop());

it.each([
  ['', { a: 48, b: 36, gcd: 12 }],
  ['?a=17&b=5', { a: 17, b: 5, gcd: 1 }],
  ['?a=0&b=9', { a: 0, b: 9, gcd: 9 }],
  ['?a=2147483647&b=1', { a: 2_147_483_647, b: 1, gcd: 1 }],
])('computes in WebAssembly: %s', async (query, answer) => {
  expect(await (await fetch(wasm.at + query)).json()).toEqual(answer);
});

it.each(['?a=-1', '?a=1.5', '?b=many', '?a=2147483648'])('refuses %s', async (query) => {
  expect((await fetch(wasm.at + query)).status).toBe(400);
});
