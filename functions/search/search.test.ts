import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/conformance/harness.ts';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let search: OpenedExample;
beforeAll(async () => {
  search = await openExample('search');
});
afterAll(() => search.stop());

const put = (id: number, body: string) => fetch(`${search.at}${id}`, { method: 'PUT', body });
const found = async (words: string) => (await (await fetch(`${search.at}?q=${words}`)).json()) as number[];
const soon = (words: string, ids: readonly number[]) =>
  eventually(async () => ((await found(words)).toSorted((a, b) => a - b).join() === ids.join() ? true : undefined));

it('finds notes by their words, also after they were changed or deleted', async () => {
  expect((await put(1, 'a hen and a dog')).status).toBe(204);
  await put(2, 'a hen');
  await soon('hen', [1, 2]);
  await put(1, 'a cat');
  await soon('hen', [2]);
  await soon('cat', [1]);
  await fetch(`${search.at}2`, { method: 'DELETE' });
  await soon('hen', []);
});
