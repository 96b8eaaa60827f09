import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/conformance/harness.ts';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let reminders: OpenedExample;
beforeAll(async () => {
  reminders = await openExample('reminders');
});
afterAll(() => reminders.stop());

const remind = async (text: string, after: string) =>
  (await (await fetch(`${reminders.at}?in=${after}`, { method: 'POST', body: text })).json()) as { id: string };

it('reminds when it was asked to', async () => {
  const { id } = await remind('tea', '0s');
  const line = await eventually(() => reminders.events.find((event) => event.type === 'console' && event.message.includes(id)));
  expect(line).toMatchObject({ message: expect.stringMatching(/^tea \(/) as string });
});

it('lists what is to come, and forgets it', async () => {
  const { id } = await remind('the far future', '9999s');
  expect(await (await fetch(reminders.at)).json()).toMatchObject([{ id, payload: { text: 'the far future' } }]);
  expect((await fetch(reminders.at + id, { method: 'DELETE' })).status).toBe(204);
  expect((await fetch(reminders.at + id, { method: 'DELETE' })).status).toBe(404);
  expect(await (await fetch(reminders.at)).json()).toEqual([]);
});

it('has a digest that its manifest declares', async () => {
  expect(await reminders.admin.schedules('reminders')).toMatchObject([
    { id: 'digest', declared: true, cron: '30 7 * * MON-FRI', timezone: 'Europe/Berlin', jitter: 300_000 },
  ]);
});
