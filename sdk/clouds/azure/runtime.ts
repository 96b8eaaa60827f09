import { env } from 'cloudflare:workers';
import { putEnvironment } from '../environment.ts';
import type { Settings } from '../settings.ts';
import { functions, hooks, type HttpFunction, type QueueFunction, type TimerFunction } from './registry.ts';
import { serveHttp } from './serve-http.ts';
import { serveQueues } from './serve-queues.ts';
import { serveTimers } from './serve-timers.ts';

// What user code imports as @azure/functions is this module.
export { app } from './app.ts';
export { input, output, trigger } from './bindings.ts';
export { InvocationContext } from './context.ts';
export { HttpRequest, HttpResponse } from './http.ts';

export function prepare({ function: name }: Settings): void {
  putEnvironment(env, {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    FUNCTIONS_EXTENSION_VERSION: '~4',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_SITE_NAME: name,
  });
}

/** What the module has registered, as the handlers of a main module. @throws {TypeError} where that is nothing */
export function serve(_main: unknown, settings: Settings) {
  if (functions.length === 0)
    throw new TypeError(
      "The module registers no function with `app` of @azure/functions. Does it import the files that do, as import './functions/hello.js'?",
    );
  for (const hook of hooks.start) void Promise.resolve(hook({ hookData: {} })).catch((error: unknown) => console.error(error));
  const http = functions.filter((fn): fn is HttpFunction => fn.kind === 'http');
  const timers = functions.filter((fn): fn is TimerFunction => fn.kind === 'timer');
  const queues = functions.filter((fn): fn is QueueFunction => fn.kind === 'storageQueue' || fn.kind === 'serviceBusQueue');
  return {
    ...(http.length > 0 && { fetch: serveHttp(http, settings) }),
    ...(timers.length > 0 && { scheduled: serveTimers(timers, settings) }),
    ...(queues.length > 0 && { queue: serveQueues(queues, settings) }),
  };
}
