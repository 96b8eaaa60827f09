import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../conformance/harness.ts';
import { runAndKill } from '../run-and-kill.ts';
import { message, textOf } from '../stores/queue-suite.ts';
import { manualClock } from '../stores/clock.ts';
import { serveOn, type ServingHost } from './host.ts';
import { GONE, LOOK_EVERY } from '../../host/stores/nats/presence.ts';
import { onNats } from './on-nats.ts';
import { startProxy } from './proxy.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn, type OpenedState } from './state.ts';

const CHILD = fileURLToPath(new URL('queue-child.ts', import.meta.url));

onNats('a queue of hosts on one NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  describe('that two of them use', () => {
    const clock = manualClock();
    let a: OpenedState;
    let b: OpenedState;
    beforeAll(async () => {
      a = await openOn(server.url, { now: clock.now });
      b = await openOn(server.url, { now: clock.now, prefix: a.prefix });
    });
    afterAll(() => Promise.all([a.close(), b.close()]));

    const known = (state: OpenedState, name: string, messages: number) =>
      expect.poll(async () => (await state.queue.counts(name)).messages).toBe(messages);

    it('each message is leased by one at a time, whoever sent it, however many ask', async () => {
      const name = 'contended';
      const sent = Array.from({ length: 400 }, (_, index) => message(String(index)));
      await b.queue.counts(name);
      await Promise.all(sent.map((each, index) => (index % 2 ? a : b).queue.send(name, [each])));
      await Promise.all([a, b].map((state) => known(state, name, 400)));
      const holders = new Map<string, number>();
      const got: string[] = [];
      const consume = async ({ queue }: OpenedState) => {
        for (;;) {
          const { lease, messages } = await queue.lease(name, { limit: 7, ms: 60_000 });
          if (messages.length === 0) return;
          for (const { id } of messages) {
            holders.set(id, (holders.get(id) ?? 0) + 1);
            expect(holders.get(id)).toBe(1);
          }
          await wait(Math.random() * 5);
          for (const { id } of messages) holders.set(id, holders.get(id)! - 1);
          got.push(...messages.map(({ id }) => id));
          await queue.settle(
            name,
            lease,
            messages.map(({ id }) => ({ id, to: 'ack' as const })),
          );
        }
      };
      await Promise.all([a, a, a, b, b, b].map(consume));
      expect(got.toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
      await Promise.all([a, b].map((state) => known(state, name, 0)));
    });

    it('a lease that one renews is none for the other, and one that has ended is', async () => {
      const name = 'renewed';
      await a.queue.send(name, [message('a')]);
      const held = await a.queue.lease(name, { limit: 1, ms: 1_000 });
      await known(b, name, 1);
      clock.advance(900);
      expect(await a.queue.renew(name, held.lease, 1_000)).toBe(true);
      clock.advance(900);
      expect((await b.queue.lease(name, { limit: 1, ms: 1_000 })).messages).toEqual([]);
      clock.advance(100);
      const taken = await b.queue.lease(name, { limit: 1, ms: 1_000 });
      expect(taken.messages).toMatchObject([{ attempts: 2 }]);
      expect(await a.queue.renew(name, held.lease, 1_000)).toBe(false);
      await a.queue.settle(name, held.lease, [{ id: held.messages[0]!.id, to: 'retry', delay: 0, pin: null }]);
      expect(await b.queue.renew(name, taken.lease, 1_000)).toBe(true);
      await b.queue.purge(name);
    });

    it('messages that came together are acked one by one, by whoever has them', async () => {
      const name = 'together';
      await a.queue.send(
        name,
        ['1', '2', '3'].map((text) => message(text)),
      );
      await known(b, name, 3);
      const one = await a.queue.lease(name, { limit: 2, ms: 60_000 });
      await expect.poll(async () => (await b.queue.counts(name)).leased).toBe(2);
      const other = await b.queue.lease(name, { limit: 2, ms: 60_000 });
      expect([one.messages.length, other.messages.length]).toEqual([2, 1]);
      await Promise.all([
        a.queue.settle(name, one.lease, [{ id: one.messages[0]!.id, to: 'ack' }]),
        b.queue.settle(name, other.lease, [{ id: other.messages[0]!.id, to: 'ack' }]),
      ]);
      await Promise.all([a, b].map((state) => known(state, name, 1)));
      await a.queue.settle(name, one.lease, [{ id: one.messages[1]!.id, to: 'retry', delay: 0, pin: 'f@2' }]);
      const c = await openOn(server.url, { now: clock.now, prefix: a.prefix });
      const last = await c.queue.lease(name, { limit: 5, ms: 60_000 });
      expect(last.messages).toMatchObject([{ id: one.messages[1]!.id, attempts: 2, pin: 'f@2' }]);
      await c.queue.settle(name, last.lease, [{ id: one.messages[1]!.id, to: 'ack' }]);
      await c.close();
      await Promise.all([a, b].map((state) => known(state, name, 0)));
    });
  });

  it('leases of a host that has no connection any more end after some seconds; of one that is connected again they hold', async () => {
    const clock = manualClock();
    const proxy = await startProxy(server.port);
    const a = await openOn(server.url, { now: clock.now });
    const [gone, back] = [
      await openOn(server.url, { now: clock.now, prefix: a.prefix }),
      await openOn(proxy.url, { now: clock.now, prefix: a.prefix }),
    ];
    const name = 'left';
    await a.queue.send(
      name,
      ['1', '2'].map((text) => message(text)),
    );
    const lease = (state: OpenedState) => state.queue.lease(name, { limit: 1, ms: 60_000 });
    const taken = async (state: OpenedState) => (await lease(state)).messages.map(textOf);
    const leases = async () => (await a.queue.counts(name)).leased;
    /** Whether the server knows a connection of the host that has this lease. */
    const connected = ({ lease: of }: { lease: string }) =>
      expect.poll(
        () =>
          a.connection.connection.request(`_INBOX.${of.split('-')[0]}`, new Uint8Array(), { timeout: 500 }).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      );
    await expect.poll(async () => (await gone.queue.counts(name)).messages).toBe(2);
    const one = await lease(gone);
    await expect.poll(async () => (await back.queue.counts(name)).leased).toBe(1);
    const other = await lease(back);
    expect([one, other].map(({ messages }) => messages.map(textOf))).toEqual([['1'], ['2']]);
    await expect.poll(leases).toBe(2);
    clock.advance(GONE);
    const none = await lease(a);
    expect([none.messages, none.next]).toEqual([[], clock.now() + LOOK_EVERY]);
    await gone.close();
    await proxy.cut();
    for (const each of [one, other]) await connected(each).toBe(false);
    clock.advance(LOOK_EVERY);
    expect(await taken(a)).toEqual([]);
    await proxy.heal();
    await connected(other).toBe(true);
    clock.advance(GONE);
    expect(await taken(a)).toEqual(['1']);
    expect(await taken(a)).toEqual([]);
    clock.advance(60_000);
    expect(await taken(a)).toHaveLength(1);
    await Promise.all([a.close(), back.close()]);
    await proxy.close();
  });

  it('kill -9 of one that holds messages: the other gets them, counted, and none that was acked', async () => {
    const prefix = 'killed';
    const name = 'q';
    const state = await openOn(server.url, { prefix });
    const sent = Array.from({ length: 300 }, (_, index) => message(String(index)));
    for (let at = 0; at < sent.length; at += 50) await state.queue.send(name, sent.slice(at, at + 50));
    const told = await runAndKill<{ id: string; acked: boolean }>({ module: CHILD, args: [server.url, prefix, name], within: 50 });
    const done = new Set(told.filter(({ acked }) => acked).map(({ id }) => id));
    expect(done.size).toBeGreaterThan(0);
    const attempts = new Map<string, number>();
    await eventually(async () => {
      const { lease, messages } = await state.queue.lease(name, { limit: 50, ms: 60_000 });
      for (const each of messages) attempts.set(each.id, each.attempts);
      await state.queue.settle(
        name,
        lease,
        messages.map(({ id }) => ({ id, to: 'ack' as const })),
      );
      return (await state.queue.counts(name)).messages === 0 || undefined;
    });
    // The last that it acked it may not have said.
    expect(sent.length - done.size - attempts.size).toBeLessThanOrEqual(1);
    for (const { id, acked } of told) expect(attempts.get(id)).toBe(acked ? undefined : 2);
    await state.close();
  });

  it('a restart of NATS loses no message, and what comes afterwards is heard of', async () => {
    const a = await openOn(server.url);
    const b = await openOn(server.url, { prefix: a.prefix });
    const had = (state: OpenedState) => eventually(() => state.queue.counts('q').catch(() => undefined));
    await a.queue.send(
      'q',
      ['1', '2'].map((text) => message(text)),
    );
    expect((await b.queue.lease('q', { limit: 1, ms: 60_000 })).messages).toHaveLength(1);
    await server.kill();
    await server.start();
    await eventually(() => a.queue.send('q', [message('3')]).catch(() => undefined));
    for (const state of [a, b]) await eventually(async () => (await had(state)).messages === 3 || undefined);
    expect((await b.queue.lease('q', { limit: 5, ms: 60_000 })).messages.map(textOf)).toEqual(['2', '3']);
    await Promise.all([a.close(), b.close()]);
  });

  it('a consumer on two hosts gets each message, whichever host took it', async () => {
    const hosts = await Promise.all([serveOn(server.url), serveOn(server.url)]);
    const [a, b] = hosts as [ServingHost, ServingHost];
    const source = `export default {
      async fetch(request, { TASKS, KV }) {
        if (request.method === 'GET') {
          const { keys } = await KV.list();
          const times = await Promise.all(keys.map(({ name }) => KV.get(name)));
          return new Response(times.length + ' messages, ' + times.reduce((sum, each) => sum + Number(each), 0) + ' times');
        }
        await TASKS.sendBatch(Array.from({ length: 20 }, (_, index) => ({ body: request.headers.get('x') + index })));
        return new Response('sent');
      },
      async queue(batch, { KV }) {
        for (const message of batch.messages) {
          await KV.increment(message.body);
          message.ack();
        }
      },
    };`;
    const manifest = {
      queues: { producers: [{ binding: 'TASKS', queue: 'tasks' }], consumers: [{ queue: 'tasks', max_batch_timeout: 0 }] },
      kv_namespaces: [{ binding: 'KV', id: 'done' }],
    };
    await a.publish('worker', source, { alias: 'live', manifest });
    await Promise.all([a, b, a, b].map((host, index) => host.text('/worker/', { method: 'POST', headers: { x: `m${index}-` } })));
    await eventually(async () => (await b.text('/worker/')) === '80 messages, 80 times' || undefined, 20_000);
    await eventually(async () => (await a.admin.queues()).every(({ messages }) => messages === 0) || undefined);
    await Promise.all(hosts.map((host) => host.stop()));
  });
});
