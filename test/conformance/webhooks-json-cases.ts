import { beforeAll, describe, expect, it } from 'vitest';
import type { TestHost } from './harness.ts';
import { publishReceiver, type Receiver } from './webhooks-receiver.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Plain JSON, which no scheme signs. */
export function jsonCases(host: () => TestHost): void {
  describe('JSON', () => {
    let open: Receiver;
    let closed: Receiver;
    beforeAll(async () => {
      open = await publishReceiver(host(), { webhooks: [{ path: '/jobs', scheme: 'json' }] });
      closed = await publishReceiver(host(), {
        webhooks: [{ path: '/jobs', scheme: 'json', secret: 'TOKEN' }],
        secrets: { TOKEN: 'mF_9.B5f-4.1JqM' },
      });
    });

    it('becomes the data of an event, whatever value it is', async () => {
      const values = [{ a: 1 }, [1, 2], 'text', null];
      for (const value of values) {
        const response = await open.post('jobs', {
          body: JSON.stringify(value),
          headers: { 'content-type': 'application/problem+json; x=y' },
        });
        expect([response.status, await response.json()]).toEqual([202, { accepted: 1, duplicates: 0 }]);
      }
      const came = await open.came(4);
      expect(came.map(({ body }) => body['data'] ?? null)).toEqual(expect.arrayContaining(values));
      expect(came[0]!.body).toMatchObject({
        specversion: '1.0',
        source: `/${open.name}/jobs`,
        type: 'brink.webhook.json',
        datacontenttype: 'application/json',
        time: expect.stringMatching(/Z$/),
      });
      expect(new Set(came.map(({ body }) => body.id)).size).toBe(4);
    });

    it('with a key is stored once', async () => {
      const post = async (key: string) =>
        (await open.post('jobs', { body: '7', headers: { ...JSON_TYPE, 'idempotency-key': key } })).json();
      expect([await post('"k-1"'), await post('k-1'), await post('"k-2"')]).toEqual([
        { accepted: 1, duplicates: 0 },
        { accepted: 0, duplicates: 1 },
        { accepted: 1, duplicates: 0 },
      ]);
      expect((await open.came(6)).map(({ body }) => body.id)).toEqual(expect.arrayContaining(['k-1', 'k-2']));
    });

    it.each<[string, Record<string, string>, string, number, string]>([
      ['a form’s media type', { 'content-type': 'text/plain' }, '{}', 400, 'webhook-invalid'],
      ['a list’s that no parser has', { 'content-type': 'application/jsonx' }, '{}', 400, 'webhook-invalid'],
      ['no JSON', JSON_TYPE, '{', 400, 'webhook-invalid'],
      ['bytes that are no text', JSON_TYPE, '\u00ff', 400, 'webhook-invalid'],
      ['a key that is none', { ...JSON_TYPE, 'idempotency-key': 'a b' }, '{}', 400, 'webhook-invalid'],
      ['too much', JSON_TYPE, JSON.stringify('x'.repeat(200_000)), 413, 'request-too-large'],
    ])('is refused for %s', async (_what, headers, body, status, code) => {
      const response = await open.post('jobs', { headers, body: Buffer.from(body, 'latin1') });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
    });

    it('needs the token, where one is named', async () => {
      expect(await closed.outcome('jobs', { headers: JSON_TYPE, body: '1' })).toEqual([401, 'webhook-signature-invalid']);
      const headers = { ...JSON_TYPE, authorization: 'Bearer mF_9.B5f-4.1JqM' };
      expect((await closed.post('jobs', { headers, body: '1' })).status).toBe(202);
    });

    it('is posted, and nothing else', async () => {
      const response = await fetch(`${open.url}jobs`, { method: 'OPTIONS' });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });
}
