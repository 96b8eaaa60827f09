import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type TestHost } from '../../test/conformance/harness.ts';
import { ENGINES, publishExample } from '../../test/functions/open.ts';

describe.each(ENGINES)('on %s', (_platform, open) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await open();
    await publishExample(host, 'azure');
  });
  afterAll(() => host.stop());

  const logged = (part: string) => eventually(() => host.events.find((event) => JSON.stringify(event).includes(part)));

  it('takes a parcel, whose shipment comes by the queue', async () => {
    const at = `${host.url}/azure/api/parcels/12`;
    expect(await (await fetch(at)).json()).toEqual({ number: 12, state: 'unknown' });
    const taken = await fetch(at, { method: 'POST', body: '{"to":"Paris"}' });
    expect([taken.status, taken.headers.get('location')]).toEqual([202, '/api/parcels/12']);
    await logged('Parcel 12 goes to Paris, at try 1');
    expect((await fetch(at, { method: 'POST', body: '{}' })).status).toBe(400);
    expect((await fetch(`${host.url}/azure/api/parcels/twelve`)).status).toBe(404);
  });

  it('sweeps by its timer', async () => {
    expect(await host.admin.scheduled('azure', { scheduledTime: Date.now() })).toMatchObject({ outcome: 'ok' });
    await logged('Sweeping');
  });
});
