import { expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlQueue } from '../../host/stores/queue-sql.ts';
import { manualClock } from './clock.ts';
import { message, queueSuite, textOf } from './queue-suite.ts';

queueSuite(() => {
  const clock = manualClock();
  return { queue: createSqlQueue(openSql(':memory:'), clock.now), clock };
});

it('who opens the database next finds every message, and counts the deliveries that were under way', async () => {
  const sql = openSql(':memory:');
  const clock = manualClock();
  const first = createSqlQueue(sql, clock.now);
  await first.send('q', [message('a'), message('b'), message('c', { delay: 100 })]);
  await first.lease('q', { limit: 1, ms: 60_000 });
  const second = createSqlQueue(sql, clock.now);
  expect(await second.counts('q')).toMatchObject({ messages: 3, bytes: 3, delayed: 1, leased: 0 });
  const { messages } = await second.lease('q', { limit: 10, ms: 60_000 });
  expect(messages.map((each) => [textOf(each), each.attempts])).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

it('of a delivery that was cut off, only what it still had counts', async () => {
  const sql = openSql(':memory:');
  const clock = manualClock();
  const first = createSqlQueue(sql, clock.now);
  await first.send('q', [message('a'), message('b'), message('c')]);
  const { lease, messages } = await first.lease('q', { limit: 3, ms: 60_000 });
  const [, b, c] = messages;
  await first.settle('q', lease, [
    { id: b!.id, to: 'release' },
    { id: c!.id, to: 'retry', delay: 0, pin: null },
  ]);
  expect((await first.lease('q', { limit: 1, ms: 60_000 })).messages).toMatchObject([{ id: b!.id, attempts: 1 }]);
  const again = await createSqlQueue(sql, clock.now).lease('q', { limit: 3, ms: 60_000 });
  expect(again.messages.map((each) => [textOf(each), each.attempts])).toEqual([
    ['a', 2],
    ['b', 2],
    ['c', 2],
  ]);
});

it('a lease reads as many rows as it gives, however many are leased or delayed', async () => {
  const read: string[] = [];
  const sql = openSql(':memory:');
  const counting = { ...sql, all: (query: string, ...params: never[]) => (read.push(query), sql.all(query, ...params)) };
  const clock = manualClock();
  const queue = createSqlQueue(counting as typeof sql, clock.now);
  for (let round = 0; round < 20; round++)
    await queue.send(
      'q',
      Array.from({ length: 100 }, () => message('x')),
    );
  await queue.send(
    'q',
    Array.from({ length: 100 }, () => message('x', { delay: 10_000 })),
  );
  for (let round = 0; round < 15; round++) await queue.lease('q', { limit: 100, ms: 60_000 });
  read.length = 0;
  expect((await queue.lease('q', { limit: 10, ms: 60_000 })).messages).toHaveLength(10);
  expect(read.length).toBeLessThanOrEqual(14);
  const plan = sql.all(
    'EXPLAIN QUERY PLAN SELECT due, seq FROM queue_message WHERE queue = ? AND (due, seq) > (?, ?) AND due <= ? ORDER BY due, seq LIMIT ?',
    'q',
    0,
    0,
    1,
    10,
  );
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^SEARCH queue_message USING COVERING INDEX queue_due/)]);
});

it('what a transaction has not kept is not counted, and what came together with it is done on its own', async () => {
  const sql = openSql(':memory:');
  const clock = manualClock();
  let broken = false;
  const failing = {
    ...sql,
    transaction<Result>(body: () => Result): Result {
      return sql.transaction(() => {
        const result = body();
        if (broken) throw new Error('the disk is full');
        return result;
      });
    },
  };
  const queue = createSqlQueue(failing, clock.now);
  const quota = { messages: 4, bytes: 100 };
  await queue.send('q', [message('a'), message('b'), message('c')], { quota });
  const held = await queue.lease('q', { limit: 2, ms: 1_000 });
  const acks = held.messages.map(({ id }) => ({ id, to: 'ack' as const }));
  broken = true;
  await expect(queue.send('q', [message('d')], { quota })).rejects.toThrow('the disk is full');
  await expect(queue.settle('q', held.lease, acks)).rejects.toThrow('the disk is full');
  await expect(queue.purge('q')).rejects.toThrow('the disk is full');
  expect(await queue.counts('q')).toEqual({ messages: 3, bytes: 3, oldest: 1_700_000_000_000, delayed: 0, leased: 2, filtered: 0 });
  broken = false;
  await queue.send('q', [message('d')], { quota });
  await expect(queue.send('q', [message('e')], { quota })).rejects.toMatchObject({ name: 'QuotaExceeded', what: 'messages' });
  // An id that is twice there fails its own send alone.
  const twice = { ...message('x'), origin: 'o' };
  const [failed, settled] = await Promise.allSettled([queue.send('q', [twice, twice]), queue.settle('q', held.lease, acks)]);
  expect([failed.status, settled.status]).toEqual(['rejected', 'fulfilled']);
  expect(await queue.counts('q')).toEqual({ messages: 2, bytes: 2, oldest: 1_700_000_000_000, delayed: 0, leased: 0, filtered: 0 });
});

it('the next process counts what is there', async () => {
  const sql = openSql(':memory:');
  const clock = manualClock();
  await createSqlQueue(sql, clock.now).send('q', [message('a'), message('b')]);
  const quota = { messages: 2, bytes: 100 };
  await expect(createSqlQueue(sql, clock.now).send('q', [message('c')], { quota })).rejects.toMatchObject({ what: 'messages', limit: 2 });
});

it('what a filter left out is counted with its ack, and the count is there after a restart', async () => {
  const sql = openSql(':memory:');
  const first = createSqlQueue(sql, () => 5);
  await first.send('q', [message('a'), message('b'), message('c')]);
  const { lease, messages } = await first.lease('q', { limit: 3, ms: 1_000 });
  await first.settle('q', lease, [
    { id: messages[0]!.id, to: 'ack', filtered: true },
    { id: messages[1]!.id, to: 'ack', filtered: true },
    { id: 'of another lease', to: 'ack', filtered: true },
    { id: messages[2]!.id, to: 'ack' },
  ]);
  expect(await first.counts('q')).toMatchObject({ messages: 0, filtered: 2 });
  expect(await createSqlQueue(sql, () => 5).counts('q')).toMatchObject({ messages: 0, filtered: 2 });
});
