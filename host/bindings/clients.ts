import { errorOf } from './binding-error.ts';
import type { BindingSpec, Call, Outcome, Transport } from './binding.ts';
import { KvNamespace } from './kv/client.ts';
import { Schedules } from './schedules/client.ts';

/** Every kind of binding, as a function sees it: made of what carries its calls to the host. */
const CLIENTS: Readonly<Record<string, (call: Call) => unknown>> = {
  kv: (call) => new KvNamespace(call),
  schedules: (call) => new Schedules(call),
};

/** The part of a binding that a cell is told. */
export type BindingName = Pick<BindingSpec, 'name' | 'kind'>;

/** The objects for `env`, by name. */
export function createClients(bindings: readonly BindingName[], transportOf: (name: string) => Transport): Record<string, unknown> {
  return Object.fromEntries(bindings.map(({ name, kind }) => [name, CLIENTS[kind]!(callBy(transportOf(name)))]));
}

/** Calls by what carries them. */
export function callBy(transport: Transport): Call {
  return async (method, args, body = null) => {
    const watched = body instanceof ReadableStream ? new Watched(body) : undefined;
    const { text, body: out } = await transport({ method, args: JSON.stringify(args), body: watched?.stream ?? body });
    const outcome = JSON.parse(text) as Outcome;
    if (!('error' in outcome)) return { value: outcome.value, body: out };
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
