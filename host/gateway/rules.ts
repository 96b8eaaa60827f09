import type { GatewayBlock, RuleName } from '../registry/gateway/schema.ts';
import type { LoadedVersion } from '../dispatch/cell.ts';
import type { EventSink } from '../observe/events.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import type { Platform } from '../platform.ts';
import type { ApiKeys } from './auth/api-keys.ts';
import type { Nonces } from './auth/nonces.ts';
import type { Arrival } from './arrival.ts';
import type { GatewayCall } from './call.ts';
import type { Filter, Step } from './step.ts';
import type { Ejections } from './limits/ejections.ts';
import type { Limiter } from './limits/limiter.ts';
import type { WatchSocket } from './socket-watch.ts';
import { access } from './rules/access.ts';
import { authRule } from './rules/auth.ts';
import { circuitBreakerRule } from './rules/circuit-breaker.ts';
import { concurrencyRule } from './rules/concurrency.ts';
import { cache, type CacheTools } from './rules/cache.ts';
import { compress, type CompressTools } from './rules/compress.ts';
import { cors } from './rules/cors.ts';
import { earlyHintsRule } from './rules/early-hints.ts';
import { etag } from './rules/etag.ts';
import { fallbackRule } from './rules/fallback.ts';
import { hedgeRule } from './rules/hedge.ts';
import { sizeLimits, timeLimit } from './rules/limits.ts';
import { methods } from './rules/methods.ts';
import { openApiRule } from './rules/openapi.ts';
import { policyRule } from './rules/policy.ts';
import { rateLimitRule } from './rules/rate-limit.ts';
import { redirect } from './rules/redirect.ts';
import { requestHeaders } from './rules/request-headers.ts';
import { responseHeaders } from './rules/response-headers.ts';
import { retryRule } from './rules/retry.ts';
import { rewrite } from './rules/rewrite.ts';

/** What rules are handed: the same for all versions of a host. */
export interface GatewayTools {
  /** Whose rules they are: what they count and keep is apart from that of others. */
  readonly whose: 'host' | 'function' | 'version';
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  readonly cache: CacheTools;
  readonly compress: CompressTools;
  readonly events: EventSink;
  /** What aliases are dealt by. */
  readonly ejections: Pick<Ejections, 'eject' | 'restore'>;
  /** `Platform.outbound` */
  readonly outbound: NonNullable<Platform['outbound']>;
  /** Whether a request may wait for what another one has begun: on workerd it may not. */
  readonly shares: boolean;
  /** `Platform.watchSocket` */
  readonly watchSocket?: WatchSocket | undefined;
  readonly apiKeys: Pick<ApiKeys, 'find'>;
  readonly nonces: Nonces;
  /** Counts what comes in a short time. */
  readonly limiter: Limiter;
  /** Counts what has to be known after a restart. */
  readonly quotas: Limiter;
  /** Calls another function, in the course of a request. Rejects as `Services.fetch` does. */
  ask(arrival: Arrival, question: Question): Promise<Response>;
  /** The OpenAPI document of a version; null where it has none. */
  openapi(version: LoadedVersion): Promise<OpenApiDocument | null>;
  /** Asks the policies of a version, in the course of a request. Rejects as `Cell.fetch` does, and with `overloaded`, `boot-loop`. */
  askPolicy(version: LoadedVersion, call: GatewayCall, question: string): Promise<Response>;
}

export interface Question {
  readonly function: string;
  readonly alias: string;
  readonly request: Request;
  /** Of whoever asks. */
  readonly traceparent: string;
}

/** One kind of rule. What it makes of a rule of a version is kept while the version is. */
export type RuleKind<Name extends RuleName> = { readonly name: Name } & (
  { filter(rule: RuleOf<Name>, version: LoadedVersion): Filter | null } | { step(rule: RuleOf<Name>, version: LoadedVersion): Step | null }
);

/** What stands in a block for a rule that is there. */
export type RuleOf<Name extends RuleName> = Exclude<GatewayBlock[Name], false | undefined>;

/**
 * All kinds, in the order in which a request comes by them; its response comes by them the other way round. What answers without
 * the function comes first, and CORS before all, so that a script may read whatever the others answer.
 */
export function ruleKinds(tools: GatewayTools): readonly RuleKind<RuleName>[] {
  return [
    responseHeaders,
    access,
    cors,
    redirect,
    methods,
    sizeLimits,
    // Who tries passwords is counted too.
    rateLimitRule(tools, 'before auth'),
    authRule(tools),
    rateLimitRule(tools, 'after auth'),
    policyRule(tools),
    concurrencyRule(tools),
    rewrite,
    requestHeaders,
    // What is answered where all failed, also the cache, which may have something stale.
    fallbackRule(tools),
    // Before the cache, which asks for many at once and on behalf of none.
    earlyHintsRule(tools.cache.messages, tools.whose),
    cache(tools.cache, tools.whose),
    compress(tools.compress),
    etag(tools.cache.messages),
    timeLimit,
    // In the place of the function: what it answers is kept, compressed and bounded as that would be.
    openApiRule(tools),
    // From without: whether it is called at all, and each call of it.
    circuitBreakerRule(tools),
    retryRule(tools),
    hedgeRule(tools),
  ] as readonly RuleKind<RuleName>[];
}
