import { expect, it, vi } from 'vitest';
import mailer from '../../../functions/mailer/src/index.ts';
import prices from '../../../functions/prices/src/index.ts';
import reminders from '../../../functions/reminders/src/index.ts';
import shop from '../../../functions/shop/src/index.ts';
import stock from '../../../functions/stock/src/index.ts';
import { createTestEnv } from '../../../sdk/testing/index.ts';

/** The examples of `functions`, as an author would test them. */
const configOf = (name: string) => new URL(`../../../functions/${name}/`, import.meta.url);

it('mailer: what can be sent is, and the rest is among the dead letters after its retries', async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(console, 'warn').mockReturnValue();
  await using test = await createTestEnv({ config: configOf('mailer'), handler: mailer });
  for (const to of ['ada@example.com', 'nobody']) await test.fetch('/', { method: 'POST', body: JSON.stringify({ to, subject: 'Tea' }) });
  await test.clock.advance('200ms');
  const sent = (await (await test.fetch('/')).json()) as string[];
  expect(sent).toEqual([expect.stringMatching(/^ada@example\.com\//)]);
  await test.clock.advance('1m');
  expect((await test.messages('mails-dead')).map(({ body }) => body)).toEqual([{ to: 'nobody', subject: 'Tea' }]);
});

it('reminders: one that was made, and the digest of each working day', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await using test = await createTestEnv({
    config: configOf('reminders'),
    handler: reminders,
    // A Friday.
    now: '2026-03-27T20:00:00Z',
    patchDate: true,
  });
  await test.fetch('/?in=90s', { method: 'POST', body: 'Tea is ready.' });
  expect(await (await test.fetch('/')).json()).toMatchObject([{ payload: { text: 'Tea is ready.' } }]);
  await test.clock.advance('91s');
  expect(log.mock.lastCall?.[0]).toMatch(/^Tea is ready\. \(.*, due at 2026-03-27T20:01:30\.000Z\)$/);
  await test.clock.set('2026-03-30T08:00:00Z');
  expect(log.mock.calls).toHaveLength(2);
  // Summer time has begun in between.
  expect(log.mock.lastCall?.[0]).toBe('What is to be done today? (digest, due at 2026-03-30T05:30:00.000Z)');
});

it('shop: with the prices of another function, or of the test', async () => {
  await using other = await createTestEnv({ config: configOf('prices'), handler: prices });
  await using test = await createTestEnv({ config: configOf('shop'), handler: shop, services: { PRICES: other } });
  expect(await (await test.fetch('/?order=tea,tea,coffee')).json()).toEqual({ order: ['tea', 'tea', 'coffee'], cents: 1120 });
  expect((await test.fetch('/?order=gold')).status).toBe(404);
  await using cheap = await createTestEnv({ config: configOf('shop'), handler: shop, services: { PRICES: { of: () => 1 } } });
  expect(await (await cheap.fetch('/?order=gold,gold')).json()).toMatchObject({ cents: 2 });
});

it('stock: nothing is sold twice', async () => {
  await using test = await createTestEnv({ config: configOf('stock'), handler: stock });
  const answers = await Promise.all(Array.from({ length: 12 }, () => test.fetch('/tea', { method: 'POST' })));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([...Array<number>(10).fill(200), 409, 409]);
  expect(await (await test.fetch('/tea')).json()).toEqual({ left: 0 });
});
