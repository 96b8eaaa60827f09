import { afterAll, beforeAll, expect, it } from 'vitest';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let hono: OpenedExample;
beforeAll(async () => {
  hono = await openExample('hono');
});
afterAll(() => hono.stop());

it('answers with all animals, or with the one that the path names', async () => {
  expect(await (await fetch(`${hono.at}animals`)).json()).toHaveLength(2);
  expect(await (await fetch(`${hono.at}animals/hen`)).json()).toEqual({ name: 'hen', legs: 2 });
});

it('reads JSON', async () => {
  const response = await fetch(`${hono.at}legs`, { method: 'POST', body: JSON.stringify(['cat', 'hen', 'snake']) });
  expect(await response.json()).toEqual({ legs: 6 });
});

it('says 404 for what it does not know', async () => {
  const response = await fetch(`${hono.at}animals/fish`);
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ error: 'Nothing is at /animals/fish.' });
});
