import { beforeAll, describe, expect, it } from 'vitest';
import type { TestHost } from './harness.ts';
import { publishReceiver, type Receiver } from './webhooks-receiver.ts';

const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const BINARY = { 'ce-specversion': '1.0', 'ce-id': 'b-1', 'ce-source': '/tests', 'ce-type': 'test.binary' };
const event = (id: string, more: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id,
  source: '/tests',
  type: 'test.structured',
  ...more,
});
const structured = (id: string, more?: Record<string, unknown>) => ({ body: JSON.stringify(event(id, more)), headers: STRUCTURED });

/** CloudEvents over HTTP, in each of their modes. */
export function cloudEventCases(host: () => TestHost): void {
  describe('CloudEvents', () => {
    let open: Receiver;
    let closed: Receiver;
    beforeAll(async () => {
      open = await publishReceiver(host(), { webhooks: [{ path: '/events', scheme: 'cloudevents' }] });
      closed = await publishReceiver(host(), {
        webhooks: [{ path: '/events', scheme: 'cloudevents', secret: ['TOKEN', 'OLD'], allowed_origins: ['sender.example.com'] }],
        secrets: { TOKEN: 'mF_9.B5f-4.1JqM', OLD: 'other' },
      });
    });
    const named = async (fn: Receiver, count: number, id: string) => (await fn.came(count)).find(({ body }) => body.id === id)?.body;

    it('come in binary mode', async () => {
      const headers = { ...BINARY, 'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'ce-count': '5', 'content-type': 'application/json' };
      expect((await open.post('events', { headers, body: '{"a":1}' })).status).toBe(202);
      expect(await named(open, 1, 'b-1')).toEqual({
        specversion: '1.0',
        id: 'b-1',
        source: '/tests',
        type: 'test.binary',
        subject: 'Euro € 😀',
        datacontenttype: 'application/json',
        count: '5',
        data: { a: 1 },
      });
    });

    it('come in structured mode, with bytes and without data', async () => {
      await open.post('events', structured('s-1', { data_base64: 'AAEC', datacontenttype: 'image/png', flag: true, none: null }));
      await open.post('events', structured('s-2'));
      expect(await named(open, 3, 's-1')).toEqual(event('s-1', { data_base64: 'AAEC', datacontenttype: 'image/png', flag: true }));
      expect(await named(open, 3, 's-2')).toEqual(event('s-2'));
    });

    it('come in batches, each as a message, all of them or none', async () => {
      const list = [event('l-1'), event('l-2'), event('l-1')];
      const response = await open.post('events', { headers: BATCH, body: JSON.stringify(list) });
      expect([response.status, await response.json()]).toEqual([202, { accepted: 2, duplicates: 1 }]);
      const half = [event('l-2'), event('l-3')];
      expect(await (await open.post('events', { headers: BATCH, body: JSON.stringify(half) })).json()).toEqual({
        accepted: 1,
        duplicates: 1,
      });
      const bad = [event('l-4'), { ...event('l-5'), id: '' }];
      expect(await open.outcome('events', { headers: BATCH, body: JSON.stringify(bad) })).toEqual([400, 'cloudevent-invalid']);
      const none = await open.post('events', { headers: BATCH, body: '[]' });
      expect([none.status, await none.json()]).toEqual([202, { accepted: 0, duplicates: 0 }]);
      const many = Array.from({ length: 101 }, (_, index) => event(`m-${index}`));
      expect(await open.outcome('events', { headers: BATCH, body: JSON.stringify(many) })).toEqual([413, 'request-too-large']);
      const ids = (await open.came(6)).map(({ body }) => body.id);
      expect(ids.filter((id) => id.startsWith('l-')).toSorted()).toEqual(['l-1', 'l-2', 'l-3']);
    });

    const bad: readonly (readonly [what: string, headers: Record<string, string>, body: string, status: number, code: string])[] = [
      ['no event at all', {}, 'hello', 400, 'cloudevent-invalid'],
      ['no JSON', STRUCTURED, '{', 400, 'cloudevent-invalid'],
      ['no object', STRUCTURED, '[]', 400, 'cloudevent-invalid'],
      ['no list', BATCH, '{}', 400, 'cloudevent-invalid'],
      ['no id', STRUCTURED, JSON.stringify({ ...event('x'), id: undefined }), 400, 'cloudevent-invalid'],
      ['an id of null', STRUCTURED, JSON.stringify({ ...event('x'), id: null }), 400, 'cloudevent-invalid'],
      ['another version', STRUCTURED, JSON.stringify({ ...event('x'), specversion: '0.3' }), 400, 'cloudevent-invalid'],
      ['a name in capitals', STRUCTURED, JSON.stringify(event('x', { traceParent: 'a' })), 400, 'cloudevent-invalid'],
      ['a name with a dash', { ...BINARY, 'ce-a-b': 'x' }, '', 400, 'cloudevent-invalid'],
      ['an attribute that is an object', STRUCTURED, JSON.stringify(event('x', { more: {} })), 400, 'cloudevent-invalid'],
      ['a time that is none', STRUCTURED, JSON.stringify(event('x', { time: '2026-02-30T00:00:00Z' })), 400, 'cloudevent-invalid'],
      ['two kinds of data', STRUCTURED, JSON.stringify(event('x', { data: 1, data_base64: 'AA==' })), 400, 'cloudevent-invalid'],
      ['UTF-8 that is none', { ...BINARY, 'ce-subject': '%C0%A0' }, '', 400, 'cloudevent-invalid'],
      ['ce-datacontenttype', { ...BINARY, 'ce-datacontenttype': 'text/plain' }, '', 400, 'cloudevent-invalid'],
      ['JSON that is none', { ...BINARY, 'content-type': 'application/json' }, '{', 400, 'cloudevent-invalid'],
      ['a format that is not read', { 'content-type': 'application/cloudevents+avro' }, 'x', 415, 'cloudevent-unsupported'],
      ['too much', STRUCTURED, JSON.stringify(event('x', { data: 'x'.repeat(128_000) })), 413, 'request-too-large'],
    ];

    it.each(bad)('with %s are refused', async (_what, headers, body, status, code) => {
      expect(await open.outcome('events', { headers, body })).toEqual([status, code]);
    });

    it('need a token where there is one, in the header or in the query', async () => {
      const bearer = (token: string) => ({ ...structured('t'), headers: { ...STRUCTURED, authorization: `Bearer ${token}` } });
      expect(await closed.outcome('events', structured('t'))).toEqual([401, 'webhook-signature-invalid']);
      expect(await closed.outcome('events', bearer('mF_9.B5f-4.1JqN'))).toEqual([401, 'webhook-signature-invalid']);
      expect(await closed.outcome('events', bearer('mF_9.B5f-4.1JqM'))).toEqual([202, undefined]);
      expect(await closed.outcome('events?access_token=other', structured('t2'))).toEqual([202, undefined]);
    });

    it('are agreed on by a handshake, with those senders that may', async () => {
      const ask = (fn: Receiver, origin?: string) =>
        fetch(`${fn.url}events`, {
          method: 'OPTIONS',
          headers: { 'webhook-request-rate': '120', ...(origin && { 'webhook-request-origin': origin }) },
        });
      const granted = await ask(closed, 'sender.example.com');
      expect(['webhook-allowed-origin', 'webhook-allowed-rate', 'allow'].map((name) => granted.headers.get(name))).toEqual([
        'sender.example.com',
        '*',
        'POST, OPTIONS',
      ]);
      const refused = await ask(closed, 'other.example.com');
      expect([refused.status, refused.headers.get('webhook-allowed-origin')]).toEqual([403, null]);
      expect((await ask(open, 'any.example.com')).headers.get('webhook-allowed-origin')).toBe('any.example.com');
      expect((await ask(open)).status).toBe(400);
      const headers = { ...STRUCTURED, authorization: 'Bearer other', 'webhook-request-origin': 'other.example.com' };
      expect(await closed.outcome('events', { ...structured('t3'), headers })).toEqual([403, 'forbidden']);
    });
  });
}
