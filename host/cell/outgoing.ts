import type { InvocationStorage, Running } from './invocation.ts';
import type { Limits } from './limits.ts';

/** What a function gets that has made too many calls; where it does not catch it, its invocation fails with the code. */
export class SubrequestsExceeded extends Error {
  override name = 'SubrequestsExceeded';
  readonly code = 'subrequests-exceeded';
}

/** Counts one call of `fetch`, of a binding or of a cache; that of top-level code is none's. @throws {SubrequestsExceeded} */
export function countSubrequest(running: Running | undefined, { subrequests: most }: Pick<Limits, 'subrequests'>): void {
  if (running === undefined || ++running.subrequests <= most) return;
  throw new SubrequestsExceeded(
    `Too many subrequests: this invocation has made ${most} calls of fetch and of its bindings already. Make fewer, or raise limits.subrequests.`,
  );
}

/**
 * `fetch`, counted, and with so many at once that wait for the head of their response: what is more waits for its turn.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
export function limitedFetch(native: typeof fetch, storage: Pick<InvocationStorage, 'getStore'>, limitsNow: () => Limits): typeof fetch {
  return async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const running = storage.getStore();
    if (running === undefined) return native(input, init);
    const limits = limitsNow();
    countSubrequest(running, limits);
    if (running.connecting >= limits.connections) await turn(running, init?.signal ?? (input as Partial<Request>).signal);
    running.connecting++;
    try {
      return await native(input, init);
    } finally {
      running.connecting--;
      running.turns.shift()?.();
    }
  };
}

/** Rejects when its signal is aborted first, as the call itself would. */
function turn({ turns }: Running, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      turns.splice(turns.indexOf(next), 1);
      reject(signal!.reason as Error);
    };
    const next = () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    };
    if (signal?.aborted) return reject(signal.reason as Error);
    signal?.addEventListener('abort', onAbort);
    turns.push(next);
    return undefined;
  });
}
