import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import { freshName, publish, type TestHost } from '../conformance/harness.ts';

const QUOTAS = {
  BRINK_MAX_OPERATIONS: '50',
  BRINK_MAX_KEYS: '5',
  BRINK_MAX_MESSAGES: '5',
  BRINK_MAX_BYTES: '10000',
  BRINK_MAX_OBJECTS: '3',
  BRINK_MAX_BUCKET_BYTES: '1000000',
  BRINK_MAX_DATABASE_BYTES: '200000',
};
const KV = [{ binding: 'KV' }];

/** A function that does calls of a binding one after the other, and says how each of them ended. */
const SOURCE = `export default { async fetch(request, { KV = undefined, OUT = KV }) {
  const ended = [];
  for (const [method, ...args] of await request.json()) {
    await OUT[method](...args).then(() => ended.push('done'), ({ name, code, message }) => ended.push([name, code, message]));
  }
  return Response.json(ended);
} }`;

export interface QuotasSuiteOptions {
  readonly open: (options: Partial<HostOptions>) => Promise<TestHost>;
  /** Whether what buckets have is counted. R2 itself is not. */
  readonly buckets: boolean;
}

/** What functions may have their bindings do and keep. */
export function quotasSuite({ open, buckets }: QuotasSuiteOptions): void {
  describe('quotas', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open({ quotas: QUOTAS });
    });
    afterAll(() => host.stop());

    const deploy = async (manifest: Record<string, unknown> = {}) => {
      const { url } = await publish(host, SOURCE, { alias: 'live', manifest: { kv_namespaces: KV, ...manifest } });
      return async (calls: unknown[][]) =>
        (await (await fetch(url, { method: 'POST', body: JSON.stringify(calls) })).json()) as ('done' | [string, string, string])[];
    };

    it('a namespace has so many keys, and no more', async () => {
      const call = await deploy();
      const puts = Array.from({ length: 6 }, (_, index) => ['put', `k${index}`, 'value']);
      const ended = await call([...puts, ['increment', 'count'], ['put', 'k0', 'again'], ['delete', 'k0'], ['increment', 'count']]);
      const message = 'KV PUT failed: 413 the namespace may have at most 5 keys. Delete some, or have the host allow more.';
      const refused = ['QuotaExceededError', 'quota-exceeded', message];
      const increment = [...refused.slice(0, 2), message.replace('PUT', 'INCREMENT')];
      expect(ended).toEqual([...Array<string>(5).fill('done'), refused, increment, 'done', 'done', 'done']);
    });

    it('and so many bytes', async () => {
      const call = await deploy();
      const [first, second, third] = await call([
        ['put', 'a', 'x'.repeat(5_000)],
        ['put', 'b', 'x'.repeat(5_000)],
        ['put', 'a', 'x'.repeat(4_000)],
      ]);
      expect([first, third]).toEqual(['done', 'done']);
      expect(second).toEqual([
        'QuotaExceededError',
        'quota-exceeded',
        'KV PUT failed: 413 the namespace may have at most 10000 bytes of keys, values and metadata. Delete some, or have the host allow more.',
      ]);
    });

    it('a queue has so many messages and bytes, until some are consumed', async () => {
      const queue = freshName();
      const call = await deploy({ kv_namespaces: [], queues: { producers: [{ binding: 'OUT', queue }] } });
      const batch = (count: number, size = 1) => ['sendBatch', Array.from({ length: count }, () => ({ body: 'x'.repeat(size) }))];
      const refused = (method: string, what: string) => [
        'QuotaExceededError',
        'quota-exceeded',
        `Queue ${method} failed: the queue may have at most ${what}. Try again when some are consumed, or have the host allow more.`,
      ];
      expect(await call([batch(3), batch(3), batch(2), ['send', 'one more']])).toEqual([
        'done',
        refused('sendBatch', '5 messages'),
        'done',
        refused('send', '5 messages'),
      ]);
      expect(await host.admin.purgeQueue(queue)).toEqual({ removed: 5 });
      // With its quotes a text of JSON is two bytes longer.
      expect(await call([['send', 'x'.repeat(9_990)], batch(1, 7), batch(1, 6), ['send', '']])).toEqual([
        'done',
        refused('sendBatch', '10000 bytes of messages'),
        'done',
        refused('send', '10000 bytes of messages'),
      ]);
    });

    const bucket = { kv_namespaces: [], r2_buckets: [{ binding: 'OUT' }] };

    it(`a bucket has ${buckets ? 'so many objects, and no more' : 'what R2 lets it have'}`, async () => {
      const call = await deploy(bucket);
      const ended = await call([...['a', 'b', 'c', 'd', 'a'].map((key) => ['put', key, 'value']), ['delete', 'b'], ['put', 'd', 'value']]);
      const message = 'put: The bucket may have at most 3 objects and parts of uploads. Delete some, or have the host allow more.';
      const fourth = buckets ? ['QuotaExceededError', 'quota-exceeded', message] : 'done';
      expect(ended).toEqual(['done', 'done', 'done', fourth, 'done', 'done', 'done']);
    });

    if (buckets) {
      it('and so many bytes: a stream that brings more is cut off', async () => {
        const source = `export default { async fetch(_request, { OUT }) {
        let given = 0;
        const endless = new ReadableStream({
          pull: (controller) => given < 1e9 ? (given += 1e5, controller.enqueue(new Uint8Array(1e5))) : controller.close(),
        });
        const { name, code, message } = await OUT.put('a', endless).catch((error) => error);
        return Response.json({ name, code, message, cut: given < 1e8, head: await OUT.head('a') });
      } }`;
        const { url } = await publish(host, source, { alias: 'live', manifest: bucket });
        expect(await (await fetch(url)).json()).toEqual({
          name: 'QuotaExceededError',
          code: 'quota-exceeded',
          message:
            'put: The bucket may have at most 1000000 bytes of objects, keys and metadata. Delete some, or have the host allow more.',
          cut: true,
          head: null,
        });
      });
    }

    it('a database has so many bytes, and can be read and made smaller where it is full', async () => {
      const call = await deploy({ kv_namespaces: [], d1_databases: [{ binding: 'OUT', database_id: freshName() }] });
      const insert = (bytes: number) => ['exec', `INSERT INTO t VALUES (zeroblob(${bytes}))`];
      const [made, first, over, gone, again] = await call([
        ['exec', 'CREATE TABLE t (b)'],
        insert(100_000),
        insert(150_000),
        ['exec', 'DELETE FROM t'],
        insert(150_000),
      ]);
      expect([made, first, gone, again]).toEqual(Array(4).fill('done'));
      expect(over![2]).toContain('database or disk is full: SQLITE_FULL');
    });

    it('a binding does so many operations a second, of which its manifest can ask for fewer', async () => {
      const calls = (length: number) => Array.from({ length }, () => ['get', 'a']);
      const slow = await deploy({ limits: { operations_per_second: 10 } });
      const ended = await slow(calls(100));
      expect(ended.filter((each) => each === 'done').length).toBeGreaterThanOrEqual(10);
      const refused = ended.filter((each) => each !== 'done');
      expect(refused.length).toBeGreaterThan(10);
      expect(refused[0]).toEqual([
        'QuotaExceededError',
        'quota-exceeded',
        expect.stringMatching(/^KV: more than 10 operations a second\. Try again in 0\.\d+ s\.$/),
      ]);
      const other = await deploy();
      expect(new Set(await other(calls(30)))).toEqual(new Set(['done']));
    });

    it('the host’s own holds where the manifest asks for more', async () => {
      const call = await deploy({ limits: { operations_per_second: 1_000_000 } });
      const source = `export default { async fetch(_request, { KV }) {
        const ended = await Promise.allSettled(Array.from({ length: 1000 }, () => KV.get('a')));
        return Response.json(ended.filter(({ status }) => status === 'fulfilled').length);
      } }`;
      const { url } = await publish(host, source, {
        alias: 'live',
        manifest: { kv_namespaces: KV, limits: { operations_per_second: 1_000_000 } },
      });
      const done = (await (await fetch(url)).json()) as number;
      expect(done).toBeGreaterThanOrEqual(50);
      expect(done).toBeLessThan(1_000);
      // Of another function.
      expect(await call([['get', 'a']])).toEqual(['done']);
    });
  });
}
