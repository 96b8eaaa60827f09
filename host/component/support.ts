import { readModule, type Module } from './core/module.ts';
import { slotName, supportModule, type ContextFunction, type Gate } from './core/support.ts';
import type { FunctionType } from './core/types.ts';
import type { CoreFunction, LinkedPlan, Plan } from './plan.ts';
import { suspending, type Blocks } from './suspending.ts';

export interface Supported {
  readonly suspends: Plan['suspends'];
  /** Null where nothing asks for it. */
  readonly module: Uint8Array<ArrayBuffer> | null;
}

/** What of a plan may wait, and the module of ours that stands between its core modules and the host. */
export function supportOf(plan: LinkedPlan, modules: readonly Uint8Array[], blocks: Blocks): Supported {
  const { functions, components } = suspending(plan, blocks);
  const importers = importersOf(plan);
  const types = new ImportTypes(modules, importers);
  const gates = [...functions].map((index): Gate => ({ kind: 'gate', index, type: types.of(index) }));
  const contexts = [...importers.keys()].flatMap((index) => contextOf(plan.coreFunctions[index]!, index));
  const support = [...gates, ...contexts].sort((a, b) => a.index - b.index);
  return {
    suspends: {
      functions: gates.map(({ index, type }) => ({ function: index, wide: type.results[0] === 'i64' })),
      components: [...components],
    },
    module: support.length === 0 ? null : supportModule(support),
  };
}

function contextOf(what: CoreFunction, index: number): ContextFunction[] {
  if (what.kind !== 'context.get' && what.kind !== 'context.set') return [];
  const kind = what.kind === 'context.get' ? 'get' : 'set';
  return [{ kind, index, slot: slotName(what.component, what.slot) }];
}

interface Importer {
  readonly module: number;
  readonly from: string;
  readonly name: string;
}

/** Who imports each core function: any one of those that do. */
function importersOf({ instances }: LinkedPlan): Map<number, Importer> {
  const importers = new Map<number, Importer>();
  for (const { module, imports } of instances)
    for (const [from, items] of Object.entries(imports))
      for (const [name, item] of Object.entries(items)) if (item.kind === 'function') importers.set(item.function, { module, from, name });
  return importers;
}

/** A function that the host gives has the type that its importer says. */
class ImportTypes {
  readonly #modules: readonly Uint8Array[];
  readonly #importers: ReadonlyMap<number, Importer>;
  readonly #read = new Map<number, Module>();

  constructor(modules: readonly Uint8Array[], importers: ReadonlyMap<number, Importer>) {
    this.#modules = modules;
    this.#importers = importers;
  }

  of(index: number): FunctionType {
    const { module, from, name } = this.#importers.get(index)!;
    let read = this.#read.get(module);
    if (read === undefined) this.#read.set(module, (read = readModule(this.#modules[module]!)));
    const { index: at } = read.imports.find((each) => each.kind === 'function' && each.module === from && each.name === name)!;
    return read.types[read.functions[at]!]!;
  }
}
