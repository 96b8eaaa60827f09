import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { decodeHeader, encodeHeader } from '../../sdk/cloud-event-http.ts';
import {
  cloudEvent,
  cloudEventJson,
  cloudEventMessage,
  messageCloudEvent,
  readCloudEvent,
  readCloudEvents,
  sendCloudEvents,
  type CloudEventInit,
} from '../../sdk/index.ts';

const base = { source: '/tests', type: 'test.made' };
const full = { specversion: '1.0', id: '1', ...base };
const fault = (attribute: string) => expect.objectContaining({ name: 'CloudEventError', code: 'invalid', attribute }) as Error;

describe('cloudEvent()', () => {
  it('gives what is not given: a version, an id, and the time', () => {
    const event = cloudEvent({ ...base, data: 1 });
    expect(event).toMatchObject({ specversion: '1.0', ...base, data: 1 });
    expect(event.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(Math.abs(Date.parse(event.time!) - Date.now())).toBeLessThan(5_000);
  });

  it('takes a Date and bytes as the texts that they are', () => {
    const event = cloudEvent({ ...base, time: new Date(0), mac: Uint8Array.of(0, 255), flag: true, count: -5 });
    expect(event).toMatchObject({ time: '1970-01-01T00:00:00.000Z', mac: 'AP8=', flag: true, count: -5 });
  });

  const good: readonly Readonly<Record<string, unknown>>[] = [
    { time: '2026-02-28T23:59:60Z' },
    { time: '2024-02-29t00:00:00.123456789+05:30' },
    { source: 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66' },
    { source: '1-555-123-4567' },
    { source: '#a' },
    { dataschema: 'https://example.com/schema#one' },
    { datacontenttype: 'TEXT/Plain; CharSet="utf-8"', data: 'a' },
    { datacontenttype: 'application/vnd.a+json; v=1', data: [] },
    { subject: '😀 €' },
    { a1: '' },
    { max: 2147483647, min: -2147483648 },
    { unset: null, other: undefined },
  ];
  it.each(good)('takes %o', (attributes) => {
    const given = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined));
    expect(readCloudEvent({ ...full, ...attributes })).toEqual({ ...full, ...given });
  });

  const bad: readonly (readonly [attributes: Readonly<Record<string, unknown>>, attribute: string])[] = [
    [{ id: '' }, 'id'],
    [{ id: 1 }, 'id'],
    [{ type: undefined }, 'type'],
    [{ source: '' }, 'source'],
    [{ source: 'a b' }, 'source'],
    [{ source: '%zz' }, 'source'],
    [{ specversion: '0.3' }, 'specversion'],
    [{ specversion: 1 }, 'specversion'],
    [{ subject: '' }, 'subject'],
    [{ subject: 'a\nb' }, 'subject'],
    [{ subject: 'a\u0085' }, 'subject'],
    [{ subject: '\ud800' }, 'subject'],
    [{ subject: '\ufdd0' }, 'subject'],
    [{ subject: '\u{1ffff}' }, 'subject'],
    [{ dataschema: '/relative' }, 'dataschema'],
    [{ datacontenttype: 'json' }, 'datacontenttype'],
    [{ datacontenttype: 'text/plain; charset' }, 'datacontenttype'],
    [{ time: '2026-13-01T00:00:00Z' }, 'time'],
    [{ time: '2026-02-29T00:00:00Z' }, 'time'],
    [{ time: '2026-01-01T24:00:00Z' }, 'time'],
    [{ time: '2026-01-01T00:00:00' }, 'time'],
    [{ time: '2026-01-01 00:00:00Z' }, 'time'],
    [{ time: 0 }, 'time'],
    [{ Upper: 'a' }, 'Upper'],
    [{ under_score: 'a' }, 'under_score'],
    [{ '': 'a' }, ''],
    [{ more: [] }, 'more'],
    [{ more: {} }, 'more'],
    [{ count: 1.5 }, 'count'],
    [{ count: 2147483648 }, 'count'],
    [{ datacontenttype: 'text/plain', data: { a: 1 } }, 'data'],
    [{ data: 1, data_base64: 'AA==' }, 'data'],
    [{ data_base64: 'A' }, 'data'],
    [{ data_base64: 'AA==\n' }, 'data'],
    [{ data_base64: 1 }, 'data'],
  ];
  it.each(bad)('refuses %o', (attributes, attribute) => {
    expect(() => readCloudEvent({ ...full, ...attributes })).toThrow(fault(attribute));
  });

  it.each([null, 1, 'a', [], undefined])('is not %o', (value) => {
    expect(() => readCloudEvent(value)).toThrow(expect.objectContaining({ name: 'CloudEventError', attribute: null }) as Error);
  });
});

describe('values of headers', () => {
  it.each([
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['"50%"', '%2250%25%22'],
    ["!#$&'()*+,-./:;<=>?@[]^_`{|}~", "!#$&'()*+,-./:;<=>?@[]^_`{|}~"],
  ])('%s is written as %s, and read again', (text, header) => {
    expect(encodeHeader(text)).toBe(header);
    expect(decodeHeader(header)).toBe(text);
  });

  it.each([
    ['"a \\"b\\" c"', 'a "b" c'],
    ['%e2%82%ac', '€'],
    ['%41', 'A'],
    ['100%', '100%'],
    ['%C0%A0', null],
    ['%ED%A0%80', null],
    ['\u00e9', null],
  ])('%s is read as %o', (header, text) => {
    expect(decodeHeader(header)).toBe(text);
  });
});

