import type { ComponentInvocation } from '../host.ts';
import type { Exported } from '../runtime/call.ts';
import type { Result } from '../wasi/values/result.ts';
import { failureOf } from './guest-trap.ts';
import type { InstancePool } from './pool.ts';

export interface EventCall {
  readonly exported: Exported;
  readonly arg: unknown;
  /** How many calls an instance may serve at the same time. */
  readonly concurrent: number;
}

/**
 * `brink:function/scheduled`, `queue` and `email`: over when the guest's code has come to its end, which may be
 * after its result. Where others are served meanwhile, that end is not told from theirs, so the result counts.
 */
export function serveEvent<E>(pool: InstancePool, call: EventCall, invocation: ComponentInvocation): Promise<Result<undefined, E>> {
  return new Promise((resolve, reject) => {
    const instance = pool.take(call.concurrent);
    const over = (result: Result<undefined, E>) => {
      pool.give(instance);
      if (instance.dead === null) resolve(result);
      else reject(failureOf(instance, instance.dead, call.exported));
    };
    instance.call(call.exported, [call.arg], {
      invocation,
      returned(result) {
        if (call.concurrent > 1) over(result as Result<undefined, E>);
        else instance.whenIdle(() => over(result as Result<undefined, E>));
      },
      failed(error) {
        pool.drop(instance);
        reject(failureOf(instance, error, call.exported));
      },
    });
  });
}
