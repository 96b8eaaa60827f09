import type { LoadedVersion } from '../dispatch/cell.ts';
import type { Chosen } from '../dispatch/functions.ts';
import { toBrinkError } from '../errors.ts';
import type { GatewayBlock, RuleName } from '../registry/gateway/schema.ts';
import type { RuleSet } from '../registry/operator-rules.ts';
import type { Arrival } from './arrival.ts';
import { GatewayCall, type Next, type Parameters, type Step } from './call.ts';
import { matcherOf, Subject, type Matcher } from './match.ts';
import { ruleKinds, type GatewayTools, type RuleKind } from './rules.ts';

/** What stands before the functions that have rules. */
export interface Gateway {
  /** Whether a request has rules to pass. */
  stands(chosen: Chosen): boolean;
  /** Takes a request through its rules: those of the host, then those of the function, then those of its version. Never rejects. */
  fetch(arrival: Arrival): Promise<Response>;
}

/** What lies behind the rules. */
export interface Behind {
  /** Calls the function. Never rejects. */
  pass(arrival: Arrival): Promise<Response>;
  /** Is told of a request that a rule has answered. */
  answered(call: GatewayCall, response: Response): void;
}

export interface GatewayOptions extends Omit<GatewayTools, 'whose'> {
  /** What stands before all functions now. */
  readonly hostRules: () => RuleSet | null;
}

interface Block {
  readonly rules: GatewayBlock;
  /** null: it is about every request. */
  readonly matcher: Matcher | null;
}

interface Compiled {
  readonly blocks: readonly Block[];
  /** By which blocks match. */
  readonly chains: Map<string, Chain>;
  /** By the block that each is of: one that counts does so for all chains that it is in. */
  readonly steps: ReadonlyMap<RuleKind<RuleName>, Map<number, Step | null>>;
}

interface Chain {
  readonly first: Next;
  /** Which block each rule is of, for the names in its pattern. */
  readonly origins: ReadonlyMap<RuleName, number>;
}

/** Rules that stand one behind the other, each set as if it was a proxy of its own: none takes away what one before it says. */
interface Layer {
  blocksOf(chosen: Chosen): readonly GatewayBlock[] | undefined;
  readonly kinds: readonly RuleKind<RuleName>[];
  /** By the blocks, and then by the version that they stand before. */
  readonly compiled: WeakMap<readonly GatewayBlock[], WeakMap<LoadedVersion, Compiled>>;
  /** The end of its chains. */
  readonly last: Next;
}

/** A request at the first rule of a layer. */
interface Entry {
  readonly call: GatewayCall;
  readonly first: Next;
}

/** Different ways for blocks to match, of one version; the next one begins anew. */
const MAX_CHAINS = 1_000;

/** Made in two steps: what lies behind it is made with it. */
export function createGateway(options: GatewayOptions): (behind: Behind) => Gateway {
  return (behind) => gatewayBefore(behind, options);
}

function gatewayBefore(behind: Behind, { hostRules, ...tools }: GatewayOptions): Gateway {
  const layers: readonly Layer[] = [
    layerOf('host', () => hostRules()?.blocks),
    layerOf('function', ({ rules }) => rules?.blocks),
    layerOf('version', ({ version }) => version.manifest.gateway),
  ];

  return {
    stands: ({ version, rules }) => version.manifest.gateway !== undefined || (rules ?? null) !== null || hostRules() !== null,
    async fetch(arrival) {
      const entry = enter(arrival, null);
      if (entry === null) return behind.pass(arrival);
      const response = await entry.first(entry.call);
      if (!entry.call.passed) behind.answered(entry.call.innermost, response);
      return response;
    },
  };

  function layerOf(whose: GatewayTools['whose'], blocksOf: Layer['blocksOf']): Layer {
    const layer: Layer = {
      blocksOf,
      kinds: ruleKinds({ ...tools, whose }),
      compiled: new WeakMap(),
      last(call) {
        const arrival = call.result();
        const entry = enter(arrival, { layer, call });
        if (entry !== null) return entry.first(entry.call);
        call.reach();
        return behind.pass(arrival);
      },
    };
    return layer;
  }

  /** The first layer with rules behind the one that a request has passed; null where there is none. */
  function enter(arrival: Arrival, passed: { readonly layer: Layer; readonly call: GatewayCall } | null): Entry | null {
    const { version } = arrival.chosen;
    for (let index = passed === null ? 0 : layers.indexOf(passed.layer) + 1; index < layers.length; index++) {
      const layer = layers[index]!;
      const blocks = layer.blocksOf(arrival.chosen);
      if (blocks === undefined) continue;
      const { chain, parameters } = chainFor(layer, compiledOf(layer, blocks, version), arrival);
      return { call: new GatewayCall(arrival, { parameters, random: tools.random, outer: passed?.call ?? null }), first: chain.first };
    }
    return null;
  }
}

