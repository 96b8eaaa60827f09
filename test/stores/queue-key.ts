import { expect, it } from 'vitest';
import { KeyReused } from '../../host/stores/queue-keys.ts';
import type { NewMessage, Queue } from '../../host/stores/queue.ts';
import type { OpenedQueue } from './queue-suite.ts';

let names = 0;
let ids = 0;

const MS = 1_000;

function keyed(key: string, text = 'text', more: Partial<NewMessage> = {}): NewMessage {
  const body = new TextEncoder().encode(text);
  return { id: `keyed-${++ids}`, body, type: 'text', sent: 0, key: { name: key, fingerprint: `of ${text}`, ms: MS }, ...more };
}

/** Messages that are sent once, whoever sends them how often. */
export function queueKeySuite(opened: () => { readonly queue: Queue; readonly clock: OpenedQueue['clock'] }): void {
  const fresh = () => {
    const { queue, clock } = opened();
    const name = `keyed-${++names}`;
    const send = (...messages: NewMessage[]) => queue.send(name, messages);
    const count = async () => (await queue.counts(name)).messages;
    const ackAll = async () => {
      const { lease, messages } = await queue.lease(name, { limit: 100, ms: 60_000 });
      await queue.settle(
        name,
        lease,
        messages.map(({ id }) => ({ id, to: 'ack' })),
      );
      return messages.length;
    };
    return { queue, clock, name, send, count, ackAll };
  };

  it('what comes again with its key is not sent again, until its time is over', async () => {
    const { send, count, ackAll, clock } = fresh();
    const first = await send(keyed('a'));
    expect(first).toMatchObject({ messages: 1 });
    expect(await send(keyed('a'))).toEqual(first);
    expect(await send(keyed('b'), keyed('a'), keyed('b'))).toMatchObject({ messages: 2 });
    expect(await ackAll()).toBe(2);
    await send(keyed('a'), keyed('b'));
    expect(await count()).toBe(0);
    await clock.advance(MS);
    await send(keyed('a'), keyed('b'));
    expect(await ackAll()).toBe(2);
    await send(keyed('a'));
    expect(await count()).toBe(0);
  });

  it('of those that come at once with one key, one is sent', async () => {
    const { send, ackAll } = fresh();
    await Promise.all(Array.from({ length: 10 }, () => send(keyed('a'))));
    expect(await ackAll()).toBe(1);
  });

  it('a key that came with another message is refused, and with it all that come together', async () => {
    const { send, count, ackAll } = fresh();
    await send(keyed('a', 'one'));
    const others = [keyed('new'), keyed('a', 'two')] as const;
    await expect(send(...others)).rejects.toThrow(expect.objectContaining({ name: 'KeyReused', key: 'a' }) as KeyReused);
    await expect(send(keyed('b', 'one'), keyed('b', 'two'))).rejects.toBeInstanceOf(KeyReused);
    expect(await count()).toBe(1);
    await send(keyed('new', 'another'));
    await send(keyed('b', 'three'));
    expect(await ackAll()).toBe(3);
  });

  it('a key is that of one queue, may be any text, and those without one are sent each time', async () => {
    const { send, count, queue, name } = fresh();
    const text = 'ü . > * / \u0000 '.repeat(15);
    await send(keyed(text));
    await queue.send(`${name}-other`, [keyed(text)]);
    expect(await queue.counts(`${name}-other`)).toMatchObject({ messages: 1 });
    const { key: _key, ...plain } = keyed(text);
    await send(plain, keyed(text), { ...plain, id: 'other' });
    expect(await count()).toBe(3);
  });

  it('what was sent before needs no room', async () => {
    const { queue, name, ackAll } = fresh();
    const quota = { messages: 1, bytes: 4 };
    await queue.send(name, [keyed('a')], { quota });
    await queue.send(name, [keyed('a')], { quota });
    await expect(queue.send(name, [keyed('b')], { quota })).rejects.toMatchObject({ name: 'QuotaExceeded' });
    await ackAll();
    // It was not sent, so its key is not known.
    await queue.send(name, [keyed('b')], { quota });
    expect(await ackAll()).toBe(1);
  });
}
