import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freshName, publish, type OpenHost, type TestHost } from './harness.ts';
import { ended } from './kept-counter.ts';
import { publishComponent } from './publish-component.ts';

/** Messages of the flaky consumer: `npm run deliveries` sends 10,000. */
const MESSAGES = Number(process.env['BRINK_DELIVERIES'] ?? 400);
const EACH = 60;
/** Of chi-square with one degree of freedom: what fair dealing goes beyond once in a thousand times. */
const UNFAIR = 10.83;

/** Does what its path says; a consumer that fails by numbers, and counts in KV what it has done. */
const SOURCE = `
  const said = async (work) => { try { return Response.json(await work()); } catch ({ name, message, code }) { return Response.json({ name, message, code }, { status: 400 }); } };
  export default {
    async fetch(request, env) {
      const { pathname, searchParams } = new URL(request.url);
      const count = Number(searchParams.get('count'));
      switch (pathname.split('/').at(-1)) {
        case 'numbers':
          for (let at = 0; at < count; at += 100) await env.OUT.sendBatch(Array.from({ length: Math.min(100, count - at) }, (_, index) => ({ body: { number: at + index } })));
          return new Response();
        case 'objects':
          for (let at = 0; at < count; at++) await env.FILES.put('object-' + at, 'x');
          return new Response();
        case 'keyed':
          return said(async () => { for (const [body, idempotencyKey] of await request.json()) await env.OUT.send(body, { idempotencyKey }); return 'sent'; });
        case 'keyed-batch':
          return said(async () => { await env.OUT.sendBatch((await request.json()).map(([body, idempotencyKey]) => ({ body, idempotencyKey }))); return 'sent'; });
        case 'sum': {
          const sums = {};
          for (let cursor; ; ) {
            const page = await env.KV.list({ prefix: searchParams.get('prefix'), cursor });
            await Promise.all(page.keys.map(async ({ name }) => (sums[name] = Number(await env.KV.get(name)))));
            if (page.list_complete) return Response.json(sums);
            cursor = page.cursor;
          }
        }
      }
      return new Response('ok');
    },
    scheduled() {},
    async queue({ queue, messages }, env) {
      const dead = queue.endsWith('-dead');
      if (!dead && messages[0].body.number % 7 === 3 && messages[0].attempts === 1) throw new Error('as its number says');
      await Promise.all(messages.map(async (message) => {
        const { number } = message.body;
        if (!dead && (number % 31 === 5 || (number % 5 === 2 && message.attempts < 3))) return message.retry();
        await env.KV.increment((dead ? 'dead/' : 'done/') + number);
        message.ack();
      }));
    },
  };`;

