import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually, freshName, publish, type TestHost } from './harness.ts';
import { done, reportOf, shadowed, type Pair } from './shadow-pair.ts';

/** Each version writes under its own name, and answers what does not say so: a shadow that reads as the live one does is equal. */
const SOURCE = (own: string) => `
  const own = ${JSON.stringify(own)};
  const plain = (names) => [...new Set(names.map((name) => name.replace(/live|copy/, '#')))].toSorted();
  const d1 = async (env) => (await env.DB.prepare('SELECT name FROM t ORDER BY name').all()).results.map((row) => row.name);
  const OPS = {
    async seed(env) {
      await env.KV.put('base', 'b', { metadata: { m: 1 } });
      await env.KV.put('counter', '5');
      await env.KV.put('doomed', 'd');
      await env.BUCKET.put('dir/base', 'b', { customMetadata: { m: '1' } });
      await env.BUCKET.put('doomed', 'd');
      await env.DB.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, more BLOB); CREATE INDEX byName ON t (name)');
      await env.DB.prepare("INSERT INTO t (name, more) VALUES ('base', x'00ff')").run();
      await env.SCHEDULES.create({ id: 'base', at: Date.now() + 3600000 });
      return 'seeded';
    },
    async kv(env) {
      await env.KV.put('from-' + own, own, { expirationTtl: 600 });
      const back = await env.KV.get('from-' + own);
      await env.KV.delete('doomed');
      return { back: back === own, base: await env.KV.getWithMetadata('base'), doomed: await env.KV.get('doomed'),
        counter: await env.KV.increment('counter-' + own, 2),
        many: [...(await env.KV.get(['base', 'doomed', 'none'])).entries()],
        stream: await new Response(await env.KV.get('base', 'stream')).text(),
        names: plain((await env.KV.list()).keys.map(({ name }) => name).filter((name) => !name.includes('counter'))) };
    },
    async r2(env) {
      await env.BUCKET.put('dir/from-' + own, own);
      await env.BUCKET.delete('doomed');
      const base = await env.BUCKET.get('dir/base');
      const kept = await env.BUCKET.put('dir/base', 'other', { onlyIf: { etagMatches: 'no' } });
      const same = await env.BUCKET.put('dir/base', 'b', { onlyIf: { etagMatches: base.etag }, customMetadata: { m: '1' } });
      const upload = await env.BUCKET.createMultipartUpload('parts-' + own);
      const part = await upload.uploadPart(1, 'p');
      await upload.complete([part]);
      const listed = await env.BUCKET.list({ delimiter: '/' });
      return { base: await base.text(), m: base.customMetadata, kept, same: same.etag === base.etag, doomed: await env.BUCKET.head('doomed'),
        back: (await (await env.BUCKET.get('dir/from-' + own)).text()) === own,
        listed: [plain(listed.objects.map(({ key }) => key)), listed.delimitedPrefixes],
        inside: plain((await env.BUCKET.list({ prefix: 'dir/' })).objects.map(({ key }) => key)) };
    },
    async d1(env) {
      const before = await d1(env);
      await env.DB.prepare('INSERT INTO t (name) VALUES (?)').bind('from-' + own).run();
      const [{ results }] = await env.DB.batch([env.DB.prepare("SELECT hex(more) AS more FROM t WHERE name = 'base'")]);
      return { before: before.length > 0, has: (await d1(env)).includes('from-' + own), more: results };
    },
    async keys(env) { return (await env.KV.list()).keys.map(({ name }) => name); },
    async objects(env) { return (await env.BUCKET.list()).objects.map(({ key }) => key); },
    async rows(env) { return d1(env); },
    async queue(env) { await env.QUEUE.send(own); await env.QUEUE.sendBatch([{ body: own }, { body: own }]); return 'sent'; },
    async mail(env) { await env.MAIL.send({ from: 'a@example.com', to: 'b@example.com', subject: own, text: own }); return 'sent'; },
    async lock(env) { return env.LOCKS.request('one', { ifAvailable: true }, async (lock) => lock !== null); },
    async schedule(env) {
      await env.SCHEDULES.create({ id: 'from-' + own, at: Date.now() + 300 });
      return { base: (await env.SCHEDULES.get('base')) !== null, back: (await env.SCHEDULES.get('from-' + own)) !== null };
    },
    async rate(env) { return (await env.RATE.limit({ key: 'k' })).success; },
    async cache(env, request) {
      const key = 'http://cache.example/' + new URL(request.url).searchParams.get('n');
      const found = await caches.default.match(key);
      await caches.default.put(key, new Response(own, { headers: { 'cache-control': 'max-age=60' } }));
      return found === undefined ? null : await found.text();
    },
    async later(env, request, ctx) { ctx.waitUntil(env.KV.put('later-' + own, own)); return 'later'; },
    async service(env) { return (await env.OTHER.fetch('http://other/write')).text(); },
    async rpc(env) { return env.OTHER.write(); },
    async out(env, request) {
      const at = new URL(request.url).searchParams.get('at');
      const ask = (method) => fetch(at, { method, headers: { 'x-own': own } }).then((response) => response.status, () => 'refused');
      return { get: await ask('GET'), post: await ask('POST') };
    },
  };
  export default {
    async fetch(request, env, ctx) { return Response.json(await OPS[new URL(request.url).pathname.split('/').at(-1)](env, request, ctx)); },
    async scheduled(controller, env) { await env.KV.put('ran-' + controller.id, own); },
  };
`;
const OTHER = `
  import { WorkerEntrypoint } from 'cloudflare:workers';
  export default class extends WorkerEntrypoint {
    async fetch(request) {
      if (!request.url.endsWith('/write')) return new Response(await this.env.KV.get('n'));
      await this.write();
      return new Response('done');
    }
    async write() { return (await this.env.KV.increment('n')) > 0; }
  }
`;

