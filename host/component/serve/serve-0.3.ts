import type { ComponentInvocation } from '../host.ts';
import { Answer } from '../wasi/http/answer.ts';
import { toWasiRequest, toWebResponse, type HandleResult } from '../wasi/http-0.3/exchange.ts';
import { failureOf } from './guest-trap.ts';
import type { InstancePool } from './pool.ts';
import type { ServeSettings } from './settings.ts';

/**
 * `wasi:http/handler@0.3`: the response comes before the guest's code has come to its end, which may be long after.
 * With isolation by request an instance is free then; else it may serve others meanwhile.
 */
export function serveHandler(
  pool: InstancePool,
  handler: string,
  request: Request,
  invocation: ComponentInvocation,
  settings: ServeSettings,
): Response | Promise<Response> {
  const instance = pool.take(settings.maxConcurrent);
  const answer = new Answer();
  let abandon: ((error: unknown) => void) | null = null;
  let early: HandleResult | null = null;
  let calling = true;
  const send = (result: HandleResult) => {
    try {
      const { method } = request;
      const response = toWebResponse(result, {
        method,
        onAbandon: (each) => (abandon = each),
        ...(hasBody(method) && afterIo !== undefined && { settleLast: afterIo }),
      });
      if (!(response instanceof Promise)) answer.resolve(response);
      else
        response.then(
          (each) => answer.resolve(each),
          (error: unknown) => answer.reject(error as Error),
        );
    } catch (error) {
      answer.reject(error as Error);
    }
    if (settings.maxConcurrent > 1) pool.give(instance);
    else instance.whenIdle(() => pool.give(instance));
  };
  const cancel = instance.call(
    { interface: handler, name: 'handle' },
    [toWasiRequest(request)],
    invocation,
    (result) => {
      // The guest returns in the middle of its turn. When that is over it has often written the body, too.
      if (calling) early = result as HandleResult;
      else send(result as HandleResult);
    },
    (error) => {
      pool.drop(instance);
      const failure = failureOf(instance, error);
      abandon?.(failure);
      answer.reject(failure);
    },
  );
  calling = false;
  if (early !== null && instance.dead !== null) discard(early);
  else if (early !== null) send(early);
  // The client's going concerns the guest only as long as it has not answered; later the body's stream says so.
  else request.signal.addEventListener('abort', cancel, { once: true });
  return answer.response;
}

/** On Node a body that came with its request is read by then, and its echo goes out whole. Other platforms have it not. */
const afterIo = (globalThis as { setImmediate?: (step: () => void) => void }).setImmediate;

function hasBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** The guest has trapped after it returned. */
function discard(result: HandleResult): void {
  if (result.tag === 'ok') result.val[Symbol.dispose]();
}
