import { describe, expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlQueue } from '../../host/stores/queue-sql.ts';
import { manualClock } from './clock.ts';
import { message, queueSuite, textOf } from './queue-suite.ts';

queueSuite(() => {
  const clock = manualClock();
  return { queue: createSqlQueue(openSql(':memory:'), clock.now), clock };
});

describe('where next to nothing is kept in memory', () => {
  queueSuite(() => {
    const clock = manualClock();
    return { queue: createSqlQueue(openSql(':memory:'), clock.now, { rows: 2, each: 10, all: 15 }), clock };
  });
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

it.each([
  ['where it was sent a moment ago, none', undefined, 0],
  ['else about as many as it gives, however many are leased or delayed', { rows: 2, each: 100, all: 100 }, 30],
])('rows that a lease reads: %s', async (_, limits, most) => {
  let read = 0;
  const sql = openSql(':memory:');
  const counting: typeof sql = {
    ...sql,
    all(query, ...params) {
      const rows = sql.all(query, ...params);
      read += rows.length;
      return rows;
    },
  };
  const clock = manualClock();
  const queue = createSqlQueue(counting, clock.now, limits);
  const send = (delay?: number) =>
    queue.send(
      'q',
      Array.from({ length: 100 }, () => message('x'.repeat(1_000), delay === undefined ? {} : { delay })),
    );
  for (let round = 0; round < 3; round++) await send();
  await send(10_000);
  for (let round = 0; round < 25; round++) await queue.lease('q', { limit: 10, ms: 60_000 });
  read = 0;
  expect((await queue.lease('q', { limit: 10, ms: 60_000 })).messages).toHaveLength(10);
  expect(read).toBeLessThanOrEqual(most);
  const behind = 'SELECT seq, due FROM queue_message WHERE queue = ? AND (due, seq) > (?, ?) ORDER BY due, seq LIMIT ?';
  const plan = sql.all(`EXPLAIN QUERY PLAN ${behind}`, 'q', 0, 0, 1);
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^SEARCH queue_message USING (COVERING )?INDEX queue_due/)]);
});

it('a batch is as large as it may be, whatever its messages weigh', async () => {
  const clock = manualClock();
  const queue = createSqlQueue(openSql(':memory:'), clock.now);
  for (let sent = 0; sent < 50; sent++) await queue.send('q', [message('x'.repeat(128_000))]);
  const lease = await queue.lease('q', { limit: 40, wait: 5_000, ms: 60_000 });
  expect(lease.messages).toHaveLength(40);
  await queue.settle(
    'q',
    lease.lease,
    lease.messages.map(({ id }) => ({ id, to: 'release' })),
  );
  clock.advance(5_000);
  expect((await queue.lease('q', { limit: 100, wait: 5_000, ms: 60_000 })).messages).toHaveLength(50);
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

it('a key is known to who opens the database next, and goes when its time is over', async () => {
  const sql = openSql(':memory:');
  const clock = manualClock();
  const key = { name: 'a', fingerprint: 'x', ms: 1_000 };
  await createSqlQueue(sql, clock.now).send('q', [message('a', { key })]);
  const second = createSqlQueue(sql, clock.now);
  await second.send('q', [message('a', { key })]);
  expect(await second.counts('q')).toMatchObject({ messages: 1 });
  clock.advance(1_000);
  await second.send('q', [message('b', { key: { ...key, name: 'b' } })]);
  expect(sql.all('SELECT key FROM queue_sent_key')).toEqual([{ key: 'b' }]);
});

it('two messages with one id are delivered both', async () => {
  const queue = createSqlQueue(openSql(':memory:'), () => 5);
  const one = message('a');
  await queue.send('q', [one, message('b')]);
  await queue.send('q', [one]);
  for (const wanted of [['a', 'b'], ['a'], []]) {
    const { lease, messages } = await queue.lease('q', { limit: 10, ms: 1_000 });
    expect(messages.map(textOf)).toEqual(wanted);
    await queue.settle(
      'q',
      lease,
      messages.map(({ id }) => ({ id, to: 'ack' })),
    );
  }
  expect(await queue.counts('q')).toMatchObject({ messages: 0, bytes: 0 });
});

it('opens the table of an earlier release, which knew no groups', async () => {
  const sql = openSql(':memory:');
  sql.run(
    'CREATE TABLE queue_message (seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, due INTEGER NOT NULL, id TEXT NOT NULL, sent INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, type TEXT NOT NULL, pin TEXT, origin TEXT, body BLOB NOT NULL)',
  );
  sql.run("INSERT INTO queue_message (queue, due, id, sent, type, body) VALUES ('q', 1, 'old', 1, 'text', x'61')");
  const queue = createSqlQueue(sql, () => 5);
  await queue.send('q', [message('b', { group: 'g' })]);
  const { messages } = await queue.lease('q', { limit: 10, ms: 1_000 });
  expect(messages.map((each) => [textOf(each), each.group])).toEqual([
    ['a', undefined],
    ['b', 'g'],
  ]);
});

it('what waits for its group is not read, however much it is', async () => {
  const sql = openSql(':memory:');
  let read = 0;
  const counting: typeof sql = {
    ...sql,
    all(query, ...params) {
      const rows = sql.all(query, ...params);
      read += rows.length;
      return rows;
    },
  };
  const queue = createSqlQueue(counting, () => 5, { rows: 2, each: 100, all: 100 });
  for (let round = 0; round < 10; round++)
    await queue.send(
      'q',
      Array.from({ length: 100 }, () => message('x'.repeat(1_000), { group: 'g' })),
    );
  await queue.send('q', [message('plain')]);
  expect((await queue.lease('q', { limit: 1, ms: 1_000 })).messages).toHaveLength(1);
  read = 0;
  expect((await queue.lease('q', { limit: 10, ms: 1_000 })).messages.map(textOf)).toEqual(['plain']);
  expect((await queue.lease('q', { limit: 10, ms: 1_000 })).messages).toEqual([]);
  expect(read).toBeLessThanOrEqual(5);
});
