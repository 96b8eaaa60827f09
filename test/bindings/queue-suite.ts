import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../conformance/harness.ts';
import type { Job, Result, Seen } from './queue-function.ts';

const COUNT = 24;
const names = Array.from({ length: COUNT }, (_, index) => index);

/** The queues of the function: one for each test that looks at batches, so that all can run at once. Times are in seconds. */
export const QUEUES = {
  producers: [
    { binding: 'IN', queue: 'in', delivery_delay: 0 },
    { binding: 'LATE', queue: 'late', delivery_delay: 4 },
    { binding: 'SLOW', queue: 'slow', delivery_delay: 0 },
    { binding: 'LAST', queue: 'last', delivery_delay: 0 },
    ...names.map((index) => ({ binding: `Q${index}`, queue: `q${index}`, delivery_delay: 0 })),
  ],
  consumers: [
    ...['in', 'late', ...names.map((index) => `q${index}`)].map((queue) => ({
      queue,
      max_batch_size: 4,
      max_batch_timeout: 0.1,
      max_retries: 2,
      dead_letter_queue: 'dead',
    })),
    { queue: 'dead', max_batch_size: 4, max_batch_timeout: 0.1, max_retries: 3 },
    { queue: 'slow', max_batch_size: 3, max_batch_timeout: 4, max_retries: 3 },
    { queue: 'last', max_batch_size: 3, max_batch_timeout: 0.1, max_retries: 0 },
  ],
};

export interface OpenedFunction {
  readonly url: string;
  close(): Promise<unknown>;
}

interface Options {
  open(): Promise<OpenedFunction>;
  /** Tests that fail here, with the reason. */
  deviations?: Readonly<Record<string, string>>;
}

const clone =
  '{date:Date 5,map:Map 1=>Set "x",nothing:undefined,numbers:[0:NaN,1:-0,2:Infinity,3:10n,4:1.5,5:1099511627776](6),view:Uint16Array 1,500,' +
  'pattern:RegExp /a+/gi,error:RangeError too far,buffer:ArrayBuffer 9,text:"日本 Grüße",same:[0:{a:1},1:{a:1}](2) the same,circle:{self:again},holes:[2:"x"](3)}';

