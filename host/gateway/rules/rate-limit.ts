import { hex, sha256 } from '../../bytes.ts';
import { BrinkError } from '../../errors.ts';
import type { RateLimitRule } from '../../registry/gateway/rate-limit.ts';
import type { GatewayCall } from '../call.ts';
import type { Filter, Filtered } from '../step.ts';
import { countedAs } from '../limits/counted.ts';
import type { Limiter } from '../limits/limiter.ts';
import { slidingWindow, tokenBucket, type Verdict } from '../limits/meter.ts';
import { withHeaders } from '../response.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

const ALGORITHMS = { 'token-bucket': tokenBucket, 'sliding-window': slidingWindow };
/** From here on a limit is a quota, which a restart must not give back. */
const QUOTA = 3_600_000;
/** Clients come again: to make a key costs more than to look it up. */
const MAX_KNOWN = 10_000;

/**
 * Lets through as much as may come. The answer says how it stands.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 *
 * @param place those that count principals come after `auth`, the others before it
 */
export function rateLimitRule(
  { limiter, quotas, whose }: Pick<GatewayTools, 'limiter' | 'quotas' | 'whose'>,
  place: 'before auth' | 'after auth',
): RuleKind<'rate_limit'> {
  return {
    name: 'rate_limit',
    filter(all, { function: name }): Filter | null {
      const limits = all
        .filter(({ by }) => (by === 'principal') === (place === 'after auth'))
        .map((rule) => limitOf(rule, { place: placeOf(rule, name, whose), counter: rule.period >= QUOTA ? quotas : limiter }));
      if (limits.length === 0) return null;
      const policies = limits.map(({ rule }) => policyOf(rule)).join(', ');

      return (call) => {
        const standing: string[] = [];
        const tell = (response: Response) =>
          withHeaders(response, (headers) => {
            headers.append('ratelimit-policy', policies);
            headers.append('ratelimit', standing.join(', '));
          });
        const judged = ({ rule }: Limit, verdict: Verdict): Response | undefined => {
          standing.push(standingOf(rule, verdict));
          return verdict.allowed ? undefined : tell(call.refuse(limited(rule, verdict)));
        };
        const from = (at: number): Filtered | Promise<Filtered> => {
          const limit = limits[at];
          if (limit === undefined) return tell;
          const verdict = limit.take(call);
          if (verdict instanceof Promise) return verdict.then((late) => judged(limit, late) ?? from(at + 1));
          return judged(limit, verdict) ?? from(at + 1);
        };
        return from(0);
      };
    },
  };
}

interface Limit {
  readonly rule: RateLimitRule;
  take(call: GatewayCall): Verdict | Promise<Verdict>;
}

/** What counts by itself. */
function placeOf({ by }: RateLimitRule, name: string, whose: GatewayTools['whose']): string {
  if (whose === 'host' && by !== 'function') return ':';
  return whose === 'version' ? name : `${name}:${whose}`;
}

function limitOf(rule: RateLimitRule, { place, counter }: { readonly place: string; readonly counter: Limiter }): Limit {
  const algorithm = ALGORITHMS[rule.algorithm];
  const meter = { burst: rule.limit, ...rule };
  const known = new Map<string, string>();
  return {
    rule,
    take(call) {
      const who = countedAs(call, rule.by);
      const kept = known.get(who);
      if (kept !== undefined) return counter.take(kept, algorithm, meter);
      const key = keyOf(`${place} ${rule.name} ${who}`);
      if (key instanceof Promise) return key.then((late) => counter.take(late, algorithm, meter));
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(who, key);
      return counter.take(key, algorithm, meter);
    },
  };
}

/** Of a length that every store takes. No two texts have one: what has a slash of its own is hashed. */
function keyOf(text: string): string | Promise<string> {
  return text.length <= 200 && /^[\w. :-]*$/.test(text) ? text.replaceAll(' ', '/') : digestOf(text);
}

async function digestOf(text: string): Promise<string> {
  return hex(await sha256(text));
}

function policyOf({ name, limit, period }: RateLimitRule): string {
  return `"${name}";q=${limit};w=${Math.ceil(period / 1000)}`;
}

function standingOf({ name }: RateLimitRule, { remaining, reset }: Verdict): string {
  return `"${name}";r=${remaining};t=${Math.ceil(reset / 1000)}`;
}

function limited({ name, limit, period }: RateLimitRule, { retry }: Verdict): BrinkError {
  const retryAfter = Math.max(1, Math.ceil(retry / 1000));
  const why = `More than ${limit} requests in ${period / 1000} s came from this client`;
  return new BrinkError('rate-limited', `${why} (rate limit ${JSON.stringify(name)}). Try again in ${retryAfter} s.`, {
    details: { limit, period: period / 1000, retryAfter },
  });
}
