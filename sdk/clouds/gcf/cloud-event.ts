import { valueOf, textOf, type Message } from '../messages.ts';
import { base64 } from '../text.ts';
import { BadBody } from './body.ts';

/** A CloudEvent 1.0, with its extensions beside. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export interface CloudEvent {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly data?: unknown;
  readonly [attribute: string]: unknown;
}

const utf8 = new TextEncoder();
const PROJECT = 'projects/brink';
const STORAGE: Readonly<Record<string, string>> = {
  PutObject: 'google.cloud.storage.object.v1.finalized',
  CopyObject: 'google.cloud.storage.object.v1.finalized',
  CompleteMultipartUpload: 'google.cloud.storage.object.v1.finalized',
  DeleteObject: 'google.cloud.storage.object.v1.deleted',
};

export function isCloudEvent(value: unknown): value is CloudEvent {
  if (value === null || typeof value !== 'object') return false;
  return ['specversion', 'id', 'source', 'type'].every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}

/** One that comes over HTTP, in structured or binary mode. @throws {BadBody} where it is none */
export function cloudEventOf(headers: Headers, body: unknown): CloudEvent {
  if (/^application\/cloudevents\+json\b/i.test(headers.get('content-type') ?? '')) {
    if (isCloudEvent(body)) return body;
    throw new BadBody('The body is no CloudEvent: specversion, id, source and type must be there.');
  }
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of headers) if (name.startsWith('ce-')) attributes[name.slice(3)] = decoded(value);
  const type = headers.get('content-type');
  const event = { ...attributes, ...(type !== null && { datacontenttype: type }), data: body };
  if (isCloudEvent(event)) return event;
  throw new BadBody(
    'The request is no CloudEvent: it is neither application/cloudevents+json nor has it the headers ce-specversion, ce-id, ce-source and ce-type.',
  );
}

/** A message as Eventarc gives it: a CloudEvent as it is, an event of a bucket as Cloud Storage's, others as Pub/Sub's. */
export function eventOfMessage({ id, timestamp, body }: Message, queue: string): CloudEvent {
  const value = valueOf(body);
  if (isCloudEvent(value)) return value;
  return storageEvent(id, value) ?? pubSubEvent({ id, time: timestamp.toISOString(), body }, queue);
}

export function pubSubMessage({ id, time, body }: { id: string; time: string; body: unknown }) {
  return { data: base64(utf8.encode(textOf(body))), messageId: id, publishTime: time, attributes: {} };
}

export function topicOf(queue: string): string {
  return `${PROJECT}/topics/${queue}`;
}

function pubSubEvent(message: { id: string; time: string; body: unknown }, queue: string): CloudEvent {
  return {
    specversion: '1.0',
    id: message.id,
    source: `//pubsub.googleapis.com/${topicOf(queue)}`,
    type: 'google.cloud.pubsub.topic.v1.messagePublished',
    time: message.time,
    datacontenttype: 'application/json',
    data: { message: pubSubMessage(message), subscription: `${PROJECT}/subscriptions/${queue}` },
  };
}

function storageEvent(id: string, value: unknown): CloudEvent | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { account, action, bucket, object, eventTime } = value as Record<string, unknown>;
  const type = STORAGE[String(action)];
  if (type === undefined || account !== 'brink' || typeof bucket !== 'string' || object === null || typeof object !== 'object')
    return undefined;
  const { key, size, eTag } = object as { key: string; size?: number; eTag?: string };
  return {
    specversion: '1.0',
    id,
    source: `//storage.googleapis.com/projects/_/buckets/${bucket}`,
    type,
    subject: `objects/${key}`,
    time: String(eventTime),
    datacontenttype: 'application/json',
    data: {
      kind: 'storage#object',
      bucket,
      name: key,
      timeCreated: eventTime,
      updated: eventTime,
      ...(size !== undefined && { size: String(size) }),
      ...(eTag !== undefined && { etag: eTag }),
    },
  };
}

/** HTTP binding of CloudEvents, section 3.1.3.2. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
