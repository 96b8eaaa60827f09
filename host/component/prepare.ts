import { debugSections, withModuleName, withoutDebug } from './debug/debug-sections.ts';
import { lineMap } from './debug/line-map.ts';
import { growName, marksName, sizeName } from './core/reserved.ts';
import { rewriteModule, type ImportedMemory, type Rewritten } from './core/rewrite.ts';
import { linkComponent, type World } from './link/link.ts';
import type { CoreFunction, CoreInstance, CoreItem, LinkedPlan, Plan } from './plan.ts';
import { supportOf } from './support.ts';
import type { Blocks } from './suspending.ts';

const SUPPORT_MODULE = 'support.wasm';

/** A component, ready to be run. */
export interface Prepared {
  readonly plan: Plan;
  /** In the order of `plan.modules`. */
  readonly modules: readonly Uint8Array<ArrayBuffer>[];
  /** For each of `modules`: a source map (ECMA-426) of its byte offsets, as columns of line 1; null without debug information. */
  readonly maps: readonly (string | null)[];
  /** What `describeComponent` tells of. */
  readonly world: World;
}

export interface PrepareOptions {
  /** Whether an instance will be put back after each request, which its code has to be made for; it will by default. */
  readonly resets?: boolean;
}

/**
 * Turns a component into a plan and core modules that can be put back after a request. The same bytes give the same.
 *
 * @param blocks what the host says of its functions
 * @throws {BrinkError} component-invalid, component-unsupported; with the byte offset
 */
export function prepareComponent(bytes: Uint8Array<ArrayBuffer>, blocks: Blocks, { resets = true }: PrepareOptions = {}): Prepared {
  const { plan, modules: parts, world } = linkComponent(bytes);
  // Parts of `bytes`, and so of the same kind of buffer.
  const modules = parts as readonly Uint8Array<ArrayBuffer>[];
  const marked = resets ? rewriteAll(plan, modules, true) : null;
  const marks = marked !== null && marked.every((each) => each === undefined || !('impossible' in each.reset));
  const rewritten = marks ? marked : rewriteAll(plan, modules, false);
  const coreFunctions = [...plan.coreFunctions];
  const { suspends, module: support } = supportOf(plan, modules, blocks);
  const instances = plan.instances.map((instance) =>
    withCounters(instance, { shares: rewritten[instance.module]!.shares, marks, coreFunctions }),
  );
  const finished = modules.map((module, index) => finish(module, rewritten[index], plan.modules[index]!.name));
  return {
    plan: {
      ...plan,
      modules: [
        ...plan.modules.map((module, index) => ({ ...module, fixed: whyFixed((marked ?? rewritten)[index]) })),
        ...(support === null ? [] : [{ name: SUPPORT_MODULE, fixed: null }]),
      ],
      instances,
      coreFunctions,
      suspends,
      support: support === null ? null : modules.length,
    },
    modules: [...finished.map(({ bytes }) => bytes), ...(support === null ? [] : [support])],
    maps: [...finished.map(({ map }) => map), ...(support === null ? [] : [null])],
    world,
  };
}

/** In the order of instantiation, so that whoever has a memory is done before those that import it. */
function rewriteAll(plan: LinkedPlan, modules: readonly Uint8Array<ArrayBuffer>[], marks: boolean): (Rewritten | undefined)[] {
  const rewritten: (Rewritten | undefined)[] = [];
  for (const { module } of plan.instances) {
    const users = plan.instances.filter((instance) => instance.module === module);
    rewritten[module] ??= rewriteModule(modules[module]!, {
      marks,
      sharable: (memory) =>
        users.every((user) => {
          const item = memoryOf(user, memory);
          return item !== null && rewritten[plan.instances[item.instance]!.module]?.counted === true;
        }),
    });
  }
  return rewritten;
}

interface Sharing {
  readonly shares: readonly ImportedMemory[];
  readonly marks: boolean;
  readonly coreFunctions: CoreFunction[];
}

/** Beside a memory that it imports, a module gets the functions that count the memory's pages, and its marks. */
function withCounters(instance: CoreInstance, { shares, marks, coreFunctions }: Sharing): CoreInstance {
  if (shares.length === 0) return instance;
  const imports: Record<string, Record<string, CoreItem>> = { ...instance.imports };
  for (const memory of shares) {
    const { instance: owner, name } = memoryOf(instance, memory)!;
    const add = (named: string): CoreItem => ({
      kind: 'function',
      function: coreFunctions.push({ kind: 'export', instance: owner, name: named }) - 1,
    });
    imports[memory.module] = {
      ...imports[memory.module],
      [sizeName(memory.name)]: add(sizeName(name)),
      [growName(memory.name)]: add(growName(name)),
      ...(marks && { [marksName(memory.name)]: { kind: 'memory', instance: owner, name: marksName(name) } }),
    };
  }
  return { ...instance, imports };
}

function memoryOf(
  { imports }: CoreInstance,
  { module, name }: ImportedMemory,
): Extract<CoreItem, { kind: 'memory' | 'table' | 'global' | 'tag' }> | null {
  const item = imports[module]?.[name];
  return item?.kind === 'memory' ? item : null;
}

/** Debug information becomes a source map, and leaves the module, which gets the name that the map belongs to. */
function finish(
  original: Uint8Array<ArrayBuffer>,
  rewritten: Rewritten | undefined,
  name: string,
): { bytes: Uint8Array<ArrayBuffer>; map: string | null } {
  const { bytes, inserted } = rewritten ?? { bytes: original, inserted: [] };
  const debug = debugSections(original);
  if (debug.size === 0) return { bytes, map: null };
  const plain = withoutDebug(bytes);
  const named = withModuleName(plain, name);
  const map = lineMap(debug, { original, rewritten: named, inserted });
  return map === null ? { bytes: plain, map } : { bytes: named, map };
}

function whyFixed(rewritten: Rewritten | undefined): string | null {
  return rewritten !== undefined && 'impossible' in rewritten.reset ? rewritten.reset.impossible : null;
}
