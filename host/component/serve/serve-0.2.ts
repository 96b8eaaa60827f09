import type { ComponentInvocation } from '../host.ts';
import type { Exported } from '../runtime/call.ts';
import { Exchange } from '../wasi/http-0.2/exchange.ts';
import { failureOf, logLate } from './guest-trap.ts';
import type { InstancePool } from './pool.ts';

/** `wasi:http/incoming-handler@0.2`: an instance serves one request at a time, and is free when its code has come to its end. */
export function serveIncomingHandler(
  pool: InstancePool,
  exported: Exported,
  request: Request,
  invocation: ComponentInvocation,
): Response | Promise<Response> {
  const instance = pool.take(1);
  const exchange = new Exchange(request);
  const abort = () => instance.fail(new DOMException('The client has gone.', 'AbortError'));
  let watched = false;
  let settle: (() => void) | null = null;
  instance.onSuspend = () => {
    exchange.suspended();
    if (watched) return;
    watched = true;
    request.signal.addEventListener('abort', abort, { once: true });
    // It may go on after its response: the platform is to let it.
    invocation.waitUntil(new Promise<void>((settled) => (settle = settled)));
  };
  const over = () => {
    instance.onSuspend = null;
    settle?.();
    if (watched) request.signal.removeEventListener('abort', abort);
  };
  instance.call(exported, [exchange.incomingRequest, exchange.outparam], {
    invocation,
    returned() {
      exchange.finished();
      instance.whenIdle(() => {
        over();
        pool.give(instance);
      });
    },
    failed(error) {
      over();
      pool.drop(instance);
      const failure = failureOf(instance, error, exported);
      if (!exchange.failed(failure)) logLate(failure, invocation);
    },
  });
  return exchange.response;
}