export function shadowWriteCases(open: () => TestHost): void {
  /** A pair whose live version has written what there is. */
  async function pairOf(asked = {}): Promise<Pair & { readonly other: string; readonly queue: string }> {
    const host = open();
    const [queue, other] = [freshName(), freshName()];
    await publish(host, OTHER, { name: other, manifest: { kv_namespaces: [{ binding: 'KV' }] } });
    const manifest = {
      kv_namespaces: [{ binding: 'KV' }],
      r2_buckets: [{ binding: 'BUCKET' }],
      d1_databases: [{ binding: 'DB' }],
      queues: { producers: [{ binding: 'QUEUE', queue }] },
      send_email: [{ name: 'MAIL' }],
      locks: [{ binding: 'LOCKS' }],
      schedules: [{ binding: 'SCHEDULES' }],
      ratelimits: [{ name: 'RATE', namespace_id: queue, simple: { limit: 2, period: 60 } }],
      services: [{ binding: 'OTHER', service: other }],
    };
    const pair = await shadowed(host, { live: SOURCE('live'), shadow: SOURCE('copy'), manifest, asked });
    // By its number no alias deals it, so it is not copied.
    expect(await (await fetch(`${host.url}/${pair.name}@1/seed`)).json()).toBe('seeded');
    return { ...pair, other, queue };
  }

  /** What the live version sees, without a copy. */
  async function sees(pair: Pair, op: string): Promise<unknown> {
    return (await fetch(`${open().url}/${pair.name}@1/${op}`)).json();
  }

  async function twice(pair: Pair, op: string): Promise<unknown> {
    const before = done((await open().admin.shadow(pair.name, pair.shadow.id)).report);
    const answer: unknown = await (await fetch(pair.url + op)).json();
    await reportOf(open(), pair, (each) => done(each) > before);
    return answer;
  }

  describe('what a shadow writes', () => {
    it('to KV, R2 and D1 is its own, on top of what is really there', async () => {
      const pair = await pairOf();
      for (const op of ['kv', 'r2', 'd1']) await twice(pair, op);
      const { report } = await open().admin.shadow(pair.name, pair.shadow.id);
      expect(report).toMatchObject({ equal: 3, different: 0, places: [] });
      expect(report.writes).toEqual({ kv: 3, r2: 5, d1: 1 });
      // Again: it finds what it has written, and nothing of it is there for the live version.
      for (const op of ['kv', 'r2']) await twice(pair, op);
      expect(await sees(pair, 'keys')).toEqual(['base', 'counter', 'counter-live', 'from-live']);
      expect(await sees(pair, 'objects')).toEqual(['dir/base', 'dir/from-live', 'parts-live']);
      expect(await sees(pair, 'rows')).toEqual(['base', 'from-live']);
    });

    it('to queues and as mail goes nowhere, and is counted', async () => {
      const host = open();
      const pair = await pairOf();
      const mails = (await host.admin.mails()).length;
      for (const op of ['queue', 'mail']) await twice(pair, op);
      const { report } = await host.admin.shadow(pair.name, pair.shadow.id);
      expect(report).toMatchObject({ equal: 2, writes: { queues: 3, email: 1 } });
      expect((await host.admin.peekQueue(pair.queue, 100)).length).toBe(3);
      expect((await host.admin.mails()).length).toBe(mails + 1);
    });

    it('of locks, limits, schedules and caches is nobody else’s', async () => {
      const host = open();
      const pair = await pairOf();
      expect(await twice(pair, 'lock')).toBe(true);
      expect(await twice(pair, 'rate')).toBe(true);
      expect(await twice(pair, 'schedule')).toEqual({ base: true, back: true });
      expect(await twice(pair, 'cache?n=1')).toBe(null);
      // The second that is counted: the copy's was not.
      expect(await sees(pair, 'rate')).toBe(true);
      expect(await sees(pair, 'cache?n=1')).toBe('live');
      expect((await host.admin.shadow(pair.name, pair.shadow.id)).report).toMatchObject({ equal: 4, different: 0 });
      // Both were made for the same time: the live one has run, and the other never will.
      await eventually(async () => ((await kvNames(pair)).includes('ran-from-live') ? true : undefined));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await kvNames(pair)).not.toContain('ran-from-copy');
    });

    it('after its answer, and by way of other functions, is kept off too', async () => {
      const host = open();
      const pair = await pairOf();
      expect(await twice(pair, 'later')).toBe('later');
      expect(await twice(pair, 'service')).toBe('done');
      expect(await twice(pair, 'rpc')).toBe(true);
      await eventually(async () => ((await kvNames(pair)).includes('later-live') ? true : undefined));
      expect(await kvNames(pair)).not.toContain('later-copy');
      expect(await (await fetch(`${host.url}/${pair.other}/`)).text()).toBe('2');
      const { report } = await host.admin.shadow(pair.name, pair.shadow.id);
      expect(report).toMatchObject({ equal: 3, different: 0 });
      expect(report.writes['kv']).toBe(3);
    });

    async function kvNames(pair: Pair): Promise<string[]> {
      return (await sees(pair, 'keys')) as string[];
    }
  });

  describe('what a shadow calls', () => {
    it.for([
      ['none', []],
      ['safe', ['GET']],
      ['all', ['GET', 'POST']],
    ] as const)('is as it was asked for: %s', async ([outbound, wanted]) => {
      const host = open();
      const [server, seen] = await upstream();
      try {
        const pair = await pairOf({ outbound });
        const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
        expect(await twice(pair, `out?at=${encodeURIComponent(at)}`)).toEqual({ get: 200, post: 200 });
        expect(seen.filter(([own]) => own === 'live').map(([, method]) => method)).toEqual(['GET', 'POST']);
        expect(seen.filter(([own]) => own === 'copy').map(([, method]) => method)).toEqual(wanted);
        expect((await host.admin.shadow(pair.name, pair.shadow.id)).report.different).toBe(outbound === 'all' ? 0 : 1);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });
  });
}

async function upstream(): Promise<[Server, [own: string, method: string][]]> {
  const seen: [string, string][] = [];
  const server = createServer((request, response) => {
    seen.push([String(request.headers['x-own']), request.method!]);
    request.resume();
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, seen];
}
