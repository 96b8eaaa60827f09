import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACK, RETRY } from '../../host/bindings/queues/said.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import { createSqlQueue } from '../../host/stores/queue-sql.ts';
import { PumpWorld, QUEUE, type Call, type PumpWorldOptions } from './queue-pump-world.ts';

const SECOND = 1_000;

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);
const shown = ({ calls }: PumpWorld) => calls.map(({ at, texts }) => [at, texts.join(' ')]);
/** What a handler says of each message of a call. */
const saying = (call: Call, word: (text: string, attempts: number) => number) =>
  call.texts.flatMap((text, index) => [index, word(text, call.attempts[index]!)]);

describe.each([
  ['memory', createMemoryQueue],
  ['SQLite', (now: () => number) => createSqlQueue(openSql(':memory:'), now)],
])('a pump, by the clock, in %s', (_name, open) => {
  const world = (options: Omit<PumpWorldOptions, 'open'> = {}) => new PumpWorld({ open, ...options });

  it('a full batch goes at once, and one that is not when its first message has waited long enough', async () => {
    const pumped = world({ consumer: { max_batch_size: 3, max_batch_timeout: 5 } });
    await pumped.send('a');
    await pumped.elapse(3 * SECOND);
    await pumped.send('b');
    await pumped.elapse(1_999);
    expect(shown(pumped)).toEqual([]);
    await pumped.elapse(1);
    expect(shown(pumped)).toEqual([[5_000, 'a b']]);
    await pumped.send('c', 'd');
    await pumped.send('e', 'f');
    expect(shown(pumped).slice(1)).toEqual([[5_000, 'c d e']]);
    await pumped.elapse(60 * SECOND);
    expect(shown(pumped).slice(2)).toEqual([[10_000, 'f']]);
  });

  it('a filter is asked before a batch is made: what it leaves out is in none, is counted, and begins no call', async () => {
    const pumped = world({ consumer: { max_batch_size: 2, filter: { n: [{ numeric: ['>', 2] }] } } });
    await pumped.send('{"n":1}', '{"n":2}', '{"n":1}', '{"n":3}', '{"n":4}', 'no JSON');
    await pumped.elapse(0);
    expect(shown(pumped)).toEqual([
      [0, '{"n":3}'],
      [0, '{"n":4}'],
    ]);
    expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 0, bytes: 0, leased: 0, filtered: 4 });
    await pumped.queue.purge(QUEUE);
    expect(await pumped.queue.counts(QUEUE)).toMatchObject({ filtered: 4 });
  });

  it('a filter that lets nothing through has all of it acked, however much there is', async () => {
    const pumped = world({ consumer: { max_batch_size: 10, filter: { n: [1] } } });
    await pumped.send(...numbered(1_000));
    await pumped.elapse(SECOND);
    expect(pumped.calls).toEqual([]);
    expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 0, filtered: 1_000 });
  });

  it('a message that is retried was let in: another filter since does not take it away', async () => {
    const pumped = world({
      consumer: { filter: { n: [1] } },
      handler: (call) => ({ said: saying(call, (_text, attempts) => (attempts === 1 ? RETRY : ACK)), takes: 10 }),
    });
    await pumped.send('{"n":1}');
    pumped.consumer = { ...pumped.consumer!, filter: { n: [2] } };
    await pumped.elapse(SECOND);
    expect(pumped.calls.map(({ attempts }) => attempts)).toEqual([[1], [2]]);
  });

  it('delays are kept to the millisecond, also those that are longer than a pump waits', async () => {
    const pumped = world();
    await pumped.send(['day', 86_400 * SECOND], ['half', 30 * SECOND], ['minutes', 90 * SECOND], 'now');
    await pumped.elapse(2 * 86_400 * SECOND);
    expect(shown(pumped)).toEqual([
      [0, 'now'],
      [30_000, 'half'],
      [90_000, 'minutes'],
      [86_400_000, 'day'],
    ]);
  });

  it.each([
    [3, 3],
    [1, 1],
    [null, 10],
  ])('max_concurrency %s: %s batches at once, and the next as each ends', async (limit, lanes) => {
    let most = 0;
    const pumped: PumpWorld = world({
      consumer: { max_batch_size: 2, max_concurrency: limit },
      handler() {
        most = Math.max(most, pumped.running);
        return { takes: 100 };
      },
    });
    await pumped.send(...numbered(50));
    await pumped.elapse(60 * SECOND);
    expect(most).toBe(lanes);
    expect(pumped.calls.map(({ at }) => at)).toEqual(Array.from({ length: 25 }, (_, index) => Math.floor(index / lanes) * 100));
    expect(pumped.calls.flatMap(({ texts }) => texts)).toEqual(numbered(50));
  });

  it('what comes while every lane is busy is taken when one is free', async () => {
    const pumped = world({ consumer: { max_concurrency: 1 }, handler: () => ({ takes: 100 }) });
    await pumped.send('a');
    await pumped.elapse(10);
    await pumped.send('b');
    await pumped.send('c');
    await pumped.elapse(SECOND);
    expect(shown(pumped)).toEqual([
      [0, 'a'],
      [100, 'b c'],
    ]);
  });

  it('a retry comes after its delay, or that of the queue; a failure of the handler after that of the queue', async () => {
    const pumped = world({
      consumer: { retry_delay: 3, max_retries: 5 },
      handler(call) {
        if (call.attempts[0] === 3) return { outcome: 'handler-threw' };
        return { said: saying(call, (_text, attempts) => [7, RETRY, 0, 0, ACK][attempts - 1]!) };
      },
    });
    await pumped.send('a');
    await pumped.elapse(60 * SECOND);
    expect(pumped.calls.map(({ at, attempts }) => [at, attempts[0]])).toEqual([
      [0, 1],
      [7_000, 2],
      [10_000, 3],
      [13_000, 4],
      [13_000, 5],
    ]);
    expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 0 });
  });

  it('of a batch that fails, what was acked stays so, and only the others come again', async () => {
    const pumped = world({
      consumer: { retry_delay: 1 },
      handler: ({ attempts }) => (attempts[0] === 1 ? { said: [0, ACK, 2, 9], outcome: 'handler-threw' } : {}),
    });
    await pumped.send('a', 'b', 'c');
    await pumped.elapse(60 * SECOND);
    expect(shown(pumped)).toEqual([
      [0, 'a b c'],
      [1_000, 'b'],
      [9_000, 'c'],
    ]);
  });

  it('a retried message stays on its version, apart from those of others, as long as its function consumes', async () => {
    const pumped = world({
      consumer: { max_batch_size: 1, retry_delay: 1, max_retries: 3 },
      handler: ({ bound, texts, attempts }) => ({
        version: bound ?? 1 + (Number(texts[0]!.slice(1)) % 3),
        outcome: attempts[0]! < 3 ? 'handler-threw' : 'ok',
      }),
    });
    await pumped.send(...numbered(6));
    pumped.consumer = { ...pumped.consumer!, max_batch_size: 10 };
    await pumped.elapse(10 * SECOND);
    expect(pumped.calls.slice(0, 6).map(({ bound }) => bound)).toEqual(Array<null>(6).fill(null));
    const versions = (at: number) =>
      pumped.calls
        .filter((call) => call.at === at)
        .map(({ bound, texts }) => [bound, texts.toSorted()] as const)
        .toSorted(([a], [b]) => a! - b!);
    const each = [
      [1, ['m0', 'm3']],
      [2, ['m1', 'm4']],
      [3, ['m2', 'm5']],
    ];
    expect([versions(1_000), versions(2_000)]).toEqual([each, each]);
    expect(pumped.calls).toHaveLength(12);
  });

  it('another function that consumes by then takes it as its own', async () => {
    const pumped = world({ consumer: { retry_delay: 1 }, handler: ({ at }) => (at === 0 ? { outcome: 'handler-threw', version: 7 } : {}) });
    await pumped.send('a');
    pumped.consumer = { ...pumped.consumer!, function: 'other' };
    await pumped.elapse(10 * SECOND);
    expect(pumped.calls.map(({ at, bound, attempts }) => [at, bound, attempts[0]])).toEqual([
      [0, null, 1],
      [1_000, null, 2],
    ]);
  });

  it('a batch that takes long stays with its handler', async () => {
    const pumped = world({ handler: () => ({ takes: 600 * SECOND }) });
    await pumped.send('a');
    for (let minute = 0; minute < 9; minute++) {
      await pumped.elapse(60 * SECOND);
      await pumped.send(`wake ${minute}`);
    }
    expect(pumped.calls.filter(({ texts }) => texts.includes('a'))).toHaveLength(1);
    await pumped.elapse(1_200 * SECOND);
    expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 0 });
    expect(pumped.calls.flatMap(({ attempts }) => attempts)).toEqual(Array<number>(10).fill(1));
  });

  it('where no version takes a batch, it is as if it had not been delivered', async () => {
    let gone = true;
    const pumped = world({
      handler() {
        if (gone) throw new Error('no version');
        return {};
      },
    });
    await pumped.send('a');
    expect(pumped.failures).toEqual([expect.objectContaining({ message: `no version of the consumer of ${QUEUE} took a batch` })]);
    gone = false;
    pumped.run();
    await pumped.elapse(SECOND);
    expect(pumped.calls.map(({ attempts }) => attempts)).toEqual([[1], [1]]);
  });

  it('without a consumer nothing goes, until there is one', async () => {
    const pumped = world();
    const { consumer } = pumped;
    pumped.consumer = null;
    await pumped.send('a');
    await pumped.elapse(600 * SECOND);
    expect(pumped.calls).toEqual([]);
    pumped.consumer = consumer;
    pumped.run();
    await pumped.elapse(0);
    expect(shown(pumped)).toEqual([[600_000, 'a']]);
  });

  it('a host that stops begins nothing more, and settles what runs', async () => {
    const pumped = world({ consumer: { max_batch_size: 1, max_concurrency: 2 }, handler: () => ({ takes: 100 }) });
    await pumped.send(...numbered(5));
    await pumped.elapse(50);
    pumped.stopping.abort();
    await pumped.elapse(600 * SECOND);
    expect(shown(pumped)).toEqual([
      [0, 'm0'],
      [0, 'm1'],
    ]);
    expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 3, leased: 0 });
  });

  it('after so many retries a message is a dead letter, or dropped, and the log says which', async () => {
    for (const deadLetters of [{}, { dead_letter_queue: 'dead' }]) {
      const pumped = world({ consumer: { max_retries: 2, ...deadLetters }, handler: () => ({ outcome: 'handler-threw', version: 4 }) });
      await pumped.send('a');
      await pumped.elapse(SECOND);
      const { dead_letter_queue: dead = null } = deadLetters as { dead_letter_queue?: string };
      const change = dead === null ? 'dropped' : 'dead-lettered';
      expect(pumped.calls.map(({ attempts }) => attempts)).toEqual([[1], [2], [3]]);
      expect(pumped.events).toMatchObject([{ change, attempts: 3, deadLetterQueue: dead, version: 4, function: 'worker', queue: QUEUE }]);
      expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 0 });
      expect(await pumped.queue.peek('dead', 10)).toMatchObject(dead === null ? [] : [{ origin: QUEUE, attempts: 0 }]);
    }
  });

  it('a dead letter that its queue has no room for stays, is handled no more, and moves when there is room', async () => {
    const pumped = world({
      consumer: { max_batch_size: 1, max_retries: 0, dead_letter_queue: 'dead' },
      quota: { messages: 1, bytes: 1_000 },
      handler: ({ texts }) => (texts[0] === 'good' ? {} : { outcome: 'handler-threw' }),
    });
    await pumped.send('bad', 'worse', 'good');
    await pumped.elapse(150 * SECOND);
    expect(shown(pumped)).toEqual([
      [0, 'bad'],
      [0, 'worse'],
      [0, 'good'],
    ]);
    expect(pumped.events.map(({ change, time }) => [change, (time - 1_700_000_000_000) / SECOND])).toEqual([
      ['dead-lettered', 0],
      ['kept', 0],
      ['kept', 60],
      ['kept', 120],
    ]);
    expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 1, leased: 0 });
    await pumped.queue.purge('dead');
    await pumped.elapse(30 * SECOND);
    expect(pumped.events.at(-1)).toMatchObject({ change: 'dead-lettered', deadLetterQueue: 'dead' });
    expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 0 });
    expect(pumped.calls).toHaveLength(3);
  });

  it('whatever is sent and said: no batch is too large or too early, none later than its time-out, each message as often as told', async () => {
    const plan = fc.record({
      size: fc.integer({ min: 1, max: 4 }),
      timeout: fc.integer({ min: 0, max: 3 }),
      retryDelay: fc.integer({ min: 0, max: 2 }),
      messages: fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: 4_000 }),
          delay: fc.constantFrom(0, 0, 500, 2_000, 70_000),
          /** Ms that a batch takes whose first message it is. */
          takes: fc.constantFrom(0, 0, 300, 4_000, 100_000),
          words: fc.array(fc.constantFrom(RETRY, 0, 1, 5, 80), { maxLength: 3 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ size, timeout, retryDelay, messages }) => {
        const takesOf = ({ texts }: Call) => messages[Number(texts[0])]!.takes;
        const pumped = world({
          consumer: { max_batch_size: size, max_batch_timeout: timeout, retry_delay: retryDelay, max_retries: 3, max_concurrency: 50 },
          handler: (call) => ({
            takes: takesOf(call),
            said: saying(call, (text, attempts) => messages[Number(text)]!.words[attempts - 1] ?? ACK),
          }),
        });
        const due = messages.map(({ at, delay }) => at + delay);
        for (const [index, { at, delay }] of [...messages.entries()].toSorted(([, a], [, b]) => a.at - b.at)) {
          await pumped.elapse(at - pumped.time);
          await pumped.send([String(index), delay]);
        }
        await pumped.elapse(2_000 * SECOND);
        const delivered = messages.map(() => 0);
        for (const call of pumped.calls) {
          const { at, texts, attempts } = call;
          expect(texts.length).toBeLessThanOrEqual(size);
          for (const [place, text] of texts.entries()) {
            const index = Number(text);
            expect(attempts[place]).toBe(++delivered[index]!);
            expect(at).toBeGreaterThanOrEqual(due[index]!);
            expect(at).toBeLessThanOrEqual(due[index]! + timeout * SECOND);
            const word = messages[index]!.words[attempts[place]! - 1] ?? ACK;
            due[index] = at + takesOf(call) + (word === RETRY ? retryDelay : word) * SECOND;
          }
        }
        expect(delivered).toEqual(messages.map(({ words }) => words.length + 1));
        expect(await pumped.queue.counts(QUEUE)).toMatchObject({ messages: 0, bytes: 0 });
        expect(pumped.failures).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
