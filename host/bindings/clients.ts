import { errorOf } from './binding-error.ts';
import type { BindingSpec, Call, OfLength, Outcome, Transport } from './binding.ts';
import { D1Database } from './d1/client.ts';
import { EmailSender, type EmailSettings } from './email/client.ts';
import { KvNamespace } from './kv/client.ts';
import { HotMemory } from './kv/hot.ts';
import { LockManager } from './locks/client.ts';
import { QueueProducer } from './queues/client.ts';
import type { ProducerSettings } from './queues/settings.ts';
import { R2Bucket } from './r2/client.ts';
import { RateLimit, type RateSettings } from './ratelimit/client.ts';
import { Schedules } from './schedules/client.ts';
import type { Timers } from './timers.ts';

/** What a client is given besides its calls. */
interface ClientOptions {
  /** What the binding's kind has told the cell of it. */
  readonly settings: unknown;
  /** One for all bindings of the cell. */
  readonly hot: HotMemory;
  readonly ofLength: OfLength;
  readonly timers: Timers | undefined;
}

/** Every kind of binding, as a function sees it: made of what carries its calls to the host. */
const CLIENTS: Readonly<Record<string, (call: Call, options: ClientOptions) => unknown>> = {
  kv: (call, { hot }) => new KvNamespace(call, hot),
  locks: (call, { timers }) => new LockManager(call, timers),
  d1: (call) => new D1Database(call),
  r2: (call, { ofLength }) => new R2Bucket(call, ofLength),
  ratelimit: (call, { settings }) => new RateLimit(call, settings as RateSettings),
  queues: (call, { settings }) => new QueueProducer(call, settings as ProducerSettings),
  schedules: (call) => new Schedules(call),
  email: (call, { settings }) => new EmailSender(call, settings as EmailSettings),
};

/** The part of a binding that a cell is told. */
export type BindingName = Pick<BindingSpec, 'name' | 'kind' | 'settings'>;

/** What takes the calls of a cell to its host. */
export interface Carrier {
  readonly transportOf: (name: string) => Transport;
  /** Streams that go as they are, because the platform does more with them than with others. */
  readonly knowsLength?: (stream: ReadableStream) => boolean;
  /** Makes such a stream of one whose length is known. */
  readonly ofLength?: OfLength;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** What waits in the cell; the platform's own by default. */
  readonly timers?: Timers;
}

/** The objects for `env` of one cell, by name. */
export function createClients(
  bindings: readonly BindingName[],
  { transportOf, knowsLength, ofLength = (stream) => stream, now = Date.now, timers }: Carrier,
): Record<string, unknown> {
  const hot = new HotMemory(now);
  return Object.fromEntries(
    bindings.map(({ name, kind, settings }) => [
      name,
      CLIENTS[kind]!(callBy(transportOf(name), knowsLength), { settings, hot, ofLength, timers }),
    ]),
  );
}

/** Calls that a transport carries: what they throw, and give. */
export function callBy(transport: Transport, knowsLength: Carrier['knowsLength'] = () => false): Call {
  return async (method, args, body = null) => {
    const watched = body instanceof ReadableStream && !knowsLength(body) ? new Watched(body) : undefined;
    const { text, body: out, ended } = await transport({ method, args: JSON.stringify(args), body: watched?.stream ?? body });
    const outcome = JSON.parse(text) as Outcome;
    if (!('error' in outcome)) return { value: outcome.value, body: out, ...(ended !== undefined && { ended }) };
    // The function's own error, which does not cross the border and back.
    throw watched?.broken ? watched.reason : errorOf(outcome.error);
  };
}

/** A stream that remembers what it broke with. */
class Watched {
  readonly stream: ReadableStream<Uint8Array>;
  broken = false;
  reason: unknown;

  constructor(source: ReadableStream<Uint8Array>) {
    const reader = source.getReader();
    this.stream = new ReadableStream({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else if (value instanceof Uint8Array) controller.enqueue(value);
          else throw new TypeError('The stream gave something that is no Uint8Array.');
        } catch (error) {
          this.broken = true;
          this.reason = error;
          throw error;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }
}
