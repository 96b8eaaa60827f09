import { afterAll, beforeAll, expect, it } from 'vitest';
import { cloudEvent, sendCloudEvents } from '../../sdk/index.ts';
import { openEventSink, type EventSink } from '../../test/conformance/event-sink.ts';
import { eventually } from '../../test/conformance/harness.ts';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let sink: EventSink;
let relay: OpenedExample;
beforeAll(async () => {
  // An event's subject is a list of statuses, of which the last holds.
  sink = await openEventSink(({ subject = '204' }, times) => {
    const statuses = subject.split(' ');
    return Number(statuses[times - 1] ?? statuses.at(-1));
  });
  relay = await openExample('relay', { vars: { SINK: sink.url } });
});
afterAll(async () => {
  await relay.stop();
  sink.stop();
});

const send = (id: string, subject?: string) =>
  sendCloudEvents(`${relay.at}events`, cloudEvent({ id, source: '/tests', type: 'test.sent', data: { id }, ...(subject && { subject }) }));
const times = (id: string) => sink.got.filter((event) => event.id === id).length;

it('sends on what it takes, as it came', async () => {
  await send('plain');
  await eventually(() => times('plain') || undefined);
  expect(sink.got[0]).toMatchObject({ id: 'plain', source: '/tests', type: 'test.sent', data: { id: 'plain' } });
});

it('sends it again when the receiver says so, and no more where it wants no events', async () => {
  const begun = Date.now();
  await Promise.all([send('busy', '429 204'), send('gone', '410')]);
  await eventually(() => times('busy') === 2 || undefined);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(1_000);
  await eventually(async () => ((await relay.admin.queues()).find(({ queue }) => queue === 'relay')!.messages === 0 ? true : undefined));
  expect([times('busy'), times('gone')]).toEqual([2, 1]);
});
