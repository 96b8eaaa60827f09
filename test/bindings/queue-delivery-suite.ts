import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freshName, publish, type OpenHost, type TestHost } from '../conformance/harness.ts';

/** Remembers what it gets in a KV of its own, and does with each message what its body says. */
const SOURCE = `
  export default {
    async fetch(request, env) {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith('/seen')) return Response.json(await Promise.all((await env.SEEN.list()).keys.map(async ({ name }) => JSON.parse(await env.SEEN.get(name)))));
      const bodies = await request.json();
      for (let at = 0; at < bodies.length; at += 100) await env.OUT.sendBatch(bodies.slice(at, at + 100).map((body) => ({ body })));
      return new Response();
    },
    async queue(batch, env, ctx) {
      for (const [index, message] of batch.messages.entries()) {
        const { id, attempts, body } = message;
        await env.SEEN.put(Date.now() + '-' + Math.random(), JSON.stringify({ id, attempts, label: body.label, queue: batch.queue, version: ctx.brink.version, alias: ctx.brink.alias }));
        const word = body.words?.[Math.min(attempts, body.words.length) - 1];
        if (word === 'retry') message.retry();
        if (word === 'ack') message.ack();
        if (word === 'throw') throw new Error('as told');
        if (word === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
        if (word === 'spin') for (;;);
      }
    },
  };`;

interface Got {
  readonly id: string;
  readonly attempts: number;
  readonly label: string;
  readonly queue: string;
  readonly version: number;
  readonly alias: string | null;
}

