import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, type TestHost } from './harness.ts';
import { ended, publishCounter, type Counter } from './kept-counter.ts';

export function idempotencyCases(host: () => TestHost): void {
  describe('Idempotency-Key', () => {
    let fn: Counter;
    beforeAll(async () => {
      fn = await publishCounter(host(), { idempotency: { enabled: true }, async: { enabled: true, result_ttl: 3 } });
    });

    const withKey = (key: string, more: Record<string, string> = {}) => ({ 'idempotency-key': key, ...more });
    const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

    it('has the same request run once, and answered alike', async () => {
      const first = await fn.send('once?status=201', { headers: withKey('"k1"') });
      const again = await fn.send('once?status=201', { headers: withKey('k1') });
      expect([first.status, again.status]).toEqual([201, 201]);
      expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([null, 'true']);
      expect(again.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect([await first.text(), await again.text()]).toEqual(['1 v1 POST hello', '1 v1 POST hello']);
      expect(await fn.count('once')).toBe(1);
    });

    it('is refused with another payload', async () => {
      await fn.send('other', { headers: withKey('"k2"') });
      const reused = await fn.send('other', { headers: withKey('"k2"'), body: 'something else' });
      expect(await codeOf(reused)).toEqual([422, 'idempotency-key-reused']);
      expect(await fn.count('other')).toBe(1);
    });

    it('is refused while the first runs', async () => {
      const first = fn.send('slow?slow', { headers: withKey('"k3"') });
      await eventually(async () => ((await fn.count('slow')) === 1 ? true : undefined));
      const second = await fn.send('slow?slow', { headers: withKey('"k3"') });
      expect(second.headers.get('retry-after')).toBe('1');
      expect(await codeOf(second)).toEqual([409, 'idempotency-running']);
      expect((await first).status).toBe(200);
      expect((await fn.send('slow?slow', { headers: withKey('"k3"') })).headers.get('idempotency-replayed')).toBe('true');
      expect(await fn.count('slow')).toBe(1);
    });

    it('runs once of ten that come together', async () => {
      const all = await Promise.all(Array.from({ length: 10 }, () => fn.send('together?slow', { headers: withKey('"k4"') })));
      expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(9).fill(409)]);
      expect(await fn.count('together')).toBe(1);
    });

    it('is of one principal, and of one function', async () => {
      const other = await publishCounter(host(), { idempotency: { enabled: true } });
      await fn.send('mine', { headers: withKey('"k5"', { authorization: 'Bearer a' }) });
      await fn.send('mine', { headers: withKey('"k5"', { authorization: 'Bearer b' }), body: 'other' });
      expect((await other.send('mine', { headers: withKey('"k5"', { authorization: 'Bearer a' }), body: 'third' })).status).toBe(200);
      expect([await fn.count('mine'), await other.count('mine')]).toEqual([2, 1]);
    });

    it('answers alike where the handler threw, without running it again', async () => {
      const [first, again] = [
        await fn.send('threw-once?throw', { headers: withKey('"k6"') }),
        await fn.send('threw-once?throw', { headers: withKey('"k6"') }),
      ];
      expect(await codeOf(first)).toEqual([500, 'handler-threw']);
      expect(await codeOf(again)).toEqual([500, 'handler-threw']);
      expect(await fn.count('threw-once')).toBe(1);
    });

    it('gives a large response to the first alone', async () => {
      const first = await fn.send('large-once?large', { headers: withKey('"k7"') });
      expect((await first.arrayBuffer()).byteLength).toBe(2 ** 20 + 1);
      expect(await codeOf(await fn.send('large-once?large', { headers: withKey('"k7"') }))).toEqual([410, 'response-not-kept']);
      expect((await fn.send('empty-once?empty', { headers: withKey('"k7e"') })).status).toBe(204);
      expect((await fn.send('empty-once?empty', { headers: withKey('"k7e"') })).status).toBe(204);
    });

    it('is forgotten after its time', async () => {
      const brief = await publishCounter(host(), { idempotency: { enabled: true, ttl: 1 } });
      await brief.send('brief', { headers: withKey('"k8"') });
      const again = await eventually(async () => {
        const response = await brief.send('brief', { headers: withKey('"k8"') });
        return response.headers.has('idempotency-replayed') ? undefined : response;
      });
      expect(await again.text()).toBe('2 v1 POST hello');
    });

    it('can be asked for, and is checked', async () => {
      const strict = await publishCounter(host(), { idempotency: { enabled: true, required: true, methods: ['PUT'] } });
      expect(await codeOf(await strict.send('x', { method: 'PUT' }))).toEqual([400, 'idempotency-key-missing']);
      expect(await codeOf(await strict.send('x', { method: 'PUT', headers: withKey('""') }))).toEqual([400, 'idempotency-key-invalid']);
      expect(await codeOf(await strict.send('x', { method: 'PUT', headers: withKey('a b, c') }))).toEqual([400, 'idempotency-key-invalid']);
      expect(await codeOf(await strict.send('x', { method: 'PUT', headers: withKey('x'.repeat(256)) }))).toEqual([
        400,
        'idempotency-key-invalid',
      ]);
      expect((await strict.send('x')).status).toBe(200);
      expect(await strict.count('x')).toBe(1);
    });

    it('of a request for later leads to the same status URL, even when its result would be gone', async () => {
      const headers = withKey('"k9"', { prefer: 'respond-async' });
      const all = await Promise.all([1, 2, 3].map(() => fn.send('later', { headers })));
      const locations = new Set(all.map((response) => response.headers.get('location')));
      expect([all.map(({ status }) => status), locations.size]).toEqual([[202, 202, 202], 1]);
      const shown = await ended(host(), all[0]!);
      await new Promise((resolve) => setTimeout(resolve, 3_100));
      const again = await fn.send('later', { headers });
      expect([again.status, ((await again.json()) as { status: string }).status]).toEqual([202, shown.status]);
      expect(await codeOf(await fn.send('later', { headers, body: 'other' }))).toEqual([422, 'idempotency-key-reused']);
      expect(await fn.count('later')).toBe(1);
    });
  });
}
