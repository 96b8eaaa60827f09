import { isThenable, running } from '../running.ts';
import type { Call, Settings } from '../settings.ts';
import { createContext } from './context.ts';

export type Handler = (event: unknown, context: unknown, callback: unknown) => unknown;

/** Calls the author's handler with an event. */
export type Invoke = (event: unknown, call: Call) => Promise<unknown>;

/**
 * A handler's result, by promise, callback or `context.succeed`, whichever is first; later ones change nothing, as on AWS.
 * A handler that returns no promise and takes neither context nor callback is over when it returns, with null.
 */
export function invokerOf(handler: Handler, settings: Settings): Invoke {
  return (event, call) =>
    running(settings.deadline, (ending) => {
      const context = createContext(call, { settings, ...ending });
      const callback = (error?: unknown, result?: unknown) => context.done(error, result);
      const returned = handler(event, context, callback);
      if (isThenable(returned)) returned.then(ending.succeed, ending.fail);
      else if (handler.length < 2) ending.succeed(null);
    });
}
