import type { QueueMetrics, QueueSendResponse } from '../../../sdk/queue.ts';
import { concat } from '../../bytes.ts';
import type { Backlog } from '../../stores/queue.ts';
import type { Call } from '../binding.ts';
import { bodyBytes, contentTypeOf } from './body.ts';
import { checkedKey, MAX_MESSAGE, MAX_MESSAGES, tooLarge, tooMany } from './limits.ts';
import type { ProducerSettings } from './settings.ts';

/** A message on its way to the host: its type, the size of its body, seconds, and its key if it has one. */
export type WireMessage = readonly [type: string, size: number, delay: number, key?: string];

/** `Queue` of `sdk/queue.ts`, in the cell: bodies become bytes here. */
export class QueueProducer {
  readonly #call: Call;
  readonly #settings: ProducerSettings;

  constructor(call: Call, settings: ProducerSettings) {
    this.#call = call;
    this.#settings = settings;
  }

  async send(body: unknown, options?: unknown): Promise<QueueSendResponse> {
    const { contentType, delaySeconds, idempotencyKey } = tableOf(options, 'SendOptions');
    const { type, bytes } = this.#message(body, contentType);
    if (bytes.byteLength > MAX_MESSAGE) throw tooLarge(bytes.byteLength);
    return this.#send('send', [this.#wire(type, bytes, { delay: delaySeconds, key: idempotencyKey })], bytes);
  }

  async sendBatch(messages: unknown, options?: unknown): Promise<QueueSendResponse> {
    const { delaySeconds: common } = tableOf(options, 'SendBatchOptions');
    if (!isIterable(messages)) throw new TypeError("Failed to execute 'sendBatch' on 'Queue': parameter 1 is not iterable.");
    const wire: WireMessage[] = [];
    const bodies: Uint8Array[] = [];
    for (const each of messages) {
      if (each === null || typeof each !== 'object') throw new TypeError('A message of sendBatch() is an object with a body.');
      const { body, contentType, delaySeconds, idempotencyKey } = each as Readonly<Record<string, unknown>>;
      const { type, bytes } = this.#message(body, contentType);
      wire.push(this.#wire(type, bytes, { delay: delaySeconds === undefined ? common : delaySeconds, key: idempotencyKey }));
      bodies.push(bytes);
    }
    if (wire.length === 0) throw new TypeError('sendBatch() requires at least one message');
    if (wire.length > MAX_MESSAGES) throw tooMany(wire.length);
    return this.#send('sendBatch', wire, concat(bodies));
  }

  async metrics(): Promise<QueueMetrics> {
    return metricsOf((await this.#call('metrics', [])).value as Backlog);
  }

  async #send(method: 'send' | 'sendBatch', messages: readonly WireMessage[], body: Uint8Array): Promise<QueueSendResponse> {
    const { value } = await this.#call(method, [messages], body);
    return { metadata: { metrics: metricsOf(value as Backlog) } };
  }

  #wire(type: string, { byteLength }: Uint8Array, { delay, key }: { readonly delay: unknown; readonly key: unknown }): WireMessage {
    return key === undefined ? [type, byteLength, this.#delay(delay)] : [type, byteLength, this.#delay(delay), checkedKey(key)];
  }

  #message(body: unknown, contentType: unknown): { type: string; bytes: Uint8Array } {
    const type = contentType === undefined ? this.#settings.type : contentTypeOf(contentType);
    return { type, bytes: bodyBytes(type, body) };
  }

  /** As Web IDL makes of it a whole number. */
  #delay(seconds: unknown): number {
    return seconds === undefined ? this.#settings.delay : Math.trunc(Number(seconds)) || 0;
  }
}

function metricsOf({ messages, bytes, oldest }: Backlog): QueueMetrics {
  return { backlogCount: messages, backlogBytes: bytes, ...(oldest !== null && { oldestMessageTimestamp: new Date(oldest) }) };
}

function tableOf(options: unknown, name: string): Readonly<Record<string, unknown>> {
  if (options === undefined || options === null) return {};
  if (typeof options === 'object') return options as Record<string, unknown>;
  throw new TypeError(`The options of a queue are no ${name}: they are an object.`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return value !== null && typeof value === 'object' && Symbol.iterator in value;
}
