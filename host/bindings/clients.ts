import { errorOf } from './binding-error.ts';
import type { BindingSpec, Call, OfLength, Outcome, Transport } from './binding.ts';
import { KvNamespace } from './kv/client.ts';
import { R2Bucket } from './r2/client.ts';

/** Every kind of binding, as a function sees it: made of what carries its calls to the host. */
const CLIENTS: Readonly<Record<string, (call: Call, ofLength: OfLength) => unknown>> = {
  kv: (call) => new KvNamespace(call),
  r2: (call, ofLength) => new R2Bucket(call, ofLength),
};

/** The part of a binding that a cell is told. */
export type BindingName = Pick<BindingSpec, 'name' | 'kind'>;

export interface Carrier {
  readonly transportOf: (name: string) => Transport;
  /** Streams that go as they are, because the platform does more with them than with others. */
  readonly knowsLength?: (stream: ReadableStream) => boolean;
  /** Makes such a stream of one whose length is known. */
  readonly ofLength?: OfLength;
}

/** The objects for `env`, by name. */
export function createClients(
  bindings: readonly BindingName[],
  { transportOf, knowsLength = () => false, ofLength = (stream) => stream }: Carrier,
): Record<string, unknown> {
  return Object.fromEntries(bindings.map(({ name, kind }) => [name, CLIENTS[kind]!(callBy(transportOf(name), knowsLength), ofLength)]));
}

function callBy(transport: Transport, knowsLength: (stream: ReadableStream) => boolean): Call {
  return async (method, args, body = null) => {
    const watched = body instanceof ReadableStream && !knowsLength(body) ? new Watched(body) : undefined;
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
