import type { LoadedVersion } from '../dispatch/cell.ts';
import { toBrinkError } from '../errors.ts';
import type { GatewayBlock, RuleName } from '../registry/gateway/schema.ts';
import { GatewayCall, type Arrival, type Next, type Parameters, type Step } from './call.ts';
import { matcherOf, Subject, type Matcher } from './match.ts';
import { spoken } from './spoken.ts';
import { ruleKinds, type GatewayTools, type RuleKind } from './rules.ts';

/** What stands before the functions that have rules. */
export interface Gateway {
  /** Takes a request through the rules of its version. Never rejects. */
  fetch(arrival: Arrival): Promise<Response>;
}

/** What lies behind the rules. */
export interface Behind {
  /** Calls the function. Never rejects. */
  pass(arrival: Arrival): Promise<Response>;
  /** Is told of a request that a rule has answered, with its status in the log and what goes to the client. */
  answered(call: GatewayCall, answer: { readonly status: number; readonly response: Response }): void;
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
  readonly steps: Steps;
}

interface Chain {
  readonly first: Next;
  /** Which block each rule is of, for the names in its pattern. */
  readonly origins: ReadonlyMap<RuleName, number>;
}

/** Different ways for blocks to match, of one version; the next one begins anew. */
const MAX_CHAINS = 1_000;

/** The rules about functions that fail, which calls of other functions may go by. */
const RESILIENCE: ReadonlySet<RuleName> = new Set(['fallback', 'circuit_breaker', 'retry', 'hedge']);

export interface Gateways {
  /** Before requests from outside. */
  readonly outer: (behind: Behind) => Gateway;
  /** Before calls of other functions: it has the rules for failures alone. Their circuits are those of requests. */
  readonly inner: (behind: Behind) => Gateway;
}

/** Made in two steps: what lies behind a gateway is made with it. */
export function createGateways(tools: GatewayTools): Gateways {
  const all = ruleKinds(tools);
  const made = new WeakMap<LoadedVersion, Steps>();
  const steps = (version: LoadedVersion) => {
    let known = made.get(version);
    if (known === undefined) made.set(version, (known = new Map(all.map((kind) => [kind, new Map()]))));
    return known;
  };
  const { random } = tools;
  return {
    outer: (behind) => gatewayBefore(behind, { kinds: all, steps, random, say: spoken }),
    inner: (behind) =>
      gatewayBefore(behind, { kinds: all.filter(({ name }) => RESILIENCE.has(name)), steps, random, say: (response) => response }),
  };
}

/** By kind, and by the block that each is of: one that counts does so for all chains that it is in. */
type Steps = ReadonlyMap<RuleKind<RuleName>, Map<number, Step | null>>;

interface Place {
  readonly kinds: readonly RuleKind<RuleName>[];
  readonly steps: (version: LoadedVersion) => Steps;
  readonly random: () => number;
  /** Makes of a response what its client understands. */
  readonly say: typeof spoken;
}

function gatewayBefore(behind: Behind, { kinds, steps: stepsFor, random, say }: Place): Gateway {
  const versions = new WeakMap<LoadedVersion, Compiled>();

  /** The end of every chain. */
  const last: Next = (call) => {
    call.passed = true;
    return behind.pass(call.result());
  };

  return {
    async fetch(arrival) {
      const { version } = arrival.chosen;
      let compiled = versions.get(version);
      if (compiled === undefined) versions.set(version, (compiled = compile(version, stepsFor(version))));
      const { chain, parameters } = chainFor(compiled, arrival, version);
      const call = new GatewayCall(arrival, parameters, random);
      const answer = await chain.first(call);
      const { status } = answer;
      // Only now: rules look at the error itself.
      const response = status < 400 ? answer : say(answer, call.asked);
      if (!call.passed) behind.answered(call, { status, response });
      return response;
    },
  };

  function chainFor({ blocks, chains, steps }: Compiled, arrival: Arrival, version: LoadedVersion) {
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
}

function compile({ manifest }: LoadedVersion, steps: Steps): Compiled {
  const blocks = (manifest.gateway ?? []).map((rules) => ({ rules, matcher: rules.match ? matcherOf(rules.match) : null }));
  return { blocks, chains: new Map(), steps };
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
