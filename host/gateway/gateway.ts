import type { LoadedVersion } from '../dispatch/cell.ts';
import type { Chosen } from '../dispatch/functions.ts';
import type { GatewayBlock } from '../registry/gateway/schema.ts';
import type { RuleSet } from '../registry/operator-rules.ts';
import type { Arrival } from './arrival.ts';
import { GatewayCall, type Next } from './call.ts';
import { chainFor, compile, type Chaining, type Compiled } from './chain.ts';
import { ruleKinds, type GatewayTools } from './rules.ts';
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

/** Rules that stand one behind the other, each set as if it was a proxy of its own: none takes away what one before it says. */
interface Layer extends Chaining {
  blocksOf(chosen: Chosen): readonly GatewayBlock[] | undefined;
  /** By the blocks, and then by the version that they stand before. */
  readonly compiled: WeakMap<readonly GatewayBlock[], WeakMap<LoadedVersion, Compiled>>;
}

/** A request at the first rule of a layer. */
interface Entry {
  readonly call: GatewayCall;
  readonly first: Next;
}

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
      const { call, first } = entry;
      const answer = await first(call);
      const { status } = answer;
      // Only now: rules look at the error itself.
      const response = status < 400 ? answer : spoken(answer, call.asked);
      if (!call.passed) behind.answered(call.innermost, { status, response });
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
      const { first, parameters } = chainFor(compiledOf(layer, blocks, version), arrival, layer);
      return { call: new GatewayCall(arrival, { parameters, random: tools.random, outer: passed?.call ?? null }), first };
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
