import { InvalidMessage } from '../invalid-message.ts';
import { valueOf, type Batch, type Message } from '../messages.ts';
import { arn, region } from './environment.ts';
import { isTable } from './http-answer.ts';

export interface Changes {
  readonly event: { readonly Records: readonly unknown[] };
  /** By the sequence numbers of their records, in order. */
  readonly messages: ReadonlyMap<string, Message>;
}

export function changesEvent(batch: Batch): Changes {
  const messages = new Map<string, Message>();
  const Records = batch.messages.map((message, index) => {
    const record = recordOf(message, { table: batch.queue, index });
    messages.set(record.dynamodb.SequenceNumber, message);
    return record;
  });
  return { event: { Records }, messages };
}

function recordOf(message: Message, { table, index }: { table: string; index: number }) {
  const body = valueOf(message.body);
  if (!isTable(body)) throw new InvalidMessage(message.id, 'is no change');
  return {
    eventSource: 'aws:dynamodb',
    awsRegion: region(),
    eventSourceARN: arn('dynamodb', `table/${table}`),
    dynamodb: { SequenceNumber: String(index) },
  };
}
