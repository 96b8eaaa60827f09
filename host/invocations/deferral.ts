import type { KeptCall } from '../dispatch/kept-call.ts';
import { BrinkError } from '../errors.ts';
import type { Queue } from '../stores/queue.ts';
import { hex } from '../bytes.ts';
import { headed } from './body.ts';
import { callbackOf } from './callback.ts';
import type { InvocationRecord, InvocationRecords } from './record.ts';
import { viewOf } from './view.ts';

export interface DeferralOptions {
  readonly records: InvocationRecords;
  /** What is sent through it is delivered. */
  readonly queue: Pick<Queue, 'send'>;
  readonly now: () => number;
}

export const INVOCATIONS_PATH = '/_brink/invocations/';

const PREFIX = 'async:';
const CALLBACK_PREFIX = 'callback:';
const utf8 = new TextEncoder();

/** The queue in which what a function has accepted waits: no manifest can name it. */
export function queueOf(name: string): string {
  return `${PREFIX}${name}`;
}

/** The function whose queue it is; null where it is another queue. */
export function functionOfQueue(queue: string): string | null {
  return queue.startsWith(PREFIX) ? queue.slice(PREFIX.length) : null;
}

/** The queue of those that have ended, and whose end is told by HTTP. */
export function callbackQueueOf(name: string): string {
  return `${CALLBACK_PREFIX}${name}`;
}

export function functionOfCallbackQueue(queue: string): string | null {
  return queue.startsWith(CALLBACK_PREFIX) ? queue.slice(CALLBACK_PREFIX.length) : null;
}

/** Takes requests for later. */
export class Deferral {
  readonly #options: DeferralOptions;

  constructor(options: DeferralOptions) {
    this.#options = options;
  }

  /** 192 random bits: who has it may see the result. */
  newId(): string {
    return hex(crypto.getRandomValues(new Uint8Array(24)));
  }

  /**
   * Answers 202 once a crash cannot lose the request any more: first it is written down, then its message. With an `id` that
   * was accepted before, it is the same answer.
   *
   * @throws {BrinkError} `async-full`, `callback-refused`
   */
  async accept(call: KeptCall, body: Uint8Array, id: string | null): Promise<Response> {
    const { version } = call.chosen;
    const { records } = this.#options;
    const own = id ?? this.newId();
    const known = id === null ? null : await records.read(version.function, own);
    const record = known ?? recordOf(call, { now: this.#options.now(), keyed: id !== null });
    const created = known === null && (await records.create(own, record, body));
    // Where it was created before, its message may not have been sent; one that is there already is not put there again.
    if (record.status === 'pending') await this.#send(own, record, created);
    return accepted(own, record);
  }

  async #send(id: string, { function: name, settings, accepted: sent }: InvocationRecord, created: boolean): Promise<void> {
    const { queue, records } = this.#options;
    try {
      const message = { id, body: utf8.encode(id), type: 'text', sent, origin: name } as const;
      await queue.send(queueOf(name), [message], { quota: { messages: settings.max_pending, bytes: Infinity } });
    } catch (error) {
      if (created) await records.remove(name, id).catch(() => {});
      // By its name: this folder sees the types of stores alone.
      if ((error as Error).name !== 'QuotaExceeded') throw error;
      throw new BrinkError('async-full', `${name} has ${settings.max_pending} requests that wait (async.max_pending). Try again in 10 s.`, {
        details: { function: name, limit: settings.max_pending, retryAfter: 10 },
      });
    }
  }
}

function recordOf(
  { chosen: { version, alias }, request, destination, address, principal }: KeptCall,
  { now, keyed }: { readonly now: number; readonly keyed: boolean },
): InvocationRecord {
  const { async: settings, idempotency } = version.manifest;
  if (settings === undefined) {
    throw new BrinkError(
      'invocation-not-found',
      'What was accepted with this Idempotency-Key is gone, and its function takes nothing more for later.',
    );
  }
  // What became of it is known for as long as the key is, at least.
  const callback = callbackOf(settings.callback, request.headers);
  const result_ttl = Math.max(settings.result_ttl, keyed ? (idempotency?.ttl ?? 0) : 0);
  return {
    status: 'pending',
    function: version.function,
    version: version.number,
    digest: version.digest,
    alias,
    reference: destination.reference,
    settings: { ...settings, result_ttl },
    accepted: now,
    attempts: 0,
    started: null,
    ended: null,
    expires: null,
    next: null,
    request: {
      method: request.method,
      url: request.url,
      target: destination.target,
      headers: headed(request.headers),
      address,
      ...(principal && { principal }),
    },
    response: null,
    error: null,
    ...(callback && { callback }),
  };
}

function accepted(id: string, record: InvocationRecord): Response {
  const location = `${INVOCATIONS_PATH}${record.function}/${id}`;
  const headers = { location, 'preference-applied': 'respond-async', 'cache-control': 'no-store' };
  return Response.json(viewOf(id, record), { status: 202, headers });
}
