import { errorOf } from './binding-error.ts';
import type { BindingSpec, Call, Outcome, Transport } from './binding.ts';
import { D1Database } from './d1/client.ts';
import { KvNamespace } from './kv/client.ts';
import { HotMemory } from './kv/hot.ts';
import { LockManager } from './locks/client.ts';
import { RateLimit, type RateSettings } from './ratelimit/client.ts';

/** What a client is given besides its calls. */
interface ClientOptions {
  /** What the binding's kind has told the cell of it. */
  readonly settings: unknown;
  /** One for all bindings of the cell. */
  readonly hot: HotMemory;
}

/** Every kind of binding, as a function sees it: made of what carries its calls to the host. */
const CLIENTS: Readonly<Record<string, (call: Call, options: ClientOptions) => unknown>> = {
  kv: (call, { hot }) => new KvNamespace(call, hot),
  locks: (call) => new LockManager(call),
  d1: (call) => new D1Database(call),
  ratelimit: (call, { settings }) => new RateLimit(call, settings as RateSettings),
};

/** The part of a binding that a cell is told. */
export type BindingName = Pick<BindingSpec, 'name' | 'kind' | 'settings'>;

/** The objects for `env` of one cell, by name. */
export function createClients(
  bindings: readonly BindingName[],
  transportOf: (name: string) => Transport,
  now: () => number = Date.now,
): Record<string, unknown> {
  const hot = new HotMemory(now);
  return Object.fromEntries(
    bindings.map(({ name, kind, settings }) => [name, CLIENTS[kind]!(callBy(transportOf(name)), { settings, hot })]),
  );
}

/** Calls that a transport carries: what they throw, and give. */
export function callBy(transport: Transport): Call {
  return async (method, args, body = null) => {
    const watched = body instanceof ReadableStream ? new Watched(body) : undefined;
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
          else controller.enqueue(value);
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
