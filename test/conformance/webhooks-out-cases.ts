import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { cloudEvent, readCloudEvents, sendCloudEvents, type CloudEvent } from '../../sdk/index.ts';
import { publishExample } from '../functions/open.ts';
import { eventually, type TestHost } from './harness.ts';

/** Events that a function sends on, by `brink/sdk` inside of its cell. */
export function outCases(host: () => TestHost): void {
  it('CloudEvents go out as they came in, again where they were refused', async () => {
    const got: CloudEvent[] = [];
    const sink = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        void readCloudEvents(new Response(Buffer.concat(parts), { headers })).then(([event]) => {
          got.push(event!);
          const refused = event!.subject === 'once' && got.filter(({ id }) => id === event!.id).length === 1;
          response.writeHead(refused ? 503 : 204).end();
        });
      });
    });
    await once(sink.listen(0, '127.0.0.1'), 'listening');
    try {
      await publishExample(host(), 'relay', { vars: { SINK: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/` } });
      const base = { source: '/tests', type: 'test.out', time: '2026-01-01T00:00:00.000Z' };
      const events = [
        cloudEvent({ ...base, id: 'json', datacontenttype: 'application/json', subject: 'Euro € 😀', data: { a: [1, 'ä'] } }),
        cloudEvent({ ...base, id: 'bytes', datacontenttype: 'image/png', data: Uint8Array.of(0, 255) }),
        cloudEvent({ ...base, id: 'text', datacontenttype: 'text/plain', data: 'hello ✓', subject: 'once' }),
        cloudEvent({ ...base, id: 'none', extension: 'x' }),
      ];
      await sendCloudEvents(`${host().url}/relay/events`, events);
      await eventually(() => got.length >= 5 || undefined, 15_000);
      const byId = (list: readonly CloudEvent[]) => list.toSorted((a, b) => a.id.localeCompare(b.id));
      expect(byId(got)).toEqual(byId([...events, events[2]!]));
    } finally {
      sink.close();
    }
  });
}
