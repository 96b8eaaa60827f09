/**
 * What code inside a cell knows of the invocation that runs, kept through `await` by AsyncLocalStorage.
 * Handed in, because the class is `node:async_hooks`' on both platforms and the core imports no `node:*`.
 */
export interface Running {
  readonly requestId: string;
  readonly traceparent: string;
  /** Console lines written so far. */
  lines: number;
  /** `waitUntil` as `cloudflare:workers` exports it, where the platform does not give one. */
  waitUntil?: (promise: Promise<unknown>) => void;
}

export interface InvocationStorage {
  run<Result>(running: Running, body: () => Result): Result;
  getStore(): Running | undefined;
}

export function runningOf(traceparent: string): Running {
  return { requestId: traceparent.slice(36, 52), traceparent, lines: 0 };
}