/** What a host does with queues: who consumes them, where messages stay, and what `brink queue` does. */
export function queueDeliverySuite(open: OpenHost): void {
  describe('delivery', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const kv = { kv_namespaces: [{ binding: 'SEEN' }] };
    const consuming = (queue: string, more: object = {}) => ({
      ...kv,
      queues: { producers: [{ binding: 'OUT', queue }], consumers: [{ queue, max_batch_timeout: 0, ...more }] },
    });
    const send = async (url: string, ...bodies: object[]) =>
      expect((await fetch(url, { method: 'POST', body: JSON.stringify(bodies) })).status).toBe(200);
    const seen = async (url: string) => (await (await fetch(`${url}seen`)).json()) as Got[];
    const seenOf = (url: string, count: number) =>
      eventually(async () => {
        const all = await seen(url);
        return all.length >= count ? all : undefined;
      });
    const counts = async (queue: string) => (await host.admin.queues()).find((each) => each.queue === queue)!;
    const emptied = (queue: string) => eventually(async () => ((await counts(queue)).messages === 0 ? true : undefined));

    it('a queue has one consumer: a second is refused, and the first one’s removal makes room', async () => {
      const queue = freshName();
      const one = await publish(host, SOURCE, { alias: 'live', manifest: consuming(queue) });
      const name = freshName();
      const refused = publish(host, SOURCE, { name, alias: 'live', manifest: consuming(queue) });
      await expect(refused).rejects.toMatchObject({ code: 'queue-conflict', details: { queue, function: one.name } });
      // Without being live it consumes nothing.
      await publish(host, `${SOURCE}//`, { name, alias: 'beta', manifest: consuming(queue) });
      await expect(host.admin.moveAlias(name, 'live', { versions: [{ version: 1, weight: 100 }] })).rejects.toMatchObject({
        code: 'queue-conflict',
      });
      await host.admin.removeFunction(one.name);
      await host.admin.moveAlias(name, 'live', { versions: [{ version: 1, weight: 100 }] });
      expect(await counts(queue)).toMatchObject({ function: name });
    });

    it('a queue without a consumer keeps its messages until one comes', async () => {
      const queue = freshName();
      const sender = await publish(host, SOURCE, {
        alias: 'live',
        manifest: { ...kv, queues: { producers: [{ binding: 'OUT', queue }] } },
      });
      await send(sender.url, { label: 'early' });
      expect(await counts(queue)).toMatchObject({ function: null, messages: 1, leased: 0 });
      const { url } = await publish(host, SOURCE, { alias: 'live', manifest: consuming(queue) });
      expect(await seenOf(url, 1)).toMatchObject([{ label: 'early', attempts: 1, alias: 'live' }]);
      await emptied(queue);
    });

    it('an alias that moves to a version without the consumer keeps messages back; rolled back, it takes them', async () => {
      const queue = freshName();
      const { name, url } = await publish(host, SOURCE, { alias: 'live', manifest: consuming(queue) });
      await publish(host, `${SOURCE}//2`, { name, alias: 'live', manifest: { ...kv, queues: { producers: [{ binding: 'OUT', queue }] } } });
      await eventually(async () => ((await counts(queue)).function === null ? true : undefined));
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await send(url, { label: 'kept' });
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await counts(queue)).toMatchObject({ messages: 1 });
      await host.admin.rollback(name, 'live');
      expect(await seenOf(url, 1)).toMatchObject([{ label: 'kept', version: 1 }]);
    });

    it('weights deal batches to versions, and a retried message stays on its own while that is there', async () => {
      const queue = freshName();
      const manifest = consuming(queue, { max_batch_size: 1, max_retries: 5, retry_delay: 0 });
      const { name, url } = await publish(host, SOURCE, { alias: 'live', manifest });
      await publish(host, `${SOURCE}//2`, { name, manifest });
      await host.admin.moveAlias(name, 'live', {
        versions: [
          { version: 1, weight: 50 },
          { version: 2, weight: 50 },
        ],
      });
      const labels = Array.from({ length: 20 }, (_, index) => `job ${index}`);
      await send(url, ...labels.map((label) => ({ label, words: ['retry', 'throw', 'ack'] })));
      const all = await seenOf(url, 60);
      const versions = labels.map((label) => [...new Set(all.filter((each) => each.label === label).map(({ version }) => version))]);
      expect(versions.every((each) => each.length === 1)).toBe(true);
      // Requests are dealt from the same deck.
      expect(new Set(versions.flat())).toEqual(new Set([1, 2]));
      await emptied(queue);
    });

    it('a message that fails too often is dropped, and the log names it', async () => {
      const queue = freshName();
      const { name, url } = await publish(host, SOURCE, { alias: 'live', manifest: consuming(queue, { max_retries: 1 }) });
      await send(url, { label: 'bad', words: ['throw'] });
      const [one] = await seenOf(url, 2);
      const event = await eventually(() => host.events.find((each) => each.type === 'queue' && each.function === name));
      expect(event).toMatchObject({ queue, message: one!.id, change: 'dropped', attempts: 2, deadLetterQueue: null, version: 1 });
      await emptied(queue);
      const runs = await eventually(() => {
        const all = host.events.filter((each) => each.type === 'invocation' && each.function === name && each.trigger === 'queue');
        return all.length === 2 ? all : undefined;
      });
      expect(runs).toMatchObject([
        { outcome: 'handler-threw', path: queue, alias: 'live' },
        { outcome: 'handler-threw', path: queue, alias: 'live' },
      ]);
    });

    it('what a filter leaves out is acked and counted, and the handler has the rest, also when it is retried', async () => {
      const queue = freshName();
      const filter = { label: [{ prefix: 'keep' }], 'more.size': [{ numeric: ['>=', 10, '<', 20] }, { exists: false }] };
      const { url } = await publish(host, SOURCE, { alias: 'live', manifest: consuming(queue, { filter, max_batch_size: 3 }) });
      const wanted = [{ label: 'keep 1' }, { label: 'keep 2', more: { size: 19 } }, { label: 'keep 3', words: ['retry', 'ack'] }];
      const unwanted = [{ label: 'drop' }, { label: 'keep', more: { size: 20 } }, { more: { size: 10 } }, [], null];
      await send(url, ...(unwanted.flatMap((each, index) => [each, wanted[index] ?? 7]) as object[]));
      const labels = (await seenOf(url, 4)).map(({ label, attempts }) => `${label} ${attempts}`);
      expect(labels.toSorted()).toEqual(['keep 1 1', 'keep 2 1', 'keep 3 1', 'keep 3 2']);
      await emptied(queue);
      expect(await counts(queue)).toMatchObject({ messages: 0, bytes: 0, filtered: 7 });
    });

    it('dead letters can be looked at, and sent back', async () => {
      const queue = freshName();
      const dead = `${queue}-dead`;
      const { name, url } = await publish(host, SOURCE, {
        alias: 'live',
        manifest: consuming(queue, { max_batch_size: 1, max_retries: 0, dead_letter_queue: dead }),
      });
      await send(url, { label: 'bad', words: ['throw'] }, { label: 'worse', words: ['throw'] });
      await eventually(async () => ((await counts(dead)).messages === 2 ? true : undefined));
      const letters = await host.admin.peekQueue(dead);
      expect(letters).toMatchObject([
        { contentType: 'json', encoding: 'utf8', origin: queue, attempts: 0, leased: false },
        { origin: queue },
      ]);
      expect(JSON.parse(letters[0]!.body)).toEqual({ label: 'bad', words: ['throw'] });
      const event = await eventually(() => host.events.find((each) => each.type === 'queue' && each.function === name));
      expect(event).toMatchObject({ change: 'dead-lettered', deadLetterQueue: dead });
      expect(await host.admin.redriveQueue(dead)).toEqual({ moved: 2 });
      // They fail as they did.
      await seenOf(url, 4);
      await eventually(async () => ((await counts(dead)).messages === 2 ? true : undefined));
      expect(await host.admin.purgeQueue(dead)).toEqual({ removed: 2 });
      expect(await counts(dead)).toMatchObject({ messages: 0, bytes: 0, oldest: null });
    });

    it('a paused queue takes messages and gives none until it goes on', async () => {
      const queue = freshName();
      const { url } = await publish(host, SOURCE, { alias: 'live', manifest: consuming(queue) });
      expect(await host.admin.pauseQueue(queue)).toMatchObject({ paused: true });
      await new Promise((resolve) => setTimeout(resolve, host.platform === 'workerd' ? 1_100 : 0));
      await send(url, { label: 'later' });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await counts(queue)).toMatchObject({ paused: true, messages: 1, leased: 0 });
      await host.admin.resumeQueue(queue);
      expect(await seenOf(url, 1)).toMatchObject([{ label: 'later', attempts: 1 }]);
    });

    it('a queue that nobody names is not found', async () => {
      const { admin } = host;
      for (const call of [() => admin.peekQueue('nothing'), () => admin.purgeQueue('nothing'), () => admin.pauseQueue('nothing')])
        await expect(call()).rejects.toMatchObject({ code: 'queue-not-found' });
    });

    it('a handler that takes too long fails its batch', async () => {
      const queue = freshName();
      const { name, url } = await publish(host, SOURCE, {
        alias: 'live',
        manifest: { ...consuming(queue, { max_batch_size: 2, max_batch_timeout: 1 }), limits: { deadline_ms: 3_000 } },
      });
      await send(url, { label: 'done', words: ['ack'] }, { label: 'slow', words: ['hang', 'ack'] });
      await seenOf(url, 3);
      await emptied(queue);
      const all = await seen(url);
      expect(all.map(({ label, attempts }) => `${label} ${attempts}`).toSorted()).toEqual(['done 1', 'slow 1', 'slow 2']);
      const outcomes = await eventually(() => {
        const all = host.events.flatMap((each) =>
          each.type === 'invocation' && each.function === name && each.trigger === 'queue' ? [each.outcome] : [],
        );
        return all.length === 2 ? all : undefined;
      });
      expect(outcomes).toEqual(['deadline-exceeded', 'ok']);
    });

    it('a function without a queue handler loses no message', async () => {
      const queue = freshName();
      const source = "export default { fetch: (_request, env) => env.OUT.send('x').then(() => new Response()) }";
      const { url } = await publish(host, source, {
        alias: 'live',
        manifest: consuming(queue, { max_retries: 1, dead_letter_queue: `${queue}-dead` }),
      });
      await send(url, { label: 'nobody' });
      await eventually(async () => ((await counts(`${queue}-dead`)).messages === 1 ? true : undefined));
    });

    it('a handler can be tried with a batch that is in no queue', async () => {
      const { name } = await publish(host, SOURCE, { alias: 'live', manifest: consuming(freshName()) });
      const messages = [{ body: { label: 'a', words: ['ack'] } }, { body: { label: 'b', words: ['retry'] } }, { body: { label: 'c' } }];
      const result = await host.admin.invokeQueue(name, { messages });
      expect(result).toMatchObject({ outcome: 'ok', version: 1, messages: [{ result: 'ack' }, { result: 'retry' }, { result: 'ack' }] });
      const failed = await host.admin.invokeQueue(name, { messages: [{ body: { label: 'd', words: ['throw'] } }] });
      expect(failed).toMatchObject({ outcome: 'handler-threw', messages: [{ result: 'retry', delaySeconds: null }] });
    });
  });
}
