import { expect, it } from 'vitest';
import { cloudEvent, sendCloudEvents, type CloudEvent } from '../../sdk/index.ts';
import { publishExample } from '../functions/open.ts';
import { openEventSink } from './event-sink.ts';
import { eventually, type TestHost } from './harness.ts';

/** Events that a function sends on, by `brink/sdk` inside of its cell. */
export function outCases(host: () => TestHost): void {
  it('CloudEvents go out as they came in, again where they were refused', async () => {
    const sink = await openEventSink(({ subject }, times) => (subject === 'once' && times === 1 ? 503 : 204));
    try {
      await publishExample(host(), 'relay', { vars: { SINK: sink.url } });
      const base = { source: '/tests', type: 'test.out', time: '2026-01-01T00:00:00.000Z' };
      const events = [
        cloudEvent({ ...base, id: 'json', datacontenttype: 'application/json', subject: 'Euro € 😀', data: { a: [1, 'ä'] } }),
        cloudEvent({ ...base, id: 'bytes', datacontenttype: 'image/png', data: Uint8Array.of(0, 255) }),
        cloudEvent({ ...base, id: 'text', datacontenttype: 'text/plain', data: 'hello ✓', subject: 'once' }),
        cloudEvent({ ...base, id: 'none', extension: 'x' }),
      ];
      await sendCloudEvents(`${host().url}/relay/events`, events);
      await eventually(() => sink.got.length >= 5 || undefined);
      const byId = (list: readonly CloudEvent[]) => list.toSorted((a, b) => a.id.localeCompare(b.id));
      expect(byId(sink.got)).toEqual(byId([...events, events[2]!]));
    } finally {
      sink.stop();
    }
  });
}
