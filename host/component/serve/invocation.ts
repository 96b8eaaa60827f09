import type { ComponentInvocation } from '../host.ts';

/** `ctx` of a fetch handler, as far as a component uses it. */
export interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

/** One request's call of a component, as its hosts see it. */
export class RequestInvocation implements ComponentInvocation {
  readonly env: Readonly<Record<string, unknown>>;
  readonly #request: Request;
  readonly #ctx: Context;

  constructor(request: Request, env: Readonly<Record<string, unknown>>, ctx: Context) {
    this.env = env;
    this.#request = request;
    this.#ctx = ctx;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  log(level: 'debug' | 'info' | 'warn' | 'error', text: string): void {
    console[level](text);
  }

  fetch(outgoing: Request): Promise<Response> {
    return fetch(outgoing);
  }

  waitUntil(promise: Promise<unknown>): void {
    this.#ctx.waitUntil(promise);
  }
}
