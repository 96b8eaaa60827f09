import { BrinkError } from '../../errors.ts';
import type { HedgeRule } from '../../registry/gateway/hedge.ts';
import type { Running } from '../attempt.ts';
import type { GatewayCall, Next } from '../call.ts';
import { failureTest, type FailureTest } from '../failures.ts';
import { RetryBudget } from '../limits/retry-budget.ts';
import { discard } from '../response.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Calls the function once more where it takes long, and ends what is not needed. Dean and Barroso, The Tail at Scale, 2013. */
export function hedgeRule({ now }: Pick<GatewayTools, 'now'>): RuleKind<'hedge'> {
  return {
    name: 'hedge',
    step(rule, { manifest }) {
      const failureOf = failureTest(rule.on);
      const budget = new RetryBudget(rule.budget);
      const take = () => budget.take(now());
      return async (call, next) => {
        if ((call.method !== 'GET' && call.method !== 'HEAD') || call.header('upgrade') !== null) return next(call);
        if (!(await call.keepBody(0))) return next(call);
        budget.request(now());
        return hedged(call, next, { rule, failureOf, take, ms: call.attempt?.ms ?? manifest.limits.deadline_ms });
      };
    },
  };
}

interface Hedging {
  readonly rule: HedgeRule;
  readonly failureOf: FailureTest;
  /** Takes one call of the budget. */
  readonly take: () => boolean;
  /** What all of them have. */
  readonly ms: number;
}

function hedged(call: GatewayCall, next: Next, { rule, failureOf, take, ms }: Hedging): Promise<Response> {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const end = performance.now() + ms;
  const outer = call.attempt;
  const traceparent = outer?.traceparent ?? call.parent;
  const calls: Running[] = [];
  let open = 0;
  let answered = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  begin();
  return promise;

  function begin(): void {
    const again = calls.length > 0 || outer?.again === true;
    const running = call.begin({ ms: end - performance.now(), traceparent, again, abortable: true }, next);
    calls.push(running);
    open++;
    void running.response.then((response) => come(running, response));
    if (calls.length <= rule.max) timer = setTimeout(more, rule.after_ms);
  }

  function more(): void {
    if (answered || call.signal.aborted || performance.now() >= end || !take()) return;
    try {
      begin();
    } catch {
      // Nobody but a timer would hear of it, and the calls that are under way go on.
    }
  }

  function come(running: Running, response: Response): void {
    open--;
    // While another call may have a better one.
    if (answered || (open > 0 && failureOf(response) !== null)) return void discard(response);
    answered = true;
    clearTimeout(timer);
    for (const other of calls) if (other !== running) other.end(superseded());
    resolve(response);
  }
}

function superseded(): BrinkError {
  return new BrinkError('superseded', 'Another call for the same request has answered first.');
}
