import type { QueueBatch, QueueOutcome } from '../dispatch/cell.ts';
import type { Invoked } from '../dispatch/event-calls.ts';
import type { Functions } from '../dispatch/functions.ts';
import { BrinkError, isUnavailable } from '../errors.ts';
import { nextTraceparent } from '../observe/trace.ts';
import type { Platform } from '../platform.ts';
import { boundVersion } from './bound.ts';
import type { Callback } from './callback.ts';
import type { InvocationRecord, InvocationRecords } from './record.ts';
import { viewOf } from './view.ts';
import { webhookHeaders } from './webhook.ts';

export interface CallbacksOptions {
  readonly records: InvocationRecords;
  readonly functions: Pick<Functions, 'choose'>;
  readonly outbound: Platform['outbound'];
  readonly now: () => number;
  readonly random: () => number;
}

/** Words of a handler on its message: `host/bindings/queues/said.ts`. */
const ACK = -1;
/** Seconds between two attempts, and those, in ms, that one may take. */
const MAX_DELAY = 3_600;
const TIMEOUT = 15_000;
const GONE = 410;
const text = new TextDecoder();

/** Tells by HTTP of invocations that have ended, one for each message of their function's queue of callbacks. */
export class Callbacks {
  readonly #options: CallbacksOptions;

  constructor(options: CallbacksOptions) {
    this.#options = options;
  }

  /** Rejects where the state cannot be reached: then it was no attempt. */
  async run(name: string, { messages }: QueueBatch): Promise<QueueOutcome & Invoked> {
    const { records, now } = this.#options;
    const { body, attempts } = messages[0]!;
    const id = text.decode(body);
    const record = await records.read(name, id);
    if (record?.callback?.status !== 'pending') return outcomeOf(record, ACK);
    const end = async (change: Partial<Callback>, word = ACK) => {
      await records.rewrite(id, { ...record, callback: { ...record.callback!, attempts, next: null, error: null, ...change } }, now());
      return outcomeOf(record, word);
    };
    const { max_attempts: most = 1, retry_delay: first = 1 } = record.settings.callback ?? {};
    if (attempts > most) return end({ status: 'failed', attempts: most, error: 'The host was lost in the middle of the last attempt.' });
    const failure = await this.#post(id, record);
    if (failure === null) return end({ status: 'delivered' });
    const { error, final } = failure;
    if (final || attempts >= most) return end({ status: 'failed', error });
    const delay = this.#delay(first * 2 ** (attempts - 1));
    return end({ next: now() + delay * 1000, error }, delay);
  }

  /** Between half of it and all: so that many that failed together do not come together again. */
  #delay(seconds: number): number {
    const most = Math.min(seconds, MAX_DELAY);
    return Math.ceil(most / 2 + (most / 2) * this.#options.random());
  }

  async #post(id: string, record: InvocationRecord): Promise<{ readonly error: string; readonly final: boolean } | null> {
    const { functions, outbound, now, random } = this.#options;
    if (outbound === undefined) return { error: 'This host sends nothing itself.', final: true };
    try {
      const { version } = await boundVersion(functions, record);
      const secret = (await version.secrets())[record.settings.callback!.secret];
      if (secret === undefined) return { error: `The function has no secret ${record.settings.callback!.secret}.`, final: false };
      const body = JSON.stringify({ type: `invocation.${record.status}`, timestamp: timeOf(record.ended), data: viewOf(id, record) });
      const signed = await webhookHeaders(secret, { id, timestamp: Math.floor(now() / 1000), body });
      const headers = { 'content-type': 'application/json', 'user-agent': 'brink', traceparent: nextTraceparent(null, random), ...signed };
      const request = { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT) } as const;
      const { status, body: told } = await outbound(version, new Request(record.callback!.url, request));
      // What has come of it nobody reads.
      await told?.cancel();
      return status >= 200 && status < 300 ? null : { error: `It answered ${status}.`, final: status === GONE };
    } catch (error) {
      if (error instanceof BrinkError && isUnavailable(error)) throw error;
      // By its name: what refuses is the platform's.
      return { error: reason(error), final: (error as { code?: unknown }).code === 'egress-denied' };
    }
  }
}

const MAX_REASON = 500;

function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return `${message}${cause instanceof Error ? `: ${cause.message}` : ''}`.slice(0, MAX_REASON);
}

function timeOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function outcomeOf(record: InvocationRecord | null, word: number): QueueOutcome & Invoked {
  return { said: [0, word], failure: null, version: record?.version ?? 0, alias: null, requestId: '' };
}
