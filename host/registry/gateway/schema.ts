import { z } from 'zod';
import { list, must } from '../manifest-fields.ts';
import { access, keysOfAccess, type AccessRule } from './access.ts';
import { auth, keysOfAuth, type AuthRule } from './auth.ts';
import { circuitBreaker, CIRCUIT_BREAKER_KEYS, type CircuitBreakerRule } from './circuit-breaker.ts';
import { concurrency, CONCURRENCY_KEYS, type ConcurrencyRule } from './concurrency.ts';
import { cache, CACHE_KEYS, CACHE_QUERY_KEYS, type CacheRule } from './cache.ts';
import { compress, COMPRESS_KEYS, type CompressRule } from './compress.ts';
import { cors, CORS_KEYS, type CorsRule } from './cors.ts';
import { earlyHints, EARLY_HINTS_KEYS, type EarlyHintsRule } from './early-hints.ts';
import { etag, ETAG_KEYS, type EtagRule } from './etag.ts';
import { fallback, FALLBACK_KEYS, type FallbackRule } from './fallback.ts';
import { headerRule, type HeaderRule } from './headers.ts';
import { hedge, keysOfHedge, type HedgeRule } from './hedge.ts';
import { LIMITS_KEYS, limitsRule, type LimitsRule } from './limits.ts';
import { match, methodName, type GatewayMatch } from './match.ts';
import { openapi, type OpenApiRule } from './openapi.ts';
import { policy, POLICY_KEYS, type PolicyRule } from './policy.ts';
import { rateLimit, RATE_LIMIT_KEYS, type RateLimitRule } from './rate-limit.ts';
import { redirect, type RedirectRule } from './redirect.ts';
import { keysOfRetry, retry, type RetryRule } from './retry.ts';
import { rewrite } from './rewrite.ts';

/**
 * One block of `[[gateway]]`: rules, and which requests they are about. For each rule the last block counts that has it and
 * matches, with all that stands there; `false` there means none.
 */
export interface GatewayBlock {
  /** Not there: every request. */
  readonly match?: GatewayMatch;
  readonly access?: AccessRule | false;
  readonly cors?: CorsRule | false;
  readonly redirect?: RedirectRule | false;
  /** The methods that there are; any other is answered with 405. */
  readonly methods?: readonly string[] | false;
  /** How large requests may be, and how long they may take. */
  readonly limits?: LimitsRule | false;
  readonly auth?: AuthRule | false;
  readonly rate_limit?: readonly RateLimitRule[] | false;
  readonly policy?: PolicyRule | false;
  readonly concurrency?: ConcurrencyRule | false;
  /** The path that the function sees; `:name` and a `*` at its end are what stood there. */
  readonly rewrite?: string | false;
  readonly request_headers?: HeaderRule | false;
  /** Which links a client hears of before the response. */
  readonly early_hints?: EarlyHintsRule | false;
  /** Which responses are kept, and for whom. */
  readonly cache?: CacheRule | false;
  readonly compress?: CompressRule | false;
  readonly etag?: EtagRule | false;
  /** Answers with the function's OpenAPI document, or a page of it. */
  readonly openapi?: OpenApiRule | false;
  readonly fallback?: FallbackRule | false;
  readonly circuit_breaker?: CircuitBreakerRule | false;
  readonly retry?: RetryRule | false;
  readonly hedge?: HedgeRule | false;
  readonly response_headers?: HeaderRule | false;
}

/** The name of a rule in a block. */
export type RuleName = Exclude<keyof GatewayBlock, 'match'>;

const RULES = {
  access,
  cors,
  redirect,
  methods: list(methodName).min(1, 'names no method'),
  limits: limitsRule,
  auth,
  rate_limit: rateLimit,
  policy,
  concurrency,
  rewrite,
  request_headers: headerRule,
  early_hints: earlyHints,
  cache,
  compress,
  etag,
  openapi,
  fallback,
  circuit_breaker: circuitBreaker,
  retry,
  hedge,
  response_headers: headerRule,
};

/** Read rule by rule, so that what is wrong is told of the rule and not of its other form, `false`. */
function orNone<Rule extends z.ZodType>(rule: Rule) {
  return z.unknown().transform((value, context): z.output<Rule> | false => {
    if (value === false) return false;
    const parsed = rule.safeParse(value);
    if (parsed.success) return parsed.data;
    context.issues.push(...(parsed.error.issues as (typeof context.issues)[number][]));
    return z.NEVER;
  });
}

type Optional<Shape extends Record<string, z.ZodType>> = { [Name in keyof Shape]: z.ZodOptional<ReturnType<typeof orNone<Shape[Name]>>> };

const rules = Object.fromEntries(Object.entries(RULES).map(([name, rule]) => [name, orNone(rule).optional()])) as Optional<typeof RULES>;

/** An item of `gateway`. */
export const gatewayBlock = z.strictObject({ match: match.optional(), ...rules }, { error: must('be a table of rules') });

/** What a route may have beside its pattern: a block about its requests. */
export const routeGateway = z.strictObject(rules, { error: must('be a table of rules') });

/** The keys that may stand at a place below a block. */
export function keysOfGateway([rule, inner]: readonly PropertyKey[]): string[] {
  switch (rule) {
    case undefined:
      return Object.keys(gatewayBlock.shape);
    case 'match':
      return Object.keys(match.shape);
    case 'cors':
      return CORS_KEYS;
    case 'access':
      return keysOfAccess(inner);
    case 'rate_limit':
      return RATE_LIMIT_KEYS;
    case 'limits':
      return LIMITS_KEYS;
    case 'policy':
      return POLICY_KEYS;
    case 'concurrency':
      return CONCURRENCY_KEYS;
    case 'auth':
      return keysOfAuth(inner);
    case 'cache':
      return inner === 'query' ? CACHE_QUERY_KEYS : CACHE_KEYS;
    case 'compress':
      return COMPRESS_KEYS;
    case 'early_hints':
      return EARLY_HINTS_KEYS;
    case 'etag':
      return ETAG_KEYS;
    case 'fallback':
      return FALLBACK_KEYS;
    case 'circuit_breaker':
      return inner === 'eject' ? ['most'] : CIRCUIT_BREAKER_KEYS;
    case 'retry':
      return keysOfRetry(inner);
    case 'hedge':
      return keysOfHedge(inner);
    case 'redirect':
      return ['to', 'status'];
    default:
      return Object.keys(headerRule.shape);
  }
}
