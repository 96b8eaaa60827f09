import { blocking } from '../../host.ts';
import type { Message } from '../../../../sdk/queue.ts';
import type { Factory } from '../../wasi/settings.ts';
import { err, ok, OK, type Err, type Result } from '../../wasi/values/result.ts';
import { attempt, bindingOf } from '../binding.ts';
import { guestBody, hostBody, type ContentType } from './body.ts';
import type { QueueBinding } from './queues.ts';

/** `error` of wasi:messaging. */
export interface MessagingError {
  readonly tag: 'timeout' | 'connection' | 'permission-denied' | 'other';
  readonly val?: string;
}

type Metadata = [key: string, value: string][];

/** `message` of wasi:messaging. */
export class MessagingMessage {
  data: Uint8Array<ArrayBuffer>;
  readonly topic: string | undefined;
  contentType: string | undefined;
  metadata: Metadata = [];

  constructor(data: Uint8Array<ArrayBuffer>, { topic, contentType }: { topic?: string; contentType?: string | undefined } = {}) {
    this.data = data;
    this.topic = topic;
    this.contentType = contentType;
  }
}

/** `client` of wasi:messaging: there is one place for all queues of a host. */
class Client {}

class RequestOptions {}

const MEDIA_TYPES: Readonly<Record<ContentType, string | undefined>> = {
  text: 'text/plain;charset=utf-8',
  json: 'application/json',
  bytes: undefined,
};
const NO_REPLIES: Err<MessagingError> = err({ tag: 'other', val: 'Queues have no replies: send to another queue, and consume that.' });

/** A message of a queue. @throws {TypeError} where a guest cannot get its body */
export function messagingMessage({ id, body }: Message, queue: string): MessagingMessage {
  try {
    const { type, bytes } = guestBody(body);
    return new MessagingMessage(bytes, { topic: queue, contentType: MEDIA_TYPES[type] });
  } catch (cause) {
    throw new TypeError(`The message ${id} cannot be given to a component: ${(cause as Error).message}`, { cause });
  }
}

/** wasi:messaging/types. */
export const messagingTypes: Factory = () => ({
  '[static]client.connect': () => ok(new Client()),
  '[method]client.disconnect': () => OK,
  '[constructor]message': (data: Uint8Array<ArrayBuffer>) => new MessagingMessage(data),
  '[method]message.topic': ({ topic }: MessagingMessage) => topic,
  '[method]message.content-type': ({ contentType }: MessagingMessage) => contentType,
  '[method]message.set-content-type': (message: MessagingMessage, type: string) => void (message.contentType = type),
  '[method]message.data': ({ data }: MessagingMessage) => data,
  '[method]message.set-data': (message: MessagingMessage, data: Uint8Array<ArrayBuffer>) => void (message.data = data),
  '[method]message.metadata': ({ metadata }: MessagingMessage) => (metadata.length > 0 ? metadata : undefined),
  '[method]message.add-metadata': (message: MessagingMessage, key: string, value: string) =>
    void (message.metadata = [...without(message, key), [key, value]]),
  '[method]message.set-metadata': (message: MessagingMessage, metadata: Metadata) => void (message.metadata = metadata),
  '[method]message.remove-metadata': (message: MessagingMessage, key: string) => void (message.metadata = without(message, key)),
});

/** wasi:messaging/producer: a topic is the name of a binding. */
export const producer: Factory = (world) => ({
  send: blocking(
    (
      _client: Client,
      topic: string,
      message: MessagingMessage,
    ): Result<undefined, MessagingError> | Promise<Result<undefined, MessagingError>> => {
      const binding = bindingOf<QueueBinding>(world, topic, { name: 'queue', methods: ['send', 'sendBatch'] });
      if (binding.tag === 'err') return err({ tag: 'permission-denied', val: binding.val.val });
      const { metadata, data } = message;
      if (metadata.length > 0) return err({ tag: 'other', val: `Queues keep no metadata, and the message has ${metadata.length}.` });
      const type = typeOf(message);
      return attempt(async () => {
        await binding.val.send(hostBody({ type, bytes: data }), { contentType: type });
        return undefined;
      }, failureOf);
    },
  ),
});

/** wasi:messaging/request-reply. */
export const requestReply: Factory = () => ({
  '[constructor]request-options': () => new RequestOptions(),
  '[method]request-options.set-timeout-ms': () => undefined,
  '[method]request-options.set-expected-replies': () => undefined,
  request: () => NO_REPLIES,
  reply: () => NO_REPLIES,
});

function without({ metadata }: MessagingMessage, key: string): Metadata {
  return metadata.filter(([name]) => name !== key);
}

/** By its essence. https://mimesniff.spec.whatwg.org/#mime-type-essence */
function typeOf({ contentType = '' }: MessagingMessage): ContentType {
  const essence = contentType.split(';')[0]!.trim().toLowerCase();
  return essence === 'text/plain' ? 'text' : essence === 'application/json' ? 'json' : 'bytes';
}

function failureOf(error: Error): MessagingError {
  const mine = ['TypeError', 'RangeError', 'SyntaxError'].includes(error.name);
  return { tag: mine ? 'other' : 'connection', val: error.message };
}
