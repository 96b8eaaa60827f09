import { hex, sha256 } from '../../bytes.ts';
import type { Backlog, ContentType, NewMessage, Queue } from '../../stores/queue.ts';
import { KeyReused, type SendKey } from '../../stores/queue-keys.ts';
import { QuotaExceeded, type QueueQuota } from '../../stores/quota.ts';
import { BindingError } from '../binding-error.ts';
import type { Body, Methods, Result } from '../binding.ts';
import { checkedKey, KEY_MS, keyReused, MAX_BATCH, MAX_MESSAGE, MAX_MESSAGES, overQuota, tooLarge, tooMany } from './limits.ts';
import { MAX_DELAY } from './said.ts';

export interface QueueMethodsOptions {
  readonly name: string;
  readonly queue: Queue;
  /** What it may have; without one, as much as there is room for. */
  readonly quota?: QueueQuota | undefined;
  readonly now: () => number;
}

const TYPES: ReadonlySet<unknown> = new Set<ContentType>(['text', 'bytes', 'json', 'v8']);

/**
 * A queue, as its producers call it.
 *
 * | method | arguments, body | value |
 * |---|---|---|
 * | send | a list of one `WireMessage`, its body | the backlog |
 * | sendBatch | a list of `WireMessage`, their bodies one behind the other | the backlog |
 * | metrics | | the backlog |
 */
export function createQueueMethods(options: QueueMethodsOptions): Methods {
  const { name, queue } = options;
  return {
    send: ([messages], body) => send({ ...options, operation: 'send', messages, body }),
    sendBatch: ([messages], body) => send({ ...options, operation: 'sendBatch', messages, body }),
    async metrics() {
      const { messages, bytes, oldest } = await reach('metrics', queue.counts(name));
      return { value: { messages, bytes, oldest } satisfies Backlog };
    },
  };
}

interface Send extends QueueMethodsOptions {
  readonly operation: 'send' | 'sendBatch';
  readonly messages: unknown;
  readonly body: Body;
}

async function send({ name, queue, quota, now, operation, messages, body }: Send): Promise<Result> {
  if (!(body instanceof Uint8Array)) throw new BindingError('Messages come as bytes.', { name: 'TypeError' });
  if (!Array.isArray(messages) || messages.length === 0)
    throw new BindingError('sendBatch() requires at least one message', { name: 'TypeError' });
  if (messages.length > MAX_MESSAGES) throw refused(tooMany(messages.length));
  const time = now();
  let at = 0;
  const given = messages.map((wire: unknown): NewMessage => {
    const { type, size, delay } = checked(operation, wire, body.byteLength - at);
    return { id: newId(), body: body.subarray(at, (at += size)), type, sent: time, delay: delay * 1000 };
  });
  if (at !== body.byteLength) throw new BindingError('The bytes are not those of the messages.', { name: 'TypeError' });
  if (at > MAX_BATCH) throw new BindingError(`Queue sendBatch failed: batch size of ${at} bytes exceeds limit of ${MAX_BATCH}`);
  const keys = (messages as unknown[][]).map(([, , , key]) => key);
  const sent = keys.some((key) => key !== undefined)
    ? await Promise.all(given.map((message, index) => withKey(message, keys[index])))
    : given;
  return { value: await reach(operation, queue.send(name, sent, quota && { quota })) };
}

function checked(operation: Send['operation'], wire: unknown, left: number): { type: ContentType; size: number; delay: number } {
  const [type, size, delay] = Array.isArray(wire) ? (wire as unknown[]) : [];
  if (!TYPES.has(type) || !Number.isSafeInteger(size) || (size as number) < 0 || (size as number) > left)
    throw new BindingError('A message is not what a message is.', { name: 'TypeError' });
  if ((size as number) > MAX_MESSAGE) {
    if (operation === 'send') throw refused(tooLarge(size as number));
    throw new BindingError(
      `Queue sendBatch failed: message in batch has length ${size as number} bytes which exceeds single message size limit of ${MAX_MESSAGE}`,
    );
  }
  if (!Number.isSafeInteger(delay) || (delay as number) < 0 || (delay as number) > MAX_DELAY)
    throw new BindingError(`Queue ${operation} failed: message delay of ${String(delay)} seconds is not within 0 to ${MAX_DELAY}`);
  return { type: type as ContentType, size: size as number, delay: delay as number };
}

/** What makes two messages with one key the same: their bodies and content types. */
async function withKey(message: NewMessage, given: unknown): Promise<NewMessage> {
  if (given === undefined) return message;
  const { type, body } = message;
  const name = keyOf(given);
  const key: SendKey = {
    name,
    fingerprint: `${type}-${hex(await sha256(body))}`,
    ms: KEY_MS,
  };
  return { ...message, key };
}

function keyOf(given: unknown): string {
  try {
    return checkedKey(given);
  } catch (error) {
    throw new BindingError((error as Error).message, { name: 'TypeError' });
  }
}

function refused({ message }: Error): BindingError {
  return new BindingError(message);
}

function newId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

/** What the store throws names what is the host's own. */
async function reach<Value>(operation: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof QuotaExceeded) throw overQuota(operation, error);
    if (error instanceof KeyReused) throw keyReused(operation);
    throw new BindingError(`Queue ${operation} failed: the state of the host cannot be reached now. Try again in a moment.`, {
      code: 'unavailable',
    });
  }
}
