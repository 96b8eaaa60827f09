import { BrinkError } from '../../errors.ts';
import type { HedgeRule } from '../../registry/gateway/hedge.ts';
import type { Running } from '../attempt.ts';
import type { GatewayCall } from '../call.ts';
import type { Next } from '../step.ts';
import { failureTest, type FailureTest } from '../failures.ts';
import { Latencies } from '../limits/latencies.ts';
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
      const known = new Map<string | null, Latencies>();
      const latenciesOf = ({ arrival: { destination } }: GatewayCall) => {
        let latencies = known.get(destination.route);
        if (latencies === undefined) known.set(destination.route, (latencies = new Latencies(PERIOD)));
        return latencies;
      };
      return async (call, next) => {
        if ((call.method !== 'GET' && call.method !== 'HEAD') || call.header('upgrade') !== null) return next(call);
        if (!(await call.keepBody(0))) return next(call);
        budget.request(now());
        const latencies = rule.percentile === undefined ? null : latenciesOf(call);
        const took = (ms: number) => latencies?.add(now(), ms);
        const after = waitOf(rule, latencies?.percentile(now(), rule.percentile! / 100, ENOUGH) ?? null);
        return hedged(call, next, { rule, failureOf, take, took, after, ms: call.attempt?.ms ?? manifest.limits.deadline_ms });
      };
    },
  };
}

/** Calls of a route before it is known how long they take. */
const ENOUGH = 100;
/** Of one to two of these is known how long they took, in ms. */
const PERIOD = 60_000;

/** null where nobody knows when to make another call. */
function waitOf({ after_ms: least, percentile }: HedgeRule, usual: number | null): number | null {
  if (percentile === undefined) return least!;
  return usual === null ? (least ?? null) : Math.max(usual, least ?? 0);
}

interface Hedging {
  readonly rule: HedgeRule;
  /** Ms before another call is made; null: there is none. */
  readonly after: number | null;
  /** Is told how long a call took that did not fail, or at least took. */
  readonly took: (ms: number) => void;
  readonly failureOf: FailureTest;
  /** Takes one call of the budget. */
  readonly take: () => boolean;
  /** What all of them have. */
  readonly ms: number;
}

function hedged(call: GatewayCall, next: Next, { rule, failureOf, take, took, after, ms }: Hedging): Promise<Response> {
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
    const begun = performance.now();
    void running.response.then((response) => {
      if (failureOf(response) === null || answered) took(performance.now() - begun);
      come(running, response);
    });
    if (after !== null && calls.length <= rule.max) timer = setTimeout(more, after);
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
