import { createHash } from 'node:crypto';
import { textOf, type Batch, type Message } from '../messages.ts';
import { arn, region } from './environment.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export function sqsEvent({ queue, messages }: Batch): { Records: unknown[] } {
  return { Records: messages.map((message) => recordOf(message, queue)) };
}

function recordOf({ id, timestamp, attempts, body: given }: Message, queue: string): Record<string, unknown> {
  const body = textOf(given);
  const sent = String(timestamp.getTime());
  return {
    messageId: id,
    receiptHandle: `${id}/${attempts}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(attempts),
      SentTimestamp: sent,
      SenderId: 'brink',
      ApproximateFirstReceiveTimestamp: sent,
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: arn('sqs', queue),
    awsRegion: region(),
  };
}
