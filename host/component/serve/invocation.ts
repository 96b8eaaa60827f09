import type { ComponentInvocation } from '../host.ts';
import { HttpError } from '../wasi/http/error-code.ts';
import { serviceFor } from './service-fetch.ts';

/** `ctx` of a handler, as far as a component uses it. */
export interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

/** One call of a component, as its hosts see it. */
export class Invocation implements ComponentInvocation {
  readonly env: Readonly<Record<string, unknown>>;
  readonly #request: Request | null;
  readonly #ctx: Context;
  #never: AbortSignal | null = null;

  /** @param request null where the handler is called for something else: then nobody goes away */
  constructor(request: Request | null, env: Readonly<Record<string, unknown>>, ctx: Context) {
    this.env = env;
    this.#request = request;
    this.#ctx = ctx;
  }

  get signal(): AbortSignal {
    // On workerd a signal belongs to the invocation that it was made in.
    return this.#request === null ? (this.#never ??= new AbortController().signal) : this.#request.signal;
  }

  log(level: 'debug' | 'info' | 'warn' | 'error', text: string): void {
    console[level](text);
  }

  async fetch(outgoing: Request): Promise<Response> {
    try {
      return await (serviceFor(outgoing.url, this.env) ?? globalThis).fetch(outgoing);
    } catch (error) {
      // The guest gets a code alone.
      if (error instanceof HttpError && error.cause instanceof Error) this.log('warn', error.cause.message);
      throw error;
    }
  }

  waitUntil(promise: Promise<unknown>): void {
    this.#ctx.waitUntil(promise);
  }
}