describe('events over HTTP', () => {
  const modes: readonly (readonly [what: string, event: CloudEventInit])[] = [
    ['JSON', { ...base, data: { a: [1, null] } }],
    ['null', { ...base, data: null }],
    ['bytes of no type', { ...base, data: Uint8Array.of(123, 125) }],
    ['a text of XML', { ...base, datacontenttype: 'application/xml', data: '<a b="ü"/>' }],
    ['a text that is JSON', { ...base, datacontenttype: 'application/json', data: 'I am a string' }],
    ['nothing', { ...base, subject: '100 % "ä"' }],
  ];
  describe.each(['binary', 'structured', 'batch'] as const)('in the mode %s', (mode) => {
    it.each(modes)('come as they went: %s', async (_what, init) => {
      const event = cloudEvent(init);
      const { headers, body } = cloudEventMessage(event, mode);
      const [read] = await readCloudEvents(new Response(body, { headers }));
      // What JSON implied is said then.
      const said = mode === 'binary' && event.data !== undefined && !(event.data instanceof Uint8Array);
      expect(read).toEqual({ ...event, ...(said && { datacontenttype: event.datacontenttype ?? 'application/json' }) });
    });
  });

  it('have no Content-Type where bytes have none', () => {
    const { headers } = cloudEventMessage(cloudEvent({ ...base, data: Uint8Array.of(1) }));
    expect(headers.has('content-type')).toBe(false);
  });

  it('are JSON that a queue takes', () => {
    const event = cloudEvent({ ...base, data: Uint8Array.of(0, 1) });
    const json = JSON.parse(JSON.stringify(cloudEventJson(event))) as unknown;
    expect(json).toMatchObject({ data_base64: 'AAE=' });
    expect(readCloudEvent(json)).toEqual(event);
  });

  it('are one, or a batch', () => {
    expect(() => cloudEventMessage([], 'binary')).toThrow('0 events are no one event');
    expect(cloudEventMessage([], 'batch').body).toBe('[]');
  });
});

describe('sendCloudEvents()', () => {
  it('posts them, and says how it was refused', async () => {
    const got: { headers: IncomingHttpHeaders; body: string }[] = [];
    const answers = [
      { status: 204 },
      { status: 202 },
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 410 },
      { status: 302, headers: { location: '/' } },
    ];
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => {
          got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
          const { status, headers } = answers[got.length - 1]!;
          response.writeHead(status, headers).end('what it says');
        });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const event = cloudEvent({ ...base, id: 'sent', data: { a: 1 } });
      await sendCloudEvents(url, event, { headers: { authorization: 'Bearer t' } });
      await sendCloudEvents(url, [event, event]);
      expect(got[0]).toMatchObject({ headers: { 'ce-id': 'sent', authorization: 'Bearer t' }, body: '{"a":1}' });
      expect(got[1]!.headers['content-type']).toBe('application/cloudevents-batch+json; charset=utf-8');
      expect(JSON.parse(got[1]!.body)).toHaveLength(2);
      await expect(sendCloudEvents(url, event)).rejects.toMatchObject({
        name: 'CloudEventRefused',
        status: 429,
        retryAfter: 7,
        final: false,
      });
      await expect(sendCloudEvents(url, event)).rejects.toMatchObject({ status: 410, retryAfter: null, final: true });
      await expect(sendCloudEvents(url, event)).rejects.toMatchObject({ status: 302 });
    } finally {
      server.close();
    }
  });
});

describe('messageCloudEvent()', () => {
  const message = (body: unknown) => ({ id: 'm1', timestamp: new Date(0), body });
  const own = { specversion: '1.0', id: 'm1', time: '1970-01-01T00:00:00.000Z', source: '/queues', type: 'brink.queue.message' };

  it.each([
    ['a CloudEvent', { ...full, data_base64: 'AAE=' }, { ...full, data: Uint8Array.of(0, 1) }],
    ['JSON', { a: 1 }, { ...own, datacontenttype: 'application/json', data: { a: 1 } }],
    ['a text', 'hello', { ...own, datacontenttype: 'text/plain; charset=utf-8', data: 'hello' }],
    ['bytes', Uint8Array.of(1).buffer, { ...own, datacontenttype: 'application/octet-stream', data: Uint8Array.of(1) }],
  ])('of %s', (_what, body, event) => {
    expect(messageCloudEvent(message(body))).toEqual(event);
  });

  it.each([
    ['PutObject', 'created'],
    ['CompleteMultipartUpload', 'created'],
    ['DeleteObject', 'deleted'],
  ])('of %s in a bucket', (action, what) => {
    const body = {
      account: 'brink',
      bucket: 'shop/PICTURES',
      action,
      object: { key: 'in/hen 1.txt' },
      eventTime: '2026-01-01T00:00:00.000Z',
    };
    expect(messageCloudEvent(message(body))).toMatchObject({
      id: 'm1',
      source: '/buckets/shop/PICTURES',
      type: `brink.bucket.object.${what}`,
      subject: 'in/hen 1.txt',
      time: body.eventTime,
      data: body,
    });
  });

  it('takes a source and a type, and refuses what only says that it is an event', () => {
    expect(messageCloudEvent(message(1), { source: '/shop', type: 'shop.sold' })).toMatchObject({ source: '/shop', type: 'shop.sold' });
    expect(() => messageCloudEvent(message({ specversion: '1.0' }))).toThrow(fault('id'));
  });
});
