import { afterAll, beforeAll, expect, it } from 'vitest';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let shop: OpenedExample;
beforeAll(async () => {
  shop = await openExample('bookshop');
});
afterAll(() => shop.stop());

const post = (body: unknown) =>
  fetch(`${shop.at}books`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

it('has books, and takes others', async () => {
  expect(await (await fetch(`${shop.at}books?title=Pride`)).json()).toEqual([
    { isbn: '9780141439518', title: 'Pride and Prejudice', pages: 480 },
  ]);
  const book = { isbn: '9780141439587', title: 'Emma' };
  expect((await post(book)).status).toBe(201);
  expect(await (await fetch(`${shop.at}books/9780141439587`)).json()).toEqual(book);
});

it('says what is wrong', async () => {
  expect((await fetch(`${shop.at}books/1`)).status).toBe(404);
  const refused = await post({ isbn: '1', title: 'Emma', pages: 0 });
  expect([refused.status, await refused.json()]).toEqual([400, { error: 'Too small: expected number to be >=1' }]);
});

it('is described by its schemas', async () => {
  const { paths } = await shop.admin.openapi('bookshop', 'live');
  expect(Object.entries(paths!).map(([path, item]) => [path, Object.keys(item)])).toEqual([
    ['/books', ['get', 'post']],
    ['/books/{isbn}', ['get']],
  ]);
});
