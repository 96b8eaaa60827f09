import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCloudEvents, sendCloudEvents, cloudEvent, type CloudEvent } from '../../sdk/index.ts';
import { eventually } from '../../test/conformance/harness.ts';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

/** What a receiver got, and what it answers each by the event's subject: a list of statuses, of which the last holds. */
const got: CloudEvent[] = [];
const sink = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const headers = request.headers as Record<string, string>;
    void readCloudEvents(new Response(Buffer.concat(parts), { headers })).then(([event]) => {
      got.push(event!);
      const statuses = (event!.subject ?? '204').split(' ');
      const times = got.filter(({ id }) => id === event!.id).length;
      const status = Number(statuses[times - 1] ?? statuses.at(-1));
      response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end();
    });
  });
});

let relay: OpenedExample;
beforeAll(async () => {
  await once(sink.listen(0, '127.0.0.1'), 'listening');
  relay = await openExample('relay', { vars: { SINK: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/` } });
});
afterAll(async () => {
  await relay.stop();
  sink.close();
});

const send = (id: string, subject?: string) =>
  sendCloudEvents(`${relay.at}events`, cloudEvent({ id, source: '/tests', type: 'test.sent', data: { id }, ...(subject && { subject }) }));
const times = (id: string) => got.filter((event) => event.id === id).length;

it('sends on what it takes, as it came', async () => {
  await send('plain');
  await eventually(() => times('plain') || undefined);
  expect(got[0]).toMatchObject({ id: 'plain', source: '/tests', type: 'test.sent', data: { id: 'plain' } });
});

it('sends it again when the receiver says so, and no more where it wants no events', async () => {
  const begun = Date.now();
  await Promise.all([send('busy', '429 204'), send('gone', '410')]);
  await eventually(() => times('busy') === 2 || undefined, 10_000);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(1_000);
  await eventually(async () => ((await relay.admin.queues()).find(({ queue }) => queue === 'relay')!.messages === 0 ? true : undefined));
  expect([times('busy'), times('gone')]).toEqual([2, 1]);
});
