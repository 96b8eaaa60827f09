import type { GatewayBlock, RuleName } from '../registry/gateway/schema.ts';
import type { LoadedVersion } from '../dispatch/cell.ts';
import type { Step } from './call.ts';
import { cache, type CacheTools } from './rules/cache.ts';
import { compress, type CompressTools } from './rules/compress.ts';
import { cors } from './rules/cors.ts';
import { etag } from './rules/etag.ts';
import { methods } from './rules/methods.ts';
import { redirect } from './rules/redirect.ts';
import { requestHeaders } from './rules/request-headers.ts';
import { responseHeaders } from './rules/response-headers.ts';
import { rewrite } from './rules/rewrite.ts';

/** What rules are handed: the same for all versions of a host. */
export interface GatewayTools {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  readonly cache: CacheTools;
  readonly compress: CompressTools;
}

/** One kind of rule. */
export interface RuleKind<Name extends RuleName> {
  readonly name: Name;
  /** Made once for each rule of a version, and kept while the version is. */
  step(rule: RuleOf<Name>, version: LoadedVersion): Step;
}

/** What stands in a block for a rule that is there. */
export type RuleOf<Name extends RuleName> = Exclude<GatewayBlock[Name], false | undefined>;

/**
 * All kinds, in the order in which a request comes by them; its response comes by them the other way round. What answers without
 * the function comes first, and CORS before all, so that a script may read whatever the others answer.
 */
export function ruleKinds(tools: GatewayTools): readonly RuleKind<RuleName>[] {
  return [
    responseHeaders,
    cors,
    redirect,
    methods,
    rewrite,
    requestHeaders,
    cache(tools.cache),
    compress(tools.compress),
    etag(tools.cache.messages),
  ] as readonly RuleKind<RuleName>[];
}
