import type { RetryRule } from '../../registry/gateway/retry.ts';
import { failureTest, hasLeft } from '../failures.ts';
import { RetryBudget } from '../limits/retry-budget.ts';
import { pause } from '../pause.ts';
import { discard } from '../response.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Calls the function again where that may help and harms nobody. RFC 9110, section 9.2.2. */
export function retryRule({ now, random }: Pick<GatewayTools, 'now' | 'random'>): RuleKind<'retry'> {
  return {
    name: 'retry',
    step(rule, { manifest }) {
      const { attempts, per_try_ms: most = Infinity, max_body: maxBody } = rule;
      const methods = new Set(rule.methods);
      const failureOf = failureTest(rule.on);
      const budget = new RetryBudget(rule.budget);
      return async (call, next) => {
        if (!methods.has(call.method) || call.header('upgrade') !== null) return next(call);
        budget.request(now());
        if (!(await call.keepBody(maxBody))) return next(call);
        const traceparent = call.parent;
        const end = performance.now() + (call.attempt?.ms ?? manifest.limits.deadline_ms);
        for (let attempt = 1; ; attempt++) {
          const left = end - performance.now();
          const trial = { ms: Math.min(most, left), traceparent, again: attempt > 1, abortable: most < left };
          const response = await call.begin(trial, next).response;
          if (attempt === attempts || failureOf(response) === null || hasLeft(call)) return response;
          const wait = waitOf(response, attempt, { rule, random });
          if (wait === null || wait >= end - performance.now() || !budget.take(now())) return response;
          await pause(wait, call.signal);
          if (hasLeft(call) || end <= performance.now()) return response;
          await discard(response);
        }
      };
    },
  };
}

/** Milliseconds before the next try; null where it is asked to wait for longer than it may. RFC 9110, section 10.2.3. */
function waitOf(
  response: Response,
  attempt: number,
  { rule: { backoff }, random }: { readonly rule: RetryRule } & Pick<GatewayTools, 'random'>,
): number | null {
  const own = random() * Math.min(backoff.most, backoff.base * 2 ** (attempt - 1));
  const said = response.headers.get('retry-after');
  if (said === null) return own;
  const asked = /^\d{1,9}$/.test(said) ? Number(said) * 1_000 : Date.parse(said) - Date.now();
  if (Number.isNaN(asked)) return own;
  return asked > backoff.most ? null : Math.max(own, asked);
}
