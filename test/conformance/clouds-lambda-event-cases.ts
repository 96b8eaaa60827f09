import { describe, expect, it } from 'vitest';
import { publishFiles } from './clouds-publish.ts';
import { DYNAMODB, EVENTBRIDGE, S3, SNS, SQS } from './clouds-lambda-samples.ts';
import { keysOf } from './clouds-shapes.ts';
import { eventually, type TestHost } from './harness.ts';

type Event = Record<string, unknown> & { Records: Record<string, unknown>[] };

/** Messages and schedules, by the events that they are on AWS. */
export function lambdaEventCases(host: () => TestHost): void {
  /** A handler that keeps what it was given for GET, and gives what its event says. */
  const keeping = async (config = '', handle = 'return { batchItemFailures: [] };') => {
    const source = `let kept = []; exports.handler = async (event) => {
      if (event.rawPath) { const all = kept; kept = []; return all; }
      kept.push(event); ${handle} };`;
    const { name, url } = await publishFiles(host(), { 'index.js': source }, `[scaling]\nmax_cells = 1\n${config}`);
    return {
      deliver: (queue: string, ...bodies: unknown[]) =>
        host().admin.invokeQueue(name, { queue, messages: bodies.map((body) => ({ body })) }),
      schedule: (cron: string, scheduledTime: number) => host().admin.scheduled(name, { cron, scheduledTime }),
      kept: async () => (await (await fetch(`${url}/`)).json()) as Event[],
    };
  };
  const words = ({ outcome, messages }: { outcome: string; messages: { result: string }[] }) => [
    outcome,
    ...messages.map(({ result }) => result),
  ];

  describe('events of lambda', () => {
    it('a batch of a queue is an event of SQS, key by key', async () => {
      const { deliver, kept } = await keeping();
      expect(words(await deliver('orders', 'text', { a: 1 }))).toEqual(['ok', 'ack', 'ack']);
      const [event] = await kept();
      expect(event!.Records).toMatchObject([
        {
          messageId: '1'.padStart(32, '0'),
          body: 'text',
          attributes: { ApproximateReceiveCount: '1' },
          md5OfBody: '1cb251ec0d568de6a929b520c4aed8d1',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:orders',
        },
        { messageId: '2'.padStart(32, '0'), body: '{"a":1}' },
      ]);
      expect(keysOf(event, SQS)).toEqual([]);
    });

    it('batchItemFailures says which messages are delivered again', async () => {
      const handle = 'return JSON.parse(event.Records[0].body);';
      const { deliver } = await keeping('', handle);
      const id = (index: number) => ({ itemIdentifier: String(index).padStart(32, '0') });
      const after = async (result: unknown) => words(await deliver('orders', result, 'b', 'c'));
      expect(await after({ batchItemFailures: [id(2)] })).toEqual(['ok', 'ack', 'retry', 'ack']);
      expect(await after({ batchItemFailures: [id(1), id(3)] })).toEqual(['ok', 'retry', 'ack', 'retry']);
      for (const result of [{ batchItemFailures: [] }, { batchItemFailures: null }, {}, null, 'text'])
        expect(await after(JSON.stringify(result))).toEqual(['ok', 'ack', 'ack', 'ack']);
      for (const failures of [[{ itemIdentifier: '' }], [{ itemIdentifier: null }], [{ id: '1' }], [{ itemIdentifier: 'other' }], 'text'])
        expect(await after({ batchItemFailures: failures })).toEqual(['response-invalid', 'retry', 'retry', 'retry']);
    });

    it('what throws fails the whole batch; partial_batches = false looks at no result', async () => {
      const throwing = await keeping('', "throw new Error('no batch');");
      expect(words(await throwing.deliver('orders', 'a', 'b'))).toEqual(['handler-threw', 'retry', 'retry']);
      const deaf = await keeping('[lambda]\npartial_batches = false\n', "return { batchItemFailures: [{ itemIdentifier: 'any' }] };");
      expect(words(await deaf.deliver('orders', 'a', 'b'))).toEqual(['ok', 'ack', 'ack']);
    });

    it('events of buckets are those of S3, one by one, key by key', async () => {
      const { deliver, kept } = await keeping(
        '[lambda.queues]\nuploads = "s3"\n',
        "if (event.Records[0].s3.object.key === 'bad') throw new Error('bad object');",
      );
      const change = (action: string, key: string, more = {}) => ({
        account: 'brink',
        action,
        bucket: 'pictures',
        object: { key, ...more },
        eventTime: '2026-01-01T00:00:00.000Z',
      });
      const delivered = await deliver(
        'uploads',
        change('PutObject', 'in/a hen & egg.png', { size: 3, eTag: 'abc' }),
        change('DeleteObject', 'old'),
        change('CopyObject', 'bad', { size: 1, eTag: 'x' }),
        { no: 'event' },
      );
      expect(words(delivered)).toEqual(['handler-threw', 'ack', 'ack', 'retry', 'retry']);
      const events = await kept();
      expect(events.map((event) => event.Records.length)).toEqual([1, 1, 1]);
      const [put, removed] = events.map((event) => event.Records[0]!);
      expect(put).toMatchObject({
        eventName: 'ObjectCreated:Put',
        eventTime: '2026-01-01T00:00:00.000Z',
        s3: { bucket: { name: 'pictures', arn: 'arn:aws:s3:::pictures' }, object: { key: 'in/a+hen+%26+egg.png', size: 3, eTag: 'abc' } },
      });
      expect(removed).toMatchObject({ eventName: 'ObjectRemoved:Delete', s3: { object: { key: 'old' } } });
      expect(keysOf(events[0], S3)).toEqual([]);
    });

    it('notifications of SNS, one by one, key by key', async () => {
      const { deliver, kept } = await keeping('[lambda.queues]\nnews = "sns"\n');
      const attributes = { kind: { Type: 'String', Value: 'x' } };
      expect(
        words(await deliver('news', 'Hello from SNS!', { Subject: 'Test', Message: 'whole', MessageAttributes: attributes }, { a: 1 })),
      ).toEqual(['ok', 'ack', 'ack', 'ack']);
      const events = await kept();
      expect(events.map(({ Records: [record] }) => record!['Sns'])).toMatchObject([
        { Message: 'Hello from SNS!', Subject: null, TopicArn: 'arn:aws:sns:us-east-1:000000000000:news', MessageAttributes: {} },
        { Message: 'whole', Subject: 'Test', MessageAttributes: attributes },
        { Message: '{"a":1}', Subject: null },
      ]);
      expect(keysOf(events[0], SNS)).toEqual([]);
    });

    it('events of EventBridge: their own, CloudEvents, and anything else as detail', async () => {
      const { deliver, kept } = await keeping('[lambda.queues]\nbus = "eventbridge"\n');
      await deliver(
        'bus',
        { 'detail-type': 'made', source: 'shop', detail: { n: 1 } },
        { specversion: '1.0', id: 'a1', type: 'com.example.made', source: '/shop', data: { n: 2 } },
        { n: 3 },
      );
      const events = await kept();
      expect(events).toMatchObject([
        {
          version: '0',
          'detail-type': 'made',
          source: 'shop',
          detail: { n: 1 },
          resources: [],
          account: '000000000000',
          region: 'us-east-1',
        },
        { id: 'a1', 'detail-type': 'com.example.made', source: '/shop', detail: { n: 2 } },
        { 'detail-type': 'bus', source: 'brink.queues', detail: { n: 3 } },
      ]);
      for (const event of events) expect(keysOf(event, EVENTBRIDGE)).toEqual([]);
    });

    it('changes of rows and keys are records of a stream of DynamoDB, in their order; a failure retries what comes after it', async () => {
      const { deliver, kept } = await keeping(
        '[lambda.queues]\nchanges = "dynamodb"\n',
        `const bad = event.Records.find(({ dynamodb }) => JSON.stringify(dynamodb).includes('bad'));
        return { batchItemFailures: bad ? [{ itemIdentifier: bad.dynamodb.SequenceNumber }] : [] };`,
      );
      const time = '2026-01-01T00:00:01.500Z';
      const row = (sequence: number, operation: string, more = {}) => ({
        database: 'shop',
        table: 'items',
        operation,
        key: { id: sequence },
        sequence,
        time,
        ...more,
      });
      const rows = [
        row(2, 'update', {
          old: { id: 2, name: 'a', tags: null },
          new: { id: 2, name: 'b', size: { integer: '9007199254740993' }, blob: { base64: 'AQI=' } },
        }),
        row(1, 'insert', { new: { id: 1, long: { omitted: 99_999 } } }),
        row(3, 'delete'),
      ];
      expect(words(await deliver('changes', ...rows))).toEqual(['ok', 'ack', 'ack', 'ack']);
      const [event] = await kept();
      expect(event!.Records.map(({ eventName, dynamodb }) => [eventName, dynamodb])).toMatchObject([
        [
          'INSERT',
          {
            Keys: { id: { N: '1' } },
            NewImage: { id: { N: '1' } },
            SequenceNumber: '1'.padStart(21, '0'),
            ApproximateCreationDateTime: 1_767_225_601,
          },
        ],
        [
          'MODIFY',
          {
            OldImage: { name: { S: 'a' }, tags: { NULL: true } },
            NewImage: { name: { S: 'b' }, size: { N: '9007199254740993' }, blob: { B: 'AQI=' } },
          },
        ],
        ['REMOVE', { StreamViewType: 'KEYS_ONLY' }],
      ]);
      expect(keysOf({ Records: [event!.Records[1]] }, DYNAMODB)).toEqual([]);
      expect(words(await deliver('changes', row(4, 'delete'), row(6, 'delete'), row(5, 'insert', { new: { id: 'bad' } })))).toEqual([
        'ok',
        'ack',
        'retry',
        'retry',
      ]);
      await kept();
      const key = (revision: number, operation: string, more = {}) => ({
        namespace: 'users',
        key: 'ada',
        operation,
        revision,
        time,
        ...more,
      });
      await deliver('changes', key(1, 'put', { size: 1, value: 'x', metadata: { admin: true, roles: ['a'] } }), key(2, 'expire'));
      expect((await kept())[0]!.Records).toMatchObject([
        {
          eventName: 'MODIFY',
          dynamodb: {
            Keys: { key: { S: 'ada' } },
            NewImage: { value: { S: 'x' }, metadata: { M: { admin: { BOOL: true }, roles: { L: [{ S: 'a' }] } } } },
          },
        },
        {
          eventName: 'REMOVE',
          userIdentity: { type: 'Service' },
          eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/users/stream/brink',
        },
      ]);
      expect(words(await deliver('changes', { other: 1 }))).toEqual(['handler-threw', 'retry']);
    });

    it('a schedule is a Scheduled Event, key by key', async () => {
      const { schedule, kept } = await keeping();
      expect((await schedule('*/5 * * * *', Date.parse('2026-01-01T00:05:00Z'))).outcome).toBe('ok');
      const [event] = await kept();
      expect(event).toMatchObject({
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        time: '2026-01-01T00:05:00Z',
        resources: ['arn:aws:events:us-east-1:000000000000:rule/*/5 * * * *'],
        detail: {},
      });
      expect(keysOf(event, EVENTBRIDGE)).toEqual([]);
    });

    it('a schedule with a payload brings that alone, by itself and in its time', async () => {
      const { kept } = await keeping('[[schedules]]\nname = "tick"\nevery = "1s"\npayload = { hello = "world" }\n');
      const [event] = await eventually(async () => {
        const all = await kept();
        return all.length > 0 ? all : undefined;
      });
      expect(event).toEqual({ hello: 'world' });
    });

    it('an object that is put into a bucket calls the handler, by way of its queue', async () => {
      const bucket = `b-${Math.random().toString(36).slice(2, 8)}`;
      const config = `[[r2_buckets]]\nbinding = "FILES"\nbucket_name = "${bucket}"\n[[r2_buckets.notifications]]\nqueue = "${bucket}-q"\nevent_type = "object-create"\n[[queues.consumers]]\nqueue = "${bucket}-q"\nmax_batch_timeout = 0.1\n[lambda.queues]\n"${bucket}-q" = "s3"\n`;
      const source = `import { env } from 'cloudflare:workers'; let seen; export const handler = async (event) => {
        if (event.Records) { seen = event.Records[0].s3.bucket.name + '/' + event.Records[0].s3.object.key; return; }
        if (event.rawPath === '/put') await env.FILES.put('a b.txt', 'hello');
        return seen ?? 'nothing'; };`;
      const { url } = await publishFiles(host(), { 'index.mjs': source }, `[scaling]\nmax_cells = 1\n${config}`);
      await fetch(`${url}/put`);
      const seen = await eventually(async () => {
        const text = await (await fetch(`${url}/`)).text();
        return text === 'nothing' ? undefined : text;
      });
      expect(seen).toBe(`${bucket}/a+b.txt`);
    });
  });
}
