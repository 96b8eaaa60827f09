import type { LoadedVersion } from '../dispatch/cell.ts';
import type { Chosen } from '../dispatch/functions.ts';
import type { GatewayBlock, RuleName } from '../registry/gateway/schema.ts';
import type { RuleSet } from '../registry/operator-rules.ts';
import type { Arrival } from './arrival.ts';
import { GatewayCall } from './call.ts';
import type { Next } from './step.ts';
import { chainFor, compile, type Chaining, type Compiled, type MadeRules } from './chain.ts';
import { ruleKinds, type GatewayTools, type RuleKind } from './rules.ts';
import { spoken } from './spoken.ts';

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
  /** Is told of a request that a rule has answered, with its status in the log and what goes to the client. */
  answered(call: GatewayCall, answer: { readonly status: number; readonly response: Response }): void;
}

export interface GatewayOptions extends Omit<GatewayTools, 'whose'> {
  /** What stands before all functions now. */
  readonly hostRules: () => RuleSet | null;
}

/** The rules about functions that fail, which calls of other functions may go by. */
const RESILIENCE: ReadonlySet<RuleName> = new Set(['fallback', 'circuit_breaker', 'retry', 'hedge']);

export interface Gateways {
  /** Before requests from outside. */
  readonly outer: (behind: Behind) => Gateway;
  /** Before calls of other functions: it has the rules for failures alone. Their circuits are those of requests. */
  readonly inner: (behind: Behind) => Gateway;
}

/** One set of the rules that stand one behind the other, each as if it was a proxy of its own: none takes away what one before it says. */
interface RulesAt {
  blocksOf(chosen: Chosen): readonly GatewayBlock[] | undefined;
  readonly kinds: readonly RuleKind<RuleName>[];
  /** By the blocks, and then by the version that they stand before. */
  readonly made: WeakMap<readonly GatewayBlock[], WeakMap<LoadedVersion, MadeRules>>;
}

interface Layer extends RulesAt, Chaining {
  /** Of the blocks that stand before a version now. */
  readonly compiled: WeakMap<LoadedVersion, Compiled>;
}

/** A request at the first rule of a layer. */
interface Entry {
  readonly call: GatewayCall;
  readonly first: Next;
}

/** Made in two steps: what lies behind a gateway is made with it. */
export function createGateways({ hostRules, ...tools }: GatewayOptions): Gateways {
  const at = (whose: GatewayTools['whose'], blocksOf: RulesAt['blocksOf']): RulesAt => ({
    blocksOf,
    kinds: ruleKinds({ ...tools, whose }),
    made: new WeakMap(),
  });
  const all = [
    at('host', () => hostRules()?.blocks),
    at('function', ({ rules }) => rules?.blocks),
    at('version', ({ version }) => version.manifest.gateway),
  ];
  const forFailures = all.map((each) => ({ ...each, kinds: each.kinds.filter(({ name }) => RESILIENCE.has(name)) }));
  const { random } = tools;
  const stands = ({ version, rules }: Chosen) => version.manifest.gateway !== undefined || (rules ?? null) !== null || hostRules() !== null;
  return {
    outer: (behind) => gatewayBefore(behind, { rules: all, stands, random, say: spoken }),
    inner: (behind) => gatewayBefore(behind, { rules: forFailures, stands, random, say: (response) => response }),
  };
}

interface Place {
  readonly rules: readonly RulesAt[];
  readonly stands: Gateway['stands'];
  readonly random: () => number;
  /** Makes of a response what its client understands. */
  readonly say: typeof spoken;
}

function gatewayBefore(behind: Behind, { rules, stands, random, say }: Place): Gateway {
  const layers = rules.map(layerOf);

  return {
    stands,
    async fetch(arrival) {
      const entry = enter(arrival, null);
      if (entry === null) return behind.pass(arrival);
      const { call, first } = entry;
      const answer = await first(call);
      const { status } = answer;
      // Only now: rules look at the error itself.
      const response = status < 400 ? answer : say(answer, call.asked);
      if (!call.passed) behind.answered(call.innermost, { status, response });
      return response;
    },
  };

  function layerOf(its: RulesAt): Layer {
    const layer: Layer = {
      ...its,
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
    for (let index = passed === null ? 0 : layers.indexOf(passed.layer) + 1; index < layers.length; index++) {
      const layer = layers[index]!;
      const blocks = layer.blocksOf(arrival.chosen);
      if (blocks === undefined) continue;
      const { first, parameters } = chainFor(compiledOf(layer, blocks, arrival.chosen.version), arrival, layer);
      return { call: new GatewayCall(arrival, { parameters, random, outer: passed?.call ?? null }), first };
    }
    return null;
  }
}

function compiledOf({ made, compiled }: Layer, blocks: readonly GatewayBlock[], version: LoadedVersion): Compiled {
  const known = compiled.get(version);
  if (known?.of === blocks) return known;
  let versions = made.get(blocks);
  if (versions === undefined) made.set(blocks, (versions = new WeakMap()));
  let rules = versions.get(version);
  if (rules === undefined) versions.set(version, (rules = new Map()));
  const fresh = compile(blocks, rules);
  compiled.set(version, fresh);
  return fresh;
}
