import { beforeEach, describe, expect, it } from 'vitest';
import type { Lease, NewMessage, Queue, Settlement } from '../../host/stores/queue.ts';
import { modelledQueue } from './queue-model.ts';
import { queueQuotaSuite } from './queue-quota.ts';
import type { Clock } from './store-suite.ts';

export interface OpenedQueue {
  readonly queue: Queue;
  readonly clock: Clock & { now(): number };
}

let ids = 0;

export function message(text: string, more: Partial<NewMessage> = {}): NewMessage {
  return { id: `m${++ids}`, body: new TextEncoder().encode(text), type: 'text', sent: 1_700_000_000_000, ...more };
}

export function textOf({ body }: { readonly body: Uint8Array }): string {
  return new TextDecoder().decode(body);
}

/** What a `Queue` promises, whatever it is kept in. Each test has a queue of its own, which are called alike everywhere. */
export function queueSuite(open: () => OpenedQueue | Promise<OpenedQueue>, { inOrder = true }: { inOrder?: boolean } = {}): void {
  describe('a queue', () => {
    let queue: Queue;
    let clock: OpenedQueue['clock'];
    let name: string;
    let names = 0;
    beforeEach(async () => {
      ({ queue, clock } = await open());
      name = `queue-${++names}`;
    });

    const lease = (limit = 10, { wait = 0, ms = 1_000 } = {}) => queue.lease(name, { limit, wait, ms });
    const texts = ({ messages }: Lease) => messages.map(textOf);
    const settle = ({ lease: id, messages }: Lease, to: 'ack' | 'release' | { delay: number; pin?: string }) =>
      queue.settle(
        name,
        id,
        messages.map((each): Settlement =>
          typeof to === 'string' ? { id: each.id, to } : { id: each.id, to: 'retry', delay: to.delay, pin: to.pin ?? null },
        ),
      );

    it('gives messages as they were sent, in their order', async () => {
      const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => index);
      await queue.send(name, [message('one'), message('two')]);
      await queue.send(name, [{ id: 'x', body: bytes, type: 'v8', sent: 5 }]);
      const { messages } = await lease();
      expect(messages.map(({ id }) => id)).toEqual([expect.any(String), expect.any(String), 'x']);
      expect(messages.slice(0, 2).map(textOf)).toEqual(['one', 'two']);
      expect(messages[2]).toEqual({ id: 'x', body: bytes, type: 'v8', sent: 5, attempts: 1, pin: null });
    });

    it('keeps queues apart', async () => {
      await queue.send(name, [message('here')]);
      await queue.send(`${name}x`, [message('there')]);
      expect(texts(await lease())).toEqual(['here']);
      expect(await queue.counts(`${name}y`)).toEqual({ messages: 0, bytes: 0, oldest: null, delayed: 0, leased: 0, filtered: 0 });
      expect(await queue.purge(`${name}x`)).toBe(1);
    });

    it('gives a message to one lease at a time, and none after its ack', async () => {
      await queue.send(
        name,
        ['a', 'b', 'c'].map((text) => message(text)),
      );
      const [one, two] = await Promise.all([lease(2), lease(2)]);
      expect([texts(one), texts(two)]).toEqual([['a', 'b'], ['c']]);
      expect(texts(await lease())).toEqual([]);
      await settle(one, 'ack');
      await settle(two, 'ack');
      await clock.advance(5_000);
      expect(texts(await lease())).toEqual([]);
      expect(await queue.counts(name)).toMatchObject({ messages: 0, bytes: 0, leased: 0 });
    });

    it('gives a retried message again after its delay, with what it is bound to', async () => {
      await queue.send(name, [message('a')]);
      await settle(await lease(), { delay: 500, pin: 'fn@3' });
      expect(await lease()).toMatchObject({ messages: [], ready: 0 });
      await clock.advance(499);
      expect(texts(await lease())).toEqual([]);
      await clock.advance(1);
      const { messages } = await lease();
      expect(messages).toMatchObject([{ attempts: 2, pin: 'fn@3' }]);
    });

    it('a released message is as if it had not been leased', async () => {
      await queue.send(name, [message('a'), message('b')]);
      await settle(await lease(1), 'release');
      const again = await lease();
      expect(again.messages.map((each) => [textOf(each), each.attempts])).toEqual([
        ['a', 1],
        ['b', 1],
      ]);
    });

    describe('messages with one key', () => {
      const keyed = (text: string, key?: string) => ({ ...message(text), ...(key !== undefined && { key }) });
      const sendKeyed = (...messages: readonly (readonly [string, string?])[]) =>
        queue.send(
          name,
          messages.map(([text, key]) => keyed(text, key)),
        );

      it('are leased together in their order, or when those before them are acked; others go on', async () => {
        await sendKeyed(['a1', 'a'], ['a2', 'a'], ['b1', 'b']);
        await sendKeyed(['a3', 'a'], ['plain'], ['b2', 'b']);
        const first = await lease(2);
        expect(texts(first)).toEqual(['a1', 'a2']);
        expect(first.messages[0]!.key).toBe('a');
        const second = await lease(2);
        expect(texts(second)).toEqual(['b1', 'plain']);
        expect(texts(await lease())).toEqual([]);
        await settle(second, 'ack');
        expect(texts(await lease(1))).toEqual(['b2']);
        await settle(first, 'ack');
        expect(texts(await lease())).toEqual(['a3']);
      });

      it('wait for one that is retried, released, or whose lease has ended', async () => {
        await sendKeyed(['1', 'a']);
        await sendKeyed(['2', 'a'], ['other', 'o']);
        await settle(await lease(1), { delay: 500 });
        const others = await lease();
        expect(texts(others)).toEqual(['other']);
        await settle(others, 'ack');
        expect(await lease()).toMatchObject({ messages: [], next: clock.now() + 500 });
        await clock.advance(500);
        const again = await lease(1, { ms: 100 });
        expect(texts(again)).toEqual(['1']);
        expect(texts(await lease())).toEqual([]);
        await clock.advance(101);
        const third = await lease(1);
        expect(texts(third)).toEqual(['1']);
        await settle(third, 'release');
        for (const next of ['1', '2']) {
          const held = await lease();
          expect(texts(held)).toEqual([next]);
          await settle(held, 'ack');
        }
        expect(await queue.counts(name)).toMatchObject({ messages: 0 });
      });

      it('lose nothing and keep their order, however many leases there are, and whatever is retried', async () => {
        const count = 60;
        for (let at = 0; at < count; at += 10)
          await sendKeyed(...Array.from({ length: 10 }, (_, index) => [String(at + index), `k${(at + index) % 3}`] as const));
        const got: string[] = [];
        for (let step = 0; got.length < count && step < 1_000; step++) {
          const leases = [await lease(4), await lease(4)];
          for (const held of leases.toReversed()) {
            const fails = step % 3 === 0;
            if (!fails) got.push(...texts(held));
            await settle(held, fails ? { delay: (step % 5) * 10 } : 'ack');
          }
          await clock.advance(10);
        }
        for (const rest of [0, 1, 2]) {
          const own = got.map(Number).filter((each) => each % 3 === rest);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
        expect(new Set(got).size).toBe(count);
      });
    });

    it('a lease ends by itself, which counts as a delivery; who comes late changes nothing', async () => {
      await queue.send(name, [message('a')]);
      const late = await lease(10, { ms: 100 });
      expect((await lease()).next).toBe(clock.now() + 100);
      await clock.advance(100);
      const again = await lease();
      expect(again.messages).toMatchObject([{ attempts: 2 }]);
      await settle(late, 'ack');
      await settle(late, { delay: 0 });
      expect(await queue.renew(name, late.lease, 1_000)).toBe(false);
      expect(await queue.counts(name)).toMatchObject({ messages: 1, leased: 1 });
      await settle(again, 'ack');
      expect(await queue.counts(name)).toMatchObject({ messages: 0 });
    });

    it('a lease that is renewed holds', async () => {
      await queue.send(name, [message('a')]);
      const held = await lease(10, { ms: 100 });
      for (let round = 0; round < 5; round++) {
        await clock.advance(60);
        expect(await queue.renew(name, held.lease, 100)).toBe(true);
        expect(texts(await lease())).toEqual([]);
      }
      await settle(held, 'ack');
      expect(await queue.counts(name)).toMatchObject({ messages: 0 });
      expect(await queue.renew(name, held.lease, 100)).toBe(false);
    });

    it('counts what is acked because its consumer does not want it, each message once', async () => {
      await queue.send(name, [message('a'), message('b'), message('c')]);
      const { lease: id, messages } = await lease();
      const unwanted = [messages[0]!.id, messages[1]!.id, 'of no lease'].map((each): Settlement => ({
        id: each,
        to: 'ack',
        filtered: true,
      }));
      await queue.settle(name, id, [...unwanted, { id: messages[2]!.id, to: 'ack' }]);
      await queue.settle(name, id, unwanted);
      expect(await queue.counts(name)).toMatchObject({ messages: 0, bytes: 0, leased: 0, filtered: 2 });
      await queue.purge(name);
      expect(await queue.counts(name)).toMatchObject({ filtered: 2 });
    });

    it('keeps a delayed message back, and says when it is time', async () => {
      await queue.send(name, [message('late', { delay: 300 })]);
      const empty = await lease();
      expect([empty.messages, empty.next]).toEqual([[], clock.now() + 300]);
      expect(await queue.counts(name)).toMatchObject({ messages: 1, delayed: 1 });
      await clock.advance(300);
      expect(texts(await lease())).toEqual(['late']);
    });

    it('an empty queue says that only a send can help', async () => {
      expect(await lease()).toMatchObject({ messages: [], ready: 0, next: null });
    });

    it('waits for a batch to fill, and no longer than it was told', async () => {
      await queue.send(name, [message('a')]);
      await clock.advance(40);
      await queue.send(name, [message('b')]);
      const wait = { wait: 100 };
      expect(await lease(3, wait)).toMatchObject({ messages: [], ready: 2, next: clock.now() + 60 });
      await clock.advance(60);
      expect(texts(await lease(3, wait))).toEqual(['a', 'b']);
      await queue.send(name, [message('c'), message('d'), message('e')]);
      expect(texts(await lease(3, wait))).toEqual(['c', 'd', 'e']);
    });

    it('a dead letter is put there once, however often it is sent', async () => {
      const letter = message('dead', { origin: 'source' });
      await queue.send(name, [letter]);
      expect(await queue.send(name, [letter])).toMatchObject({ messages: 1 });
      const held = await lease();
      expect(held.messages).toMatchObject([{ id: letter.id, origin: 'source', attempts: 1 }]);
      expect(await queue.send(name, [letter])).toMatchObject({ messages: 1 });
      await settle(held, 'ack');
      expect(await queue.send(name, [letter])).toMatchObject({ messages: 1 });
    });

    it('counts what is there, and what is first of it', async () => {
      await queue.send(name, [message('abc', { sent: 100 }), message('de', { sent: 200 })]);
      const backlog = await queue.send(name, [message('f', { sent: 300, delay: 50 })]);
      expect(backlog).toEqual({ messages: 3, bytes: 6, oldest: 100 });
      const held = await lease(1);
      expect(held.backlog).toEqual({ messages: 3, bytes: 6, oldest: 100 });
      expect(await queue.counts(name)).toEqual({ messages: 3, bytes: 6, oldest: 100, delayed: 1, leased: 1, filtered: 0 });
      await settle(held, 'ack');
      expect(await queue.counts(name)).toEqual({ messages: 2, bytes: 3, oldest: 200, delayed: 1, leased: 0, filtered: 0 });
    });

    it('shows messages without taking any', async () => {
      await queue.send(name, [message('a'), message('b'), message('c', { delay: 1_000 })]);
      await lease(1);
      const seen = await queue.peek(name, 10);
      expect(seen.map((each) => [textOf(each), each.attempts, each.leased])).toEqual([
        ['a', 0, true],
        ['b', 0, false],
        ['c', 0, false],
      ]);
      expect(seen[2]!.due - seen[1]!.due).toBe(1_000);
      expect((await queue.peek(name, 2)).map(textOf)).toEqual(['a', 'b']);
      expect(texts(await lease())).toEqual(['b']);
    });

    it('a lease that is asked for together with the end of another finds what that gives back', async () => {
      await queue.send(name, [message('a'), message('b'), message('c')]);
      for (const to of ['release', { delay: 0 }] as const) {
        const held = await lease(2);
        const [, again] = await Promise.all([settle(held, to), lease(3)]);
        expect(texts(again).toSorted()).toEqual(['a', 'b', 'c']);
        await settle(again, 'release');
      }
    });

    it('a purge takes everything away, and leases with it', async () => {
      await queue.send(name, [message('a'), message('b'), message('c', { delay: 1_000 })]);
      const held = await lease(1);
      expect(await queue.purge(name)).toBe(3);
      await settle(held, { delay: 0 });
      await clock.advance(5_000);
      expect(texts(await lease())).toEqual([]);
      await queue.send(name, [message('new')]);
      expect(await queue.counts(name)).toMatchObject({ messages: 1, bytes: 3 });
      expect(texts(await lease())).toEqual(['new']);
    });

    it('a clock that is set back hides nothing', async () => {
      await queue.send(name, [message('a')]);
      await settle(await lease(), 'ack');
      await clock.advance(-5_000);
      await queue.send(name, [message('b')]);
      expect(texts(await lease())).toEqual(['b']);
    });

    it('many senders and many leases at once lose and double nothing', async () => {
      const sent = Array.from({ length: 300 }, (_, index) => message(String(index)));
      const got: string[] = [];
      await Promise.all([
        ...sent.map((each) => queue.send(name, [each])),
        ...Array.from({ length: 60 }, async (_, index) => {
          const held = await lease((index % 9) + 1);
          got.push(...held.messages.filter(() => index % 4 > 0).map(({ id }) => id));
          await settle(held, index % 4 > 0 ? 'ack' : { delay: 0 });
        }),
      ]);
      for (let held = await lease(7); held.messages.length > 0; held = await lease(7)) {
        got.push(...held.messages.map(({ id }) => id));
        await settle(held, 'ack');
      }
      expect(got.toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
    });

    it('does what a model of it does, whatever is asked in whatever order', () => modelledQueue(queue, clock));

    queueQuotaSuite(() => queue, inOrder);
  });
}
