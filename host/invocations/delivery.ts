import type { QueueBatch, QueueOutcome } from '../dispatch/cell.ts';
import type { QueueConsumer } from '../dispatch/consumers.ts';
import type { Invoked } from '../dispatch/event-calls.ts';
import type { Attempt } from '../dispatch/dispatcher.ts';
import type { Chosen, Functions } from '../dispatch/functions.ts';
import { BrinkError, isUnavailable, toBrinkError } from '../errors.ts';
import type { NewMessage, Queue } from '../stores/queue.ts';
import type { QueueQuota } from '../stores/quota.ts';
import { keptOf, readBody } from './body.ts';
import { boundVersion } from './bound.ts';
import { callbackQueueOf, functionOfCallbackQueue, functionOfQueue } from './deferral.ts';
import type { Headed, InvocationRecord, InvocationRecords, KeptResponse } from './record.ts';
import { viewOf } from './view.ts';

/** How a kept request reaches its function. */
export interface Attempts {
  attempt(chosen: Chosen, request: Request, options: Attempt): Promise<Response>;
  requestOf(kept: { readonly method: string; readonly target: string; readonly headers: Headed }, body: Uint8Array<ArrayBuffer>): Request;
}

export interface DeliveryOptions {
  readonly records: InvocationRecords;
  readonly functions: Pick<Functions, 'choose'>;
  readonly attempts: Attempts;
  readonly queue: Pick<Queue, 'send'>;
  /** What the queues that are told may have. */
  readonly quota: QueueQuota | undefined;
  /** Whether the host stops: what ends with it did not fail. */
  readonly draining: () => boolean;
  readonly now: () => number;
}

interface Answered {
  readonly response: KeptResponse | null;
  readonly body: Uint8Array;
  readonly error: BrinkError | null;
}

/** Words of a handler on its message: `host/bindings/queues/said.ts`. */
const ACK = -1;
const MAX_DELAY = 3_600;
/** Seconds until a queue that could not be told is told again. */
const UNTIL_ROOM = 60;
const MAX_DETAIL = 1_000;
/** Ms that callbacks go on for, and some more: what they tell is kept until then. */
const MAX_CALLING = 86_400_000;
const text = new TextDecoder();
const utf8 = new TextEncoder();

/** Of a queue of accepted requests, or of callbacks: each is a batch, and how often it is tried, its record says. */
export function deferredConsumer(queue: string): QueueConsumer | null {
  const name = functionOfQueue(queue) ?? functionOfCallbackQueue(queue);
  if (name === null) return null;
  const often = { max_retries: Number.MAX_SAFE_INTEGER, retry_delay: 1 };
  return { function: name, queue, max_batch_size: 1, max_batch_timeout: 0, max_concurrency: null, ...often };
}

/** Has accepted requests handled, one for each message of their queue. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Rejects where the state cannot be reached: then it was no attempt. */
  async run(name: string, { messages }: QueueBatch): Promise<QueueOutcome & Invoked> {
    const { id, body, attempts } = messages[0]!;
    const known = await this.#options.records.read(name, text.decode(body));
    if (known === null) return outcomeOf(null, ACK);
    // A host was lost between the end of it and the end of its message.
    if (known.status === 'done' || known.status === 'failed') return this.#tell(id, known);
    return this.#try(id, { ...known, attempts });
  }

  async #try(id: string, record: InvocationRecord): Promise<QueueOutcome & Invoked> {
    const { records, now, draining } = this.#options;
    if (record.attempts > record.settings.max_attempts) return this.#end(id, { ...record, attempts: record.settings.max_attempts }, lost());
    const running: InvocationRecord = { ...record, status: 'running', started: now(), next: null };
    await records.write(id, running);
    const answered = await this.#answer(id, running);
    const { error, response } = answered;
    if (error !== null && isUnavailable(error)) throw error;
    if (error === null && response!.status < 500) return this.#end(id, running, answered);
    if (error?.code === 'cell-crashed' && draining()) return outcomeOf(running, 0, error);
    if (isFinal(error) || record.attempts >= record.settings.max_attempts) return this.#end(id, running, answered);
    const delay = Math.min(record.settings.retry_delay * 2 ** (record.attempts - 1), MAX_DELAY);
    await records.write(id, { ...running, status: 'pending', next: now() + delay * 1000, error: failureOf(answered) });
    return outcomeOf(running, delay, error);
  }

  async #answer(id: string, record: InvocationRecord): Promise<Answered> {
    const { records, attempts } = this.#options;
    const { function: name, request } = record;
    const body = new Uint8Array(await records.body(name, id, 'request'));
    try {
      const chosen = await boundVersion(this.#options.functions, record);
      const { url, address, principal } = request!;
      const response = await attempts.attempt(chosen, attempts.requestOf(request!, body), {
        url,
        address,
        principal: principal ?? null,
        ms: Infinity,
      });
      const { bytes, rest } = await readBody(response.body);
      await rest?.cancel();
      return { response: keptOf(response, rest === null), body: bytes, error: null };
    } catch (error) {
      return { response: null, body: new Uint8Array(), error: toBrinkError(error) };
    }
  }

  async #end(id: string, record: InvocationRecord, answered: Answered): Promise<QueueOutcome & Invoked> {
    const { records, now } = this.#options;
    const { response, body, error } = answered;
    const failed = error !== null || response!.status >= 500;
    const ended = now();
    const last: InvocationRecord = {
      ...record,
      status: failed ? 'failed' : 'done',
      ended,
      expires: ended + record.settings.result_ttl * 1000 + (record.callback === undefined ? 0 : MAX_CALLING),
      next: null,
      request: null,
      response,
      error: failed ? failureOf(answered) : null,
    };
    await records.end(id, last, body);
    return this.#tell(id, last);
  }

  /** A queue that has no room is told again later: the message stays until then. */
  async #tell(id: string, record: InvocationRecord): Promise<QueueOutcome & Invoked> {
    const { on_success: success, on_failure: failure } = record.settings;
    const { queue, quota, now } = this.#options;
    const to = record.status === 'done' ? success : failure;
    try {
      if (to !== undefined) {
        const message: NewMessage = { id, body: utf8.encode(JSON.stringify(viewOf(id, record))), type: 'json', sent: now() };
        await queue.send(to, [message], quota && { quota });
      }
      if (record.callback?.status === 'pending')
        await queue.send(callbackQueueOf(record.function), [
          { id, body: utf8.encode(id), type: 'text', sent: now(), origin: record.function },
        ]);
      return outcomeOf(record, ACK);
    } catch {
      return outcomeOf(record, UNTIL_ROOM);
    }
  }
}

/** What another attempt would not change. */
function isFinal(error: BrinkError | null): boolean {
  return (
    error !== null &&
    ['function-not-found', 'alias-not-found', 'version-not-found', 'handler-missing', 'loop-detected'].includes(error.code)
  );
}

function failureOf({ error, response }: Answered): InvocationRecord['error'] {
  if (error === null) return { code: 'status', detail: `It answered ${response!.status}.` };
  return { code: error.code, detail: error.message.slice(0, MAX_DETAIL) };
}

function lost(): Answered {
  const error = new BrinkError('cell-crashed', 'The host was lost in the middle of each attempt, and the last left no word.');
  return { response: null, body: new Uint8Array(), error };
}

function outcomeOf(record: InvocationRecord | null, word: number, failure: BrinkError | null = null): QueueOutcome & Invoked {
  return { said: [0, word], failure, version: record?.version ?? 0, alias: null, requestId: '' };
}
