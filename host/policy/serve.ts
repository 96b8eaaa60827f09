import * as library from '@open-policy-agent/opa-wasm';

type LoadedPolicy = library.LoadedPolicy;

/** Its types name what its default export has as if it exported that itself. */
const { loadPolicySync } = (library as unknown as { readonly default: typeof library }).default;

/** A policy as the build hands it over. */
export interface ServedPolicy {
  /** What it is asked for by. */
  readonly id: string;
  readonly module: WebAssembly.Module;
  /** How many pages its memory has at first. */
  readonly pages: number;
  readonly data?: unknown;
  /** Those that are asked for. */
  readonly entrypoints: readonly string[];
}

/** What a cell is asked. */
export interface Question {
  readonly policy: string;
  readonly entrypoint: string;
  readonly input: object;
}

/** What it says: the results of the entrypoint, of which there are none where it is undefined, or why there are none. */
export type Answer = { readonly results: unknown } | { readonly failure: string };

/** 64 MiB, the most that a policy's memory grows to. */
const MAX_PAGES = 1_024;

/** Makes policies the handler of a cell of their own. It throws where one of them cannot be asked, which its publish then says. */
export function servePolicies(policies: readonly ServedPolicy[]): { fetch(request: Request): Promise<Response> } {
  const loaded = new Map(policies.map((policy) => [policy.id, new Asked(policy)]));
  return {
    async fetch(request) {
      const { policy, entrypoint, input } = (await request.json()) as Question;
      return Response.json(loaded.get(policy)!.answer(entrypoint, input));
    },
  };
}

class Asked {
  readonly #policy: ServedPolicy;
  #loaded: LoadedPolicy | null;

  constructor(policy: ServedPolicy) {
    this.#policy = policy;
    this.#loaded = load(policy);
  }

  answer(entrypoint: string, input: object): Answer {
    try {
      this.#loaded ??= load(this.#policy);
      return { results: this.#loaded.evaluate(input, entrypoint) as unknown };
    } catch (error) {
      // Nobody knows in what state it has left its memory.
      this.#loaded = null;
      return { failure: messageOf(error).slice(0, 1_000) };
    }
  }
}

function load({ id, module, pages, data, entrypoints }: ServedPolicy): LoadedPolicy {
  try {
    const loaded = loadPolicySync(module, { initial: pages, maximum: Math.max(pages, MAX_PAGES) });
    const there = loaded.entrypoints as object;
    const missing = entrypoints.find((name) => !Object.hasOwn(there, name));
    if (missing !== undefined) throw new Error(`it has no entrypoint "${missing}", but ${Object.keys(there).join(', ') || 'none'}`);
    if (data !== undefined) loaded.setData(data as object);
    return loaded;
  } catch (error) {
    throw new Error(`The policy ${id} cannot be asked: ${messageOf(error)}`, { cause: error });
  }
}

/** The library throws texts and plain objects as well. */
function messageOf(error: unknown): string {
  return String((error as Partial<Error> | null)?.message ?? error);
}