function compiledOf({ kinds, compiled }: Layer, blocks: readonly GatewayBlock[], version: LoadedVersion): Compiled {
  let versions = compiled.get(blocks);
  if (versions === undefined) compiled.set(blocks, (versions = new WeakMap()));
  let known = versions.get(version);
  if (known === undefined) versions.set(version, (known = compile(blocks, kinds)));
  return known;
}

function compile(all: readonly GatewayBlock[], kinds: readonly RuleKind<RuleName>[]): Compiled {
  const blocks = all.map((rules) => ({ rules, matcher: rules.match ? matcherOf(rules.match) : null }));
  return { blocks, chains: new Map(), steps: new Map(kinds.map((kind) => [kind, new Map()])) };
}

function chainFor({ kinds, last }: Layer, { blocks, chains, steps }: Compiled, arrival: Arrival) {
  const { version } = arrival.chosen;
  const found = new Map<number, Parameters>();
  let key = '';
  let subject: Subject | undefined;
  for (const [index, { matcher }] of blocks.entries()) {
    if (matcher === null) continue;
    const parameters = matcher((subject ??= new Subject(arrival)));
    if (parameters === null) continue;
    found.set(index, parameters);
    key += `${index},`;
  }
  let chain = chains.get(key);
  if (chain === undefined) {
    if (chains.size >= MAX_CHAINS) chains.clear();
    chains.set(key, (chain = chainOf(blocks, { kinds, matched: found, version, last, made: steps })));
  }
  return { chain, parameters: found.size === 0 ? null : parametersOf(chain, found) };
}

interface ChainOptions {
  readonly kinds: readonly RuleKind<RuleName>[];
  readonly matched: ReadonlyMap<number, Parameters>;
  readonly version: LoadedVersion;
  readonly last: Next;
  readonly made: Compiled['steps'];
}

function chainOf(blocks: readonly Block[], { kinds, matched, version, last, made }: ChainOptions): Chain {
  const origins = new Map<RuleName, number>();
  const steps: Step[] = [];
  for (const kind of kinds) {
    const origin = blocks.findLastIndex(
      ({ rules, matcher }, index) => rules[kind.name] !== undefined && (matcher === null || matched.has(index)),
    );
    const rule = blocks[origin]?.rules[kind.name];
    if (rule === undefined || rule === false) continue;
    origins.set(kind.name, origin);
    const known = made.get(kind)!;
    let step = known.get(origin);
    if (step === undefined) known.set(origin, (step = kind.step(rule, version)));
    if (step !== null) steps.push(step);
  }
  return { first: steps.reduceRight<Next>((next, step) => safely(step, next), last), origins };
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

function parametersOf({ origins }: Chain, found: ReadonlyMap<number, Parameters>): ReadonlyMap<RuleName, Parameters> {
  const out = new Map<RuleName, Parameters>();
  for (const [name, origin] of origins) {
    const parameters = found.get(origin);
    if (parameters !== undefined) out.set(name, parameters);
  }
  return out;
}
