import { InvalidMessage } from '../invalid-message.ts';
import { textOf, valueOf, type Batch, type Message } from '../messages.ts';
import { attributesOf, type Attribute } from './attributes.ts';
import { arn, region } from './environment.ts';
import { isTable } from './http-answer.ts';

export interface Changes {
  readonly event: { readonly Records: readonly unknown[] };
  /** By the sequence numbers of their records, in order. */
  readonly messages: ReadonlyMap<string, Message>;
}

interface Change {
  readonly name: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** The table, or the namespace. */
  readonly table: string;
  readonly sequence: number;
  readonly time: string;
  readonly keys: Record<string, Attribute>;
  readonly before: Record<string, Attribute> | undefined;
  readonly after: Record<string, Attribute> | undefined;
  readonly expired: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const ROW_NAMES: Readonly<Record<string, Change['name']>> = { insert: 'INSERT', update: 'MODIFY', delete: 'REMOVE' };
/** Whether a key that was put had been there, nobody says. */
const KEY_NAMES: Readonly<Record<string, Change['name']>> = { put: 'MODIFY', increment: 'MODIFY', delete: 'REMOVE', expire: 'REMOVE' };

/**
 * Changes of rows and keys as records of DynamoDB's streams, in their order.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export function changesEvent(batch: Batch): Changes {
  const changes = batch.messages.map((message) => ({ message, change: changeOf(message) }));
  changes.sort((a, b) => a.change.sequence - b.change.sequence);
  const messages = new Map<string, Message>();
  const Records = changes.map(({ message, change }) => {
    let number = String(change.sequence).padStart(21, '0');
    // Two sources count by themselves.
    while (messages.has(number)) number += '0';
    messages.set(number, message);
    return recordOf(change, { id: message.id, number });
  });
  return { event: { Records }, messages };
}

function recordOf({ name, table, time, keys, before, after, expired }: Change, { id, number }: { id: string; number: string }) {
  const images = before !== undefined || after !== undefined;
  return {
    eventID: id,
    eventName: name,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region(),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.parse(time) / 1_000),
      Keys: keys,
      ...(after !== undefined && { NewImage: after }),
      ...(before !== undefined && { OldImage: before }),
      SequenceNumber: number,
      SizeBytes: textOf({ keys, before, after }).length,
      StreamViewType: images ? 'NEW_AND_OLD_IMAGES' : 'KEYS_ONLY',
    },
    // As DynamoDB tells what its own time to live removes.
    ...(expired && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
    eventSourceARN: arn('dynamodb', `table/${table}/stream/brink`),
  };
}

function changeOf({ id, body }: Message): Change {
  const told = valueOf(body);
  const change = isTable(told) ? (rowChange(told) ?? keyChange(told)) : undefined;
  if (change === undefined)
    throw new InvalidMessage(id, 'is no change of a row or a key, as notifications of d1_databases and kv_namespaces send them');
  return change;
}

function rowChange({ table, operation, key, sequence, time, old, new: after }: Fields): Change | undefined {
  const name = ROW_NAMES[String(operation)];
  if (name === undefined || typeof table !== 'string' || !isTable(key) || typeof sequence !== 'number') return undefined;
  const image = (row: unknown) => (isTable(row) ? attributesOf(row) : undefined);
  return { name, table, sequence, time: String(time), keys: attributesOf(key), before: image(old), after: image(after), expired: false };
}

function keyChange({ namespace, operation, key, revision, time, value, metadata, expiration }: Fields): Change | undefined {
  const name = KEY_NAMES[String(operation)];
  if (name === undefined || typeof namespace !== 'string' || typeof key !== 'string' || typeof revision !== 'number') return undefined;
  const after = value === undefined ? undefined : attributesOf({ key, value, metadata, expiration });
  const keys = attributesOf({ key });
  return {
    name,
    table: namespace,
    sequence: revision,
    time: String(time),
    keys,
    before: undefined,
    after,
    expired: operation === 'expire',
  };
}
