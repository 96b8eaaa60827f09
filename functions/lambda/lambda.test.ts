import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type TestHost } from '../../test/conformance/harness.ts';
import { ENGINES, publishExample } from '../../test/functions/open.ts';

describe.each(ENGINES)('on %s', (_platform, open) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await open();
    await publishExample(host, 'lambda');
  });
  afterAll(() => host.stop());

  const post = (body: string) => fetch(`${host.url}/lambda/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const logged = (part: string) => eventually(() => host.events.find((event) => JSON.stringify(event).includes(part)));

  it('answers the requests of an HTTP API', async () => {
    const response = await post('{"items":[{"price":5,"count":2}]}');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ price: 10, quote: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect((await post('{"items":[]}')).status).toBe(400);
    expect((await post('no order')).status).toBe(400);
    const wrong = await fetch(`${host.url}/lambda/`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('takes orders of a queue, and only those that fail are delivered again', async () => {
    const orders = [{ items: [{ price: 7, count: 1 }] }, { items: [] }];
    const { outcome, messages } = await host.admin.invokeQueue('lambda', { messages: orders.map((body) => ({ body })) });
    expect([outcome, ...messages.map(({ result }) => result)]).toEqual(['ok', 'ack', 'retry']);
    await logged('took an order of 7');
  });

  it('reports in the morning', async () => {
    expect(await host.admin.scheduled('lambda', { scheduledTime: Date.parse('2026-01-01T06:00:00Z') })).toMatchObject({ outcome: 'ok' });
    await logged('report for 2026-01-01T06:00:00Z');
  });
});
