import type { ComponentInvocation } from '../host.ts';
import { toWasiRequest, toWebResponse, type HandleResult } from '../wasi/http-0.3/exchange.ts';
import { failureOf, logLate } from './guest-trap.ts';
import type { InstancePool } from './pool.ts';
import type { ServeSettings } from './settings.ts';

/** How long the guest may go on when its client has gone: before it has answered, and after, as `waitUntil` of Workers may. */
const GRACE_MS = 1_000;
const AFTER_MS = 30_000;

/**
 * `wasi:http/handler@0.3`: the response comes before the guest's code has come to its end, which may be long after.
 * With isolation by request an instance is free then; else it serves others meanwhile.
 */
export function serveHandler(
  pool: InstancePool,
  handler: string,
  request: Request,
  invocation: ComponentInvocation,
  settings: ServeSettings,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const instance = pool.take(settings.isolation === 'request' ? 1 : settings.maxConcurrent);
    let ended = false;
    let settle: (() => void) | null = null;
    let abandon: ((error: unknown) => void) | null = null;
    let answered = false;
    let sent = false;
    const send = (response: Response) => {
      sent = true;
      resolve(response);
    };
    const done = (result: unknown) => {
      answered = true;
      try {
        const response = toWebResponse(result as HandleResult, {
          method: request.method,
          onAbandon: (each) => (abandon = each),
        });
        if (response instanceof Promise) response.then(send, reject);
        else send(response);
      } catch (error) {
        reject(error as Error);
      }
      over();
    };
    const over = () => {
      if (settings.isolation === 'instance') pool.give(instance);
      else instance.whenIdle(() => pool.give(instance));
    };
    const end = () => {
      ended = true;
      settle?.();
    };
    const failed = (error: Error) => {
      end();
      // One that took its cancellation is as good as one that answered.
      if (instance.dead === null) over();
      else pool.drop(instance);
      const failure = failureOf(instance, error, handler);
      abandon?.(failure);
      if (sent) logLate(failure, invocation);
      else reject(failure);
    };
    const exported = { interface: handler, name: 'handle' };
    const cancel = instance.call(exported, [toWasiRequest(request)], invocation, done, failed, end);
    if (ended) return;
    // It may go on after its response: the platform is to let it.
    invocation.waitUntil(new Promise<void>((settled) => (settle = settled)));
    const leave = () => {
      cancel();
      if (ended) return;
      // What goes on in it may hold up others, or never end: nobody else gets it.
      pool.drop(instance);
      setTimeout(
        () => {
          instance.giveUp(failed);
          end();
        },
        answered ? AFTER_MS : GRACE_MS,
      );
    };
    request.signal.addEventListener('abort', leave, { once: true });
  });
}
