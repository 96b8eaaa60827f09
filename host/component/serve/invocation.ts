import type { ComponentInvocation } from '../host.ts';

/** `ctx` of a handler, as far as a component uses it. */
export interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * One call of a component, as its hosts see it.
 *
 * @param request null where the handler is called for something else: then nobody goes away
 */
export function invocationOf(request: Request | null, env: Readonly<Record<string, unknown>>, ctx: Context): ComponentInvocation {
  let never: AbortSignal | null = null;
  return {
    env,
    get signal() {
      // On workerd a signal belongs to the invocation that it was made in.
      return request === null ? (never ??= new AbortController().signal) : request.signal;
    },
    log: (level, text) => console[level](text),
    fetch: (outgoing) => fetch(outgoing),
    waitUntil: (promise) => ctx.waitUntil(promise),
  };
}