/** What holds of every trigger: who gets a delivery, and that none is lost or made twice. */
export function deliveriesSuite(open: OpenHost): void {
  describe('deliveries', { timeout: 30_000 + MESSAGES * 20 }, () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const publishOn = async (queue: string, manifest: Record<string, unknown> = {}, consumer: Record<string, unknown> = {}) => {
      const consumers = [{ queue, max_batch_size: 1, max_batch_timeout: 0, ...consumer }];
      const all = {
        kv_namespaces: [{ binding: 'KV' }],
        queues: { producers: [{ binding: 'OUT', queue }], consumers: [...consumers, ...(consumer['dead_letter_queue'] === undefined ? [] : [{ queue: `${queue}-dead`, max_batch_timeout: 0 }])] }, // prettier-ignore
        ...manifest,
      };
      const first = await publish(host, SOURCE, { alias: 'live', manifest: all });
      return { ...first, manifest: all };
    };
    /** Three quarters to the first version, the rest to the second. */
    const dealt = async (queue: string, manifest: Record<string, unknown>) => {
      const first = await publishOn(queue, manifest);
      await publish(host, `${SOURCE}//2`, { name: first.name, manifest: first.manifest });
      const versions = [75, 25].map((weight, index) => ({ version: index + 1, weight }));
      await host.admin.moveAlias(first.name, 'live', { versions });
      await eventually(async () => ((await (await fetch(first.url)).text()) === 'ok' ? true : undefined));
      return first;
    };
    const expectFair = (versions: readonly (number | null)[]) => {
      const counts = [1, 2].map((version) => versions.filter((each) => each === version).length);
      expect(counts[0]! + counts[1]!).toBe(versions.length);
      const wanted = [versions.length * 0.75, versions.length * 0.25];
      expect(counts.reduce((sum, count, index) => sum + (count - wanted[index]!) ** 2 / wanted[index]!, 0)).toBeLessThan(UNFAIR);
    };
    const batchesOf = (name: string, count: number) =>
      eventually(() => {
        const all = host.events.flatMap((each) =>
          each.type === 'invocation' && each.function === name && each.trigger === 'queue' ? [each] : [],
        );
        return all.length >= count ? all.map(({ version }) => version) : undefined;
      });
    const sumOf = async (url: string, prefix: string) =>
      (await (await fetch(`${url}sum?prefix=${prefix}`)).json()) as Record<string, number>;
    const messagesOf = async (queue: string) => (await host.admin.queues()).find((each) => each.queue === queue)!.messages;

    describe('go to the versions of an alias by their weights', () => {
      it('messages of a queue', async () => {
        const { name, url } = await dealt(freshName(), {});
        // None that fails: 7 n + 3, 5 n + 2 and 31 n + 5 do.
        const bodies = Array.from({ length: EACH }, (_, index) => [{ number: index * 35 }, `key ${index}`]);
        await fetch(`${url}keyed-batch`, { method: 'POST', body: JSON.stringify(bodies) });
        expectFair(await batchesOf(name, EACH));
      });

      it('events of buckets', async () => {
        const queue = freshName();
        const buckets = { r2_buckets: [{ binding: 'FILES', notifications: [{ queue, event_type: 'object-create' }] }] };
        const { name, url } = await dealt(queue, buckets);
        await fetch(`${url}objects?count=${EACH}`);
        expectFair((await batchesOf(name, EACH)).slice(0, EACH));
      });

      it('runs of schedules', async () => {
        const schedules = Array.from({ length: 20 }, (_, index) => ({ every: 1_000, name: `s${index}` }));
        const { name } = await dealt(freshName(), { schedules });
        const runs = await eventually(async () => {
          const all = (await host.admin.runs(name, { limit: 500 })).filter(({ ended: at }) => at !== null);
          return all.filter(({ version }) => version === 2).length > 0 && all.length >= EACH * 2 ? all : undefined;
        });
        // The newest ones: those at first were the first version's alone.
        expectFair(runs.slice(0, EACH).map(({ version }) => version));
      });

      it('requests for later', async () => {
        const { url } = await dealt(freshName(), { async: { enabled: true } });
        const accepted = await Promise.all(
          Array.from({ length: EACH }, () => fetch(url, { method: 'POST', headers: { prefer: 'respond-async' } })),
        );
        const shown = await Promise.all(accepted.map((each) => ended(host, each)));
        expectFair(shown.map(({ version }) => version));
      });
    });

    it.each(['p2-events', 'p3-events'])('an event of a bucket reaches a component, which sends it on: %s', async (guest) => {
      const [queue, out] = [freshName(), freshName()];
      const buckets = { r2_buckets: [{ binding: 'FILES', notifications: [{ queue, event_type: 'object-create' }] }] };
      const { url } = await publish(host, SOURCE, { alias: 'live', manifest: buckets });
      const queues = `[queues]\nproducers = [{ binding = "OUT", queue = "${out}" }]\nconsumers = [{ queue = "${queue}", max_batch_timeout = 0 }]\n`;
      const bytes = new Uint8Array(readFileSync(new URL(`../component/guests/${guest}.wasm`, import.meta.url)));
      const component = await publishComponent(host, bytes, `locks = [{ binding = "LOCKS" }]\n${queues}`);
      await fetch(`${url}objects?count=1`);
      expect(await batchesOf(component.name, 1)).toEqual([1]);
      const sent = (await host.admin.peekQueue(out)).map(({ body }) => String(body));
      expect(sent).toContainEqual(expect.stringMatching(/"action":"PutObject".*"key":"object-0"/));
    });

    it('a message that is retried stays on its version, though the alias has left it', async () => {
      const queue = freshName();
      const { name, url, manifest } = await publishOn(queue, {}, { max_retries: 5, retry_delay: 1 });
      await fetch(`${url}keyed`, { method: 'POST', body: JSON.stringify([[{ number: 2 }, 'key']]) });
      await batchesOf(name, 1);
      await publish(host, `${SOURCE}//2`, { name, alias: 'live', manifest });
      expect(await batchesOf(name, 3)).toEqual([1, 1, 1]);
      await fetch(`${url}keyed`, { method: 'POST', body: JSON.stringify([[{ number: 0 }, 'other']]) });
      expect(await batchesOf(name, 4)).toEqual([1, 1, 1, 2]);
    });

    it('of sends with one idempotencyKey, one is delivered, and one with another body is refused', async () => {
      const { url } = await publishOn(freshName());
      const send = async (path: string, ...messages: [object, unknown][]) => {
        const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(messages) });
        return response.json();
      };
      await Promise.all(Array.from({ length: 5 }, () => send('keyed', [{ number: 0 }, 'a'])));
      expect(await send('keyed-batch', [{ number: 0 }, 'a'], [{ number: 1 }, 'b'], [{ number: 1 }, 'b'])).toBe('sent');
      const reused = { name: 'Error', code: 'idempotency-key-reused', message: expect.stringContaining('another body') as string };
      expect(await send('keyed', [{ number: 4 }, 'a'])).toEqual(reused);
      expect(await send('keyed-batch', [{ number: 4 }, 'new'], [{ number: 4 }, 'b'])).toEqual(reused);
      for (const key of ['', 'x'.repeat(256), 5]) expect(await send('keyed', [{ number: 4 }, key])).toMatchObject({ name: 'TypeError' });
      expect(await send('keyed', [{ number: 6 }, 'last'])).toBe('sent');
      await eventually(async () => ((await sumOf(url, 'done/'))['done/6'] === 1 ? true : undefined));
      expect(await sumOf(url, 'done/')).toEqual({ 'done/0': 1, 'done/1': 1, 'done/6': 1 });
    });

    it(`${MESSAGES} messages through a consumer that fails: each is done once, or dead once`, async () => {
      const queue = freshName();
      const consumer = { max_batch_size: 10, max_retries: 4, dead_letter_queue: `${queue}-dead` };
      const { name, url } = await publishOn(queue, {}, consumer);
      await fetch(`${url}numbers?count=${MESSAGES}`);
      await eventually(
        async () => ((await messagesOf(queue)) + (await messagesOf(`${queue}-dead`)) === 0 ? true : undefined),
        20_000 + MESSAGES * 15,
      );
      const [done, dead] = [await sumOf(url, 'done/'), await sumOf(url, 'dead/')];
      const numbers = (sums: Record<string, number>) => Object.keys(sums).map((key) => Number(key.split('/')[1]));
      expect([...numbers(done), ...numbers(dead)].toSorted((a, b) => a - b)).toEqual(Array.from({ length: MESSAGES }, (_, index) => index));
      expect([...Object.values(done), ...Object.values(dead)].every((count) => count === 1)).toBe(true);
      const hopeless = Array.from({ length: MESSAGES }, (_, index) => index).filter((index) => index % 31 === 5);
      expect(hopeless.filter((number) => !numbers(dead).includes(number))).toEqual([]);
      const buried = () => host.events.filter((each) => each.type === 'queue' && each.function === name && each.change === 'dead-lettered');
      const wanted = Math.min(500, numbers(dead).length);
      await eventually(() => (buried().length >= wanted ? true : undefined));
      if (buried().length < 500) expect(buried()).toHaveLength(numbers(dead).length);
    });
  });
}
