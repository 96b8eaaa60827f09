import { afterAll, beforeAll, expect, it } from 'vitest';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let stock: OpenedExample;
beforeAll(async () => {
  stock = await openExample('stock');
});
afterAll(() => stock.stop());

it('gives each of an item away once, to however many who ask at once', async () => {
  const answers = await Promise.all(Array.from({ length: 14 }, () => fetch(`${stock.at}pen`, { method: 'POST' })));
  const given = answers.filter(({ status }) => status === 200);
  const left = await Promise.all(given.map(async (response) => ((await response.json()) as { left: number }).left));
  expect(left.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await (await fetch(`${stock.at}pen`)).json()).toEqual({ left: 0 });
  expect(await (await fetch(`${stock.at}cup`)).json()).toEqual({ left: 10 });
});
