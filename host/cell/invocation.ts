/**
 * What code inside a cell knows of the invocation that runs, kept through `await` by AsyncLocalStorage.
 * Handed in, because the class is `node:async_hooks`' on both platforms and the core imports no `node:*`.
 */
export class Running {
  readonly requestId: string;
  readonly traceparent: string;
  /** Console lines written so far. */
  lines = 0;
  /** Calls of `fetch` and of bindings so far. */
  subrequests = 0;
  /** `fetch` calls that wait for the head of their response, and those that wait to be made. */
  connecting = 0;
  readonly turns: (() => void)[] = [];
  /** By which the host knows it, where it asks. */
  invocation?: number;
  /** `waitUntil` as `cloudflare:workers` exports it, where the platform does not give one. */
  waitUntil?: (promise: Promise<unknown>) => void;

  constructor(traceparent: string) {
    this.requestId = traceparent.slice(36, 52);
    this.traceparent = traceparent;
  }
}

export interface InvocationStorage {
  run<Result>(running: Running, body: () => Result): Result;
  getStore(): Running | undefined;
}
