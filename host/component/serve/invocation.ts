import type { ComponentInvocation } from '../host.ts';

/** `ctx` of a fetch handler, as far as a component uses it. */
export interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

/** One request's call of a component, as its hosts see it. */
export function invocationOf(request: Request, env: Readonly<Record<string, unknown>>, ctx: Context): ComponentInvocation {
  return {
    env,
    get signal() {
      return request.signal;
    },
    log: (level, text) => console[level](text),
    fetch: (outgoing) => fetch(outgoing),
    waitUntil: (promise) => ctx.waitUntil(promise),
  };
}