/** https://developers.cloudflare.com/queues/configuration/javascript-apis/, from inside of a function. */
export function queueApiSuite(where: string, { open, deviations = {} }: Options): void {
  describe(`queues, ${where}`, () => {
    let at: OpenedFunction;
    beforeAll(async () => {
      at = await open();
    });
    afterAll(() => at.close());

    const test = (name: string, body: () => Promise<unknown>) => {
      if (Object.hasOwn(deviations, name)) it.fails(`${name} (${deviations[name]})`, body);
      else it.concurrent(name, body);
    };
    const ask = async <Value = Result>(path: string, init: RequestInit = {}) =>
      (await (await fetch(`${at.url}${path}`, init)).json()) as Value;
    const call = (name: string) => ask(`call/${encodeURIComponent(name)}`);
    let next = 0;
    const send = (jobs: readonly Job[], { options, queue = `Q${next++}` }: { options?: object; queue?: string } = {}) =>
      ask('send/', {
        method: 'POST',
        headers: { queue },
        body: JSON.stringify([jobs.map((body) => ({ body })), options]),
      });
    const seenOf = async (label: string) => (await ask<Seen[]>('seen/')).filter((each) => each.label === label);
    /** Deliveries of a job, once there are so many, and a moment later not more. */
    const deliveries = async (label: string, count: number) => {
      await eventually(async () => ((await seenOf(label)).length >= count ? true : undefined));
      await new Promise((resolve) => setTimeout(resolve, 300));
      const all = await seenOf(label);
      expect(all.map(({ attempts }) => attempts)).toHaveLength(count);
      return all;
    };
    const attemptsOf = async (label: string, count: number) => (await deliveries(label, count)).map(({ attempts }) => attempts);

    test('each kind of body arrives as it was sent', async () => {
      const names = await ask<string[]>('names/');
      for (const name of names) expect(await ask(`body/${encodeURIComponent(name)}`)).toHaveProperty('value');
      const expected = [
        '{a:[0:1,1:"x",2:null,3:true](4),b:"1970-01-01T00:00:00.000Z"}',
        '"Grüße \u{1F600}"',
        '"a"',
        'ArrayBuffer 2,255',
        'ArrayBuffer 7,8',
        'null',
        '0',
        '""',
        clone,
      ];
      const bodies = await eventually(async () => {
        const all = await ask<string[]>('bodies/');
        return expected.every((each) => all.includes(each)) ? all : undefined;
      }).catch(() => ask<string[]>('bodies/'));
      expect(bodies).toEqual(expect.arrayContaining(expected));
    });

    for (const [name, error] of [
      ['no body', { name: 'TypeError', message: 'Message body cannot be undefined' }],
      ['a bigint as JSON', { name: 'TypeError', message: 'Do not know how to serialize a BigInt' }],
      ['a function as JSON', {}],
      ['a function as v8', { name: 'DataCloneError', message: '() => 1 could not be cloned.' }],
      ['a number as text', { name: 'TypeError', message: 'Content Type "text" requires a value of type string, but received: number' }],
      ['a string as bytes', { name: 'TypeError', message: 'Content Type "bytes" requires a value of type ArrayBufferView, but received: string' }], // prettier-ignore
      ['a buffer as bytes', { name: 'TypeError', message: 'Content Type "bytes" requires a value of type ArrayBufferView, but received: object' }], // prettier-ignore
      ['an unknown type', { name: 'TypeError', message: 'Unsupported queue message content type: xml' }],
      ['a null type', { name: 'TypeError', message: 'Unsupported queue message content type: null' }],
      ['options that are text', { name: 'TypeError' }],
      ['a negative delay', { name: 'Error', message: expect.stringMatching(/^Queue send failed: /) as string }],
      ['a delay of a day and a second', { name: 'Error', message: expect.stringMatching(/^Queue send failed: /) as string }],
      ['a text that is too large', { name: 'Error', message: 'Queue send failed: message length of 128001 bytes exceeds limit of 128000' }],
      ['no messages', { name: 'TypeError', message: 'sendBatch() requires at least one message' }],
      ['no list', { name: 'TypeError' }],
      ['a message without body', { name: 'TypeError', message: 'Message body cannot be undefined' }],
      ['a message that is text', { name: 'TypeError' }],
      ['101 messages', { name: 'Error', message: 'Queue sendBatch failed: batch message count of 101 exceeds limit of 100' }],
      ['a message that is too large', { name: 'Error', message: 'Queue sendBatch failed: message in batch has length 128001 bytes which exceeds single message size limit of 128000' }], // prettier-ignore
      ['too many bytes', { name: 'Error', message: 'Queue sendBatch failed: batch size of 384000 bytes exceeds limit of 288000' }],
      ['a message of an unknown type', { name: 'TypeError', message: 'Unsupported queue message content type: xml' }],
      ['a common delay that is too long', { name: 'Error', message: expect.stringMatching(/^Queue sendBatch failed: /) as string }],
      ['one delay that is too long', { name: 'Error', message: expect.stringMatching(/^Queue sendBatch failed: /) as string }],
    ] as const) {
      test(`${name} is refused`, async () => expect(await call(name)).toMatchObject({ error }));
    }

    for (const name of [
      'a delay of a day',
      'a delay with a fraction',
      'null options',
      'the largest text',
      '100 messages',
      'a generator of messages',
    ]) {
      test(`${name}: taken, and answered with the state of the queue`, async () => {
        const { value } = (await call(name)) as { value: { metadata: { metrics: Record<string, unknown> } } };
        const { oldestMessageTimestamp = '', ...counts } = value.metadata.metrics;
        expect(counts).toEqual({ backlogCount: expect.any(Number) as number, backlogBytes: expect.any(Number) as number });
        expect(oldestMessageTimestamp).toBeTypeOf('string');
        expect(await ask('metrics/')).toMatchObject({ backlogCount: expect.any(Number) as number });
      });
    }

    test('a batch of which one message is refused sends none', async () => {
      const jobs = [{ label: 'not sent', words: ['ack'] }];
      const refused = await ask('send/', {
        method: 'POST',
        body: JSON.stringify([[...jobs.map((body) => ({ body })), { body: 1, contentType: 'text' }]]),
      });
      expect(refused).toMatchObject({ error: { name: 'TypeError' } });
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await seenOf('not sent')).toEqual([]);
    });

    test('a handler that ends well acks what it was silent on', async () => {
      await send([{ label: 'silent', words: [] }]);
      expect(await attemptsOf('silent', 1)).toEqual([1]);
    });

    test('a handler that throws retries what it was silent on', async () => {
      await send([
        { label: 'thrown', words: ['throw', 'ack'] },
        { label: 'beside', words: [] },
      ]);
      expect(await attemptsOf('thrown', 2)).toEqual([1, 2]);
      expect(await attemptsOf('beside', 2)).toEqual([1, 2]);
    });

    test('what was acked before a throw is acked', async () => {
      await send([{ label: 'acked, then thrown', words: ['ack throw'] }]);
      expect(await attemptsOf('acked, then thrown', 1)).toEqual([1]);
    });

    test('an explicit retry comes again, with the same id and timestamp', async () => {
      await send([{ label: 'retried', words: ['retry', 'ack'] }]);
      const [one, two] = await deliveries('retried', 2);
      expect([two!.attempts, two!.id, two!.timestamp]).toEqual([2, one!.id, one!.timestamp]);
      expect(one!.id).toMatch(/^[0-9a-f]{32}$/);
    });

    test('after its retries a message is in the dead-letter queue, with the same id, as if it were new', async () => {
      await send([{ label: 'hopeless', words: ['retry', 'throw', 'retry', 'ack'] }]);
      const all = await deliveries('hopeless', 7);
      // There it is retried too, as often as its consumer there says.
      expect(all.map(({ attempts }) => attempts)).toEqual([1, 2, 3, 1, 2, 3, 4]);
      expect(all.map(({ queue }) => queue === 'dead')).toEqual([false, false, false, true, true, true, true]);
      expect(new Set(all.map(({ id }) => id)).size).toBe(1);
      expect(new Set(all.map(({ timestamp }) => timestamp)).size).toBe(1);
    });

    test('without a dead-letter queue it is dropped', async () => {
      await send([{ label: 'dropped', words: ['retry'] }], { queue: 'LAST' });
      expect(await attemptsOf('dropped', 1)).toEqual([1]);
    });

    for (const [words, count] of [
      ['ack retry', 1],
      ['retry ack', 2],
      ['ackAll retry', 1],
      ['retryAll ack', 2],
      ['retry ackAll', 2],
      ['ackAll retryAll', 1],
    ] as const) {
      test(`the first word holds: ${words}`, async () => {
        await send([{ label: words, words: [words, 'ack'] }]);
        expect(await deliveries(words, count)).toHaveLength(count);
      });
    }

    test('waitUntil() is waited for, and has a word too', async () => {
      await send([{ label: 'background', words: ['background', 'ack'] }]);
      expect(await deliveries('background', 2)).toHaveLength(2);
    });

    test('a rejected waitUntil() fails the batch', async () => {
      await send([{ label: 'rejected', words: ['rejected', 'ack'] }]);
      expect(await deliveries('rejected', 2)).toHaveLength(2);
    });

    test('a word after the end changes nothing', async () => {
      await send([{ label: 'kept', words: ['keep'] }]);
      await deliveries('kept', 1);
      await send([{ label: 'old', words: ['old'] }]);
      await deliveries('old', 1);
      await deliveries('kept', 1);
    });

    test('a delay is kept: of a send, of a producer, of a retry', async () => {
      const begun = Date.now();
      await Promise.all([
        send([{ label: 'sent late', words: ['ack'] }], { options: { delaySeconds: 1 } }),
        send([{ label: 'late by its producer', words: ['ack'] }], { queue: 'LATE' }),
        send([{ label: 'at once all the same', words: ['ack'] }], { queue: 'LATE', options: { delaySeconds: 0 } }),
        send([{ label: 'retried late', words: ['retry:1', 'ack'] }]),
      ]);
      const [late] = await deliveries('sent late', 1);
      const [byProducer] = await deliveries('late by its producer', 1);
      const [atOnce] = await deliveries('at once all the same', 1);
      const [first, second] = await deliveries('retried late', 2);
      expect(late!.at - begun).toBeGreaterThanOrEqual(990);
      expect(byProducer!.at - begun).toBeGreaterThanOrEqual(3_990);
      expect(atOnce!.at - begun).toBeLessThan(3_900);
      expect(second!.at - first!.at).toBeGreaterThanOrEqual(990);
    });

    test('a batch goes when it is full, or when its first message has waited long enough', async () => {
      const labels = ['one', 'two', 'three'].map((each) => `full ${each}`);
      const begun = Date.now();
      await send(labels.map((label) => ({ label, words: [] })), { queue: 'SLOW' }); // prettier-ignore
      const [full] = await deliveries('full one', 1);
      expect(full!.batch).toHaveLength(3);
      expect(full!.at - begun).toBeLessThan(3_900);
      const alone = Date.now();
      await send([{ label: 'alone', words: [] }], { queue: 'SLOW' });
      const [waited] = await deliveries('alone', 1);
      expect(waited!.at - alone).toBeGreaterThanOrEqual(3_900);
    });
  });
}
