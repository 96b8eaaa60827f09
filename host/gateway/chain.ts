import type { LoadedVersion } from '../dispatch/cell.ts';
import { toBrinkError } from '../errors.ts';
import type { GatewayBlock, RuleName } from '../registry/gateway/schema.ts';
import type { Arrival } from './arrival.ts';
import type { Back, Filter, Next, Parameters, ParametersOf, Step } from './step.ts';
import { matcherOf, Subject, type Matcher } from './match.ts';
import type { RuleKind, RuleOf } from './rules.ts';

interface Block {
  readonly rules: GatewayBlock;
  /** null: it is about every request. */
  readonly matcher: Matcher | null;
}

/** What a rule was made into. */
type Made = { readonly filter: Filter } | { readonly step: Step } | null;

/** By the block that each is of: one that counts does so for all chains that it is in. */
export type MadeRules = Map<RuleKind<RuleName>, Map<number, Made>>;

/** Blocks of rules that stand before a version. */
export interface Compiled {
  /** What they were made of. */
  readonly of: readonly GatewayBlock[];
  readonly blocks: readonly Block[];
  /** Those of some requests only: where in `blocks` they stand. */
  readonly partial: readonly (readonly [index: number, matcher: Matcher])[];
  /** By which of the partial blocks match. */
  readonly chains: Map<string, Chain>;
  readonly made: MadeRules;
}

interface Chain {
  readonly first: Next;
  /** Which block each rule is of, for the names in its pattern. */
  readonly origins: ReadonlyMap<RuleName, number>;
}

/** By block, where it is partial and matches. */
type Found = (Parameters | null)[];

const NOTHING: Parameters = Object.freeze({});
const NO_PARAMETERS: ParametersOf = () => NOTHING;

/** Different ways for blocks to match, of one version; the next one begins anew. */
const MAX_CHAINS = 1_000;

export function compile(all: readonly GatewayBlock[], made: MadeRules): Compiled {
  const blocks = all.map((rules) => ({ rules, matcher: rules.match ? matcherOf(rules.match) : null }));
  const partial = blocks.flatMap(({ matcher }, index) => (matcher === null ? [] : [[index, matcher] as const]));
  return { of: all, blocks, partial, chains: new Map(), made };
}

export interface Chaining {
  readonly kinds: readonly RuleKind<RuleName>[];
  /** What comes after the rules. */
  readonly last: Next;
}

/** The rules that a request has to pass, and what stood for the names of their patterns. */
export function chainFor({ blocks, partial, chains, made }: Compiled, arrival: Arrival, chaining: Chaining) {
  const found: Found = [];
  let key = '';
  const subject = partial.length === 0 ? null : new Subject(arrival);
  for (const [index, matcher] of partial) {
    const parameters = matcher(subject!);
    found[index] = parameters;
    if (parameters !== null) key += `${index},`;
  }
  let chain = chains.get(key);
  if (chain === undefined) {
    if (chains.size >= MAX_CHAINS) chains.clear();
    chains.set(key, (chain = chainOf(blocks, { ...chaining, found, version: arrival.chosen.version, made })));
  }
  return { first: chain.first, parameters: key === '' ? NO_PARAMETERS : parametersOf(chain, found) };
}

interface ChainOptions extends Chaining {
  readonly found: Found;
  readonly version: LoadedVersion;
  readonly made: Compiled['made'];
}

function chainOf(blocks: readonly Block[], { kinds, found, version, last, made }: ChainOptions): Chain {
  const origins = new Map<RuleName, number>();
  const parts: NonNullable<Made>[] = [];
  for (const kind of kinds) {
    const origin = blocks.findLastIndex(
      ({ rules, matcher }, index) => rules[kind.name] !== undefined && (matcher === null || (found[index] ?? null) !== null),
    );
    const rule = blocks[origin]?.rules[kind.name];
    if (rule === undefined || rule === false) continue;
    origins.set(kind.name, origin);
    let known = made.get(kind);
    if (known === undefined) made.set(kind, (known = new Map()));
    let part = known.get(origin);
    if (part === undefined) known.set(origin, (part = makeOf(kind, rule, version)));
    if (part !== null) parts.push(part);
  }
  return { first: linked(parts, last), origins };
}

function makeOf(kind: RuleKind<RuleName>, rule: RuleOf<RuleName>, version: LoadedVersion): Made {
  if ('filter' in kind) {
    const filter = kind.filter(rule, version);
    return filter && { filter };
  }
  const step = kind.step(rule, version);
  return step && { step };
}

/** Filters that follow one another are one step. */
function linked(parts: readonly NonNullable<Made>[], last: Next): Next {
  let next = last;
  let filters: Filter[] = [];
  for (const part of parts.toReversed()) {
    if ('filter' in part) {
      filters.unshift(part.filter);
      continue;
    }
    if (filters.length > 0) next = filtered(filters, next);
    filters = [];
    next = safely(part.step, next);
  }
  return filters.length > 0 ? filtered(filters, next) : next;
}

/** An error of one rule is a response to those before it. */
function safely(step: Step, next: Next): Next {
  return async (call) => {
    try {
      return await step(call, next);
    } catch (error) {
      return call.refuse(toBrinkError(error));
    }
  };
}

/** In one function, since a promise for each rule costs more than most rules. */
function filtered(filters: readonly Filter[], next: Next): Next {
  return async (call) => {
    const backs: Back[] = [];
    let response: Response | undefined;
    try {
      for (const filter of filters) {
        const given = filter(call);
        const passed = given instanceof Promise ? await given : given;
        if (passed === undefined) continue;
        if (typeof passed === 'function') {
          backs.push(passed);
          continue;
        }
        response = passed;
        break;
      }
    } catch (error) {
      response = call.refuse(toBrinkError(error));
    }
    response ??= await next(call);
    for (let at = backs.length - 1; at >= 0; at--) {
      try {
        const given = backs[at]!(response);
        response = given instanceof Promise ? await given : given;
      } catch (error) {
        response = call.refuse(toBrinkError(error));
      }
    }
    return response;
  };
}

function parametersOf({ origins }: Chain, found: Found): ParametersOf {
  return (rule) => found[origins.get(rule) ?? -1] ?? NOTHING;
}
