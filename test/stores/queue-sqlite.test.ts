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
