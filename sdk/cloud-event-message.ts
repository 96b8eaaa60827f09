import { readCloudEvent } from './cloud-event-json.ts';
import { cloudEvent, type CloudEvent } from './cloud-event.ts';
import type { Message } from './queue.ts';

/** What an event says that its message does not. */
export interface MessageEventInit {
  /** `/queues` by default. */
  readonly source?: string;
  /** `brink.queue.message` by default. */
  readonly type?: string;
}

/** The body of an event of a bucket: https://developers.cloudflare.com/r2/buckets/event-notifications/#message-format */
interface BucketEvent {
  readonly action: string;
  readonly bucket: string;
  readonly object: { readonly key: string };
  readonly eventTime: string;
}

/**
 * A message of a queue as an event, the same at each delivery:
 *
 * - one that came by a webhook, or whose body is a CloudEvent otherwise: that one;
 * - an event of a bucket: `brink.bucket.object.created` or `.deleted`, with `/buckets/{bucket}` as its source, the key as its
 *   subject and the body as its data;
 * - any other: its id and time, with its body as data; an ArrayBuffer is binary data, and a text is `text/plain`.
 *
 * @throws {CloudEventError} where the body says that it is a CloudEvent, and is none; or is no data of one
 */
export function messageCloudEvent(message: Pick<Message, 'id' | 'timestamp' | 'body'>, init: MessageEventInit = {}): CloudEvent {
  const { id, timestamp: time, body } = message;
  if (isTable(body) && 'specversion' in body) return readCloudEvent(body);
  if (isBucketEvent(body)) {
    const what = body.action === 'DeleteObject' ? 'deleted' : 'created';
    const source = `/buckets/${body.bucket.split('/').map(encodeURIComponent).join('/')}`;
    const event = { id, source, type: `brink.bucket.object.${what}`, subject: body.object.key, time: body.eventTime };
    return cloudEvent({ ...event, datacontenttype: 'application/json', data: body });
  }
  const { source = '/queues', type = 'brink.queue.message' } = init;
  return cloudEvent({ id, time, source, type, ...dataOf(body) });
}

function dataOf(body: unknown): { readonly datacontenttype?: string; readonly data?: unknown } {
  if (typeof body === 'string') return { datacontenttype: 'text/plain; charset=utf-8', data: body };
  if (body instanceof ArrayBuffer) return { datacontenttype: 'application/octet-stream', data: new Uint8Array(body) };
  return { datacontenttype: 'application/json', data: body };
}

function isBucketEvent(body: unknown): body is BucketEvent {
  if (!isTable(body) || body['account'] !== 'brink' || !isTable(body['object'])) return false;
  const { action, bucket, object, eventTime } = body;
  return [action, bucket, object['key'], eventTime].every((each) => typeof each === 'string');
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
