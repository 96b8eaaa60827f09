import { hex, sha256 } from '../../bytes.ts';
import { BrinkError } from '../../errors.ts';
import type { RateLimitRule } from '../../registry/gateway/rate-limit.ts';
import type { Step } from '../call.ts';
import { countedAs } from '../limits/counted.ts';
import { slidingWindow, tokenBucket, type Verdict } from '../limits/meter.ts';
import { withHeaders } from '../response.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

const ALGORITHMS = { 'token-bucket': tokenBucket, 'sliding-window': slidingWindow };
/** From here on a limit is a quota, which a restart must not give back. */
const QUOTA = 3_600_000;

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
    step(all, { function: name }): Step | null {
      const rules = all.filter(({ by }) => (by === 'principal') === (place === 'after auth'));
      if (rules.length === 0) return null;
      const policies = rules.map(policyOf).join(', ');
      const placeOf = ({ by }: RateLimitRule) =>
        whose === 'host' && by !== 'function' ? ':' : whose === 'version' ? name : `${name}:${whose}`;
      return async (call, next) => {
        const standing: string[] = [];
        let refused: { readonly rule: RateLimitRule; readonly verdict: Verdict } | null = null;
        for (const rule of rules) {
          const counter = rule.period >= QUOTA ? quotas : limiter;
          const known = keyOf(`${placeOf(rule)} ${rule.name} ${countedAs(call, rule.by)}`);
          const key = known instanceof Promise ? await known : known;
          const taking = counter.take(key, ALGORITHMS[rule.algorithm], { burst: rule.limit, ...rule });
          const verdict = taking instanceof Promise ? await taking : taking;
          standing.push(standingOf(rule, verdict));
          if (!verdict.allowed) {
            refused = { rule, verdict };
            break;
          }
        }
        const response = refused === null ? await next(call) : call.refuse(limited(refused.rule, refused.verdict));
        return withHeaders(response, (headers) => {
          headers.append('ratelimit-policy', policies);
          headers.append('ratelimit', standing.join(', '));
        });
      };
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
