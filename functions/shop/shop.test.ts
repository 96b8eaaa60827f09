import { afterAll, beforeAll, expect, it } from 'vitest';
import { openExample, publishExample, type OpenedExample } from '../../test/functions/open.ts';

let shop: OpenedExample;
beforeAll(async () => {
  shop = await openExample('shop');
  await publishExample(shop, 'prices');
});
afterAll(() => shop.stop());

it('adds up the prices of another function', async () => {
  expect(await (await fetch(`${shop.at}?order=tea,tea,coffee`)).json()).toEqual({ order: ['tea', 'tea', 'coffee'], cents: 1120 });
});

it('says what that does not sell', async () => {
  const answer = await fetch(`${shop.at}?order=gold`);
  expect([answer.status, await answer.json()]).toEqual([404, { error: 'There is no gold.' }]);
});

it('that answers over HTTP as well', async () => {
  expect(await (await fetch(`${shop.url}/prices/tea`)).text()).toBe('tea: 350\n');
});
