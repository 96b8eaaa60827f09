import type { ComponentInvocation } from '../host.ts';
import { toWasiRequest, toWebResponse, type HandleResult } from '../wasi/http-0.3/exchange.ts';
import { failureOf } from './guest-trap.ts';
import type { InstancePool } from './pool.ts';
import type { ServeSettings } from './settings.ts';

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
    let abandon: ((error: unknown) => void) | null = null;
    let answered = false;
    const done = (result: unknown) => {
      answered = true;
      try {
        const response = toWebResponse(result as HandleResult, {
          method: request.method,
          onAbandon: (each) => (abandon = each),
        });
        if (response instanceof Promise) response.then(resolve, reject);
        else resolve(response);
      } catch (error) {
        reject(error as Error);
      }
      over();
    };
    const over = () => {
      if (settings.isolation === 'instance') pool.give(instance);
      else instance.whenIdle(() => pool.give(instance));
    };
    const failed = (error: Error) => {
      pool.drop(instance);
      const failure = failureOf(instance, error, handler);
      abandon?.(failure);
      reject(failure);
    };
    const cancel = instance.call({ interface: handler, name: 'handle' }, [toWasiRequest(request)], invocation, done, failed);
    // The client's going concerns the guest only as long as it has not answered; later the body's stream says so.
    if (!answered) request.signal.addEventListener('abort', cancel, { once: true });
  });
}
