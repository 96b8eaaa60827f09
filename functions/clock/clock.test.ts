import { afterAll, beforeAll, expect, it } from 'vitest';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let clock: OpenedExample;
beforeAll(async () => {
  clock = await openExample('clock');
});
afterAll(() => clock.stop());

it('shows no run, and after one when it was due', async () => {
  expect(await (await fetch(clock.at)).json()).toMatchObject({ lastRun: null });
  await clock.admin.scheduled('clock', { cron: '* * * * *', scheduledTime: 0 });
  expect(await (await fetch(clock.at)).json()).toMatchObject({ lastRun: { cron: '* * * * *', due: '1970-01-01T00:00:00.000Z' } });
});
