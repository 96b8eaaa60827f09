import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { NewMessage, Queue } from '../../host/stores/queue.ts';
import { QuotaExceeded, type QueueQuota } from '../../host/stores/quota.ts';

let names = 0;
let ids = 0;

function bytes(size: number, more: Partial<NewMessage> = {}): NewMessage {
  return { id: `quota-${++ids}`, body: new Uint8Array(size), type: 'bytes', sent: 0, ...more };
}

/**
 * How much the messages of a queue take together.
 *
 * @param inOrder whether what is asked together takes effect in that order, as where one process has the queue to itself
 */
export function queueQuotaSuite(opened: () => Queue, inOrder: boolean): void {
  const filling = () => {
    const name = `filled-${++names}`;
    const queue = opened();
    const send = (quota: Partial<QueueQuota>, ...messages: NewMessage[]) =>
      queue.send(name, messages, { quota: { messages: Infinity, bytes: Infinity, ...quota } }).then(
        () => 'sent',
        (error: unknown) => {
          if (error instanceof QuotaExceeded) return error.what;
          throw error;
        },
      );
    return { name, queue, send };
  };

  it('a quota of messages refuses a send as a whole, and counts those that are leased', async () => {
    const { name, queue, send } = filling();
    const quota = { messages: 3 };
    expect(await send(quota, bytes(1), bytes(1))).toBe('sent');
    expect(await send(quota, bytes(1), bytes(1))).toBe('messages');
    expect(await queue.counts(name)).toMatchObject({ messages: 2, bytes: 2 });
    const held = await queue.lease(name, { limit: 2, ms: 1_000 });
    expect(await send(quota, bytes(1))).toBe('sent');
    expect(await send(quota, bytes(1))).toBe('messages');
    await queue.settle(name, held.lease, [{ id: held.messages[0]!.id, to: 'ack' }]);
    expect(await send(quota, bytes(1))).toBe('sent');
    expect(await send(quota, bytes(0))).toBe('messages');
  });

  it('one of bytes counts bodies', async () => {
    const { name, queue, send } = filling();
    const quota = { bytes: 10 };
    expect([await send(quota, bytes(6), bytes(5)), await send(quota, bytes(6), bytes(4))]).toEqual(['bytes', 'sent']);
    expect([await send(quota, bytes(1)), await send(quota, bytes(0))]).toEqual(['bytes', 'sent']);
    expect(await queue.purge(name)).toBe(3);
    expect(await send(quota, bytes(10))).toBe('sent');
  });

  it('of sends that come together, those that have room are put there', async () => {
    const { queue, name, send } = filling();
    const sent = await Promise.all(Array.from({ length: 20 }, () => send({ messages: 12 }, bytes(1))));
    expect(sent.filter((each) => each === 'messages')).toHaveLength(8);
    expect(await queue.counts(name)).toMatchObject({ messages: 12, bytes: 12 });
  });

  if (!inOrder) return;

  it('a dead letter that is there already needs no room', async () => {
    const { queue, name, send } = filling();
    const letter = bytes(1, { origin: 'source' });
    expect(await send({ messages: 1 }, letter)).toBe('sent');
    expect(await send({ messages: 1 }, letter)).toBe('sent');
    expect(await send({ messages: 1 }, bytes(1, { origin: 'source' }))).toBe('messages');
    expect(await queue.counts(name)).toMatchObject({ messages: 1 });
  });

  it('is exact whatever came together: sends, acks, retries and purges', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('send' as const),
          sizes: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), to: fc.constantFrom('ack' as const, 'release' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), async (rounds) => {
        const { queue, name, send } = filling();
        const quota = { messages: 6, bytes: 12 };
        let expected = { messages: 0, bytes: 0 };
        for (const round of rounds) {
          const leases = await Promise.all(
            round.map((each) => (each.do === 'settle' ? queue.lease(name, { limit: 2, ms: 1_000 }) : Promise.resolve(null))),
          );
          let gone = new Set<string>();
          const outcomes = round.map((each, index) => {
            if (each.do === 'purge') return queue.purge(name);
            if (each.do === 'send') return send(quota, ...each.sizes.map((size) => bytes(size)));
            const { lease, messages } = leases[index]!;
            return queue.settle(
              name,
              lease,
              messages.map(({ id }) => ({ id, to: each.to })),
            );
          });
          const results = await Promise.all(outcomes);
          for (const [index, each] of round.entries()) {
            if (each.do === 'purge') {
              expected = { messages: 0, bytes: 0 };
              gone = new Set(leases.flatMap((lease) => lease?.messages.map(({ id }) => id) ?? []));
            } else if (each.do === 'send') {
              const after = {
                messages: expected.messages + each.sizes.length,
                bytes: expected.bytes + each.sizes.reduce((a, b) => a + b, 0),
              };
              const what =
                after.messages > quota.messages ? 'messages' : after.bytes > quota.bytes && after.bytes > expected.bytes ? 'bytes' : 'sent';
              expect(results[index]).toBe(what);
              if (what === 'sent') expected = after;
            } else if (each.to === 'ack') {
              for (const { id, body } of leases[index]!.messages.filter((message) => !gone.has(message.id))) {
                expected = { messages: expected.messages - 1, bytes: expected.bytes - body.byteLength };
                gone.add(id);
              }
            }
          }
          expect(await queue.counts(name)).toMatchObject(expected);
          expect(await queue.peek(name, 100)).toHaveLength(expected.messages);
        }
      }),
      { numRuns: 150 },
    );
  });
}
