import { CloudEvent as PeerEvent, HTTP, type Message } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import { cloudEvent, cloudEventMessage, readCloudEvents, type CloudEvent, type CloudEventMode } from '../../sdk/index.ts';

const BYTES = Uint8Array.of(0, 1, 254, 255);
const base = { id: 'a-1', source: 'https://example.com/a?b=c', type: 'com.example.made', time: '2026-03-01T10:20:30.400Z' };

/** Events that both libraries are to read and write alike. Of a primitive in binary mode the peer makes no body of HTTP. */
const EVENTS: readonly (readonly [what: string, event: Record<string, unknown>])[] = [
  ['data of JSON', { ...base, datacontenttype: 'application/json', data: { text: 'ä €', list: [1, 2.5, null, true] } }],
  ['a list', { ...base, datacontenttype: 'application/json', data: [1, 2] }],
  ['no data', { ...base, datacontenttype: 'application/json' }],
  ['a text', { ...base, datacontenttype: 'text/plain', data: 'hello ✓' }],
  ['bytes', { ...base, datacontenttype: 'application/octet-stream', data: BYTES }],
  [
    'every core attribute',
    { ...base, subject: 'one', dataschema: 'https://example.com/schema', datacontenttype: 'application/json', data: {} },
  ],
  [
    'extension attributes',
    { ...base, datacontenttype: 'application/json', data: { a: 1 }, traceparent: '00-1-2-01', comexampleothervalue: 'x' },
  ],
  ['a source that is relative', { ...base, source: '/a/b', datacontenttype: 'application/json', data: {} }],
];

describe('CloudEvents of the package cloudevents', () => {
  it.each(EVENTS)('are read in binary mode: %s', async (_what, event) => {
    const [read] = await readCloudEvents(requestOf(HTTP.binary(peerOf(event))));
    expect(read).toEqual({
      specversion: '1.0',
      ...event,
      datacontenttype: expect.stringContaining(String(event['datacontenttype'])) as unknown,
    });
  });

  it.each(EVENTS)('are read in structured mode: %s', async (_what, event) => {
    expect(await readCloudEvents(requestOf(HTTP.structured(peerOf(event))))).toEqual([{ specversion: '1.0', ...event }]);
  });

  it('are read in batches', async () => {
    const list = EVENTS.map(([, event]) => peerOf(event));
    const body = `[${list.map((each) => String(HTTP.structured(each).body)).join(',')}]`;
    const read = await readCloudEvents(requestOf({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body }));
    expect(read).toEqual(EVENTS.map(([, event]) => ({ specversion: '1.0', ...event })));
  });

  describe.each(['binary', 'structured', 'batch'] as const)('reads ours in the mode %s', (mode) => {
    it.each(EVENTS)('%s', (_what, event) => {
      expect(shownByPeer(mode, cloudEvent(event as typeof base))).toEqual({ specversion: '1.0', ...event });
    });
  });
});

function peerOf(event: Record<string, unknown>): PeerEvent<unknown> {
  return new PeerEvent(event as ConstructorParameters<typeof PeerEvent>[0]);
}

function requestOf({ headers, body }: Message): Request {
  return new Request('http://localhost/', { method: 'POST', headers: headers as Record<string, string>, body: body as BodyInit });
}

function shownByPeer(mode: CloudEventMode, event: CloudEvent): unknown {
  const { headers, body } = cloudEventMessage(event, mode);
  const [read] = [HTTP.toEvent({ headers: Object.fromEntries(headers), body })].flat() as PeerEvent<unknown>[];
  const { data, data_base64: base64, ...attributes } = read!.toJSON() as Record<string, unknown>;
  const bytes = typeof base64 === 'string' ? Uint8Array.from(Buffer.from(base64, 'base64')) : data;
  return {
    ...attributes,
    ...(bytes !== undefined && bytes !== null && { data: bytes instanceof Uint8Array ? Uint8Array.from(bytes) : bytes }),
  };
}
