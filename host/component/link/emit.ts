import type { Context } from './context.ts';
import type {
  CanonOptions,
  ComponentFunction,
  CoreExport,
  CoreFunction,
  CoreInstance,
  CoreItem,
  LinkedPlan,
  ResourceType,
  Signature,
  ValueType,
} from '../plan.ts';
import type {
  ComponentInstance,
  CoreMemoryItem,
  CoreFunctionItem,
  CoreItem as Item,
  Exports,
  FunctionItem,
  ModuleInstanceItem,
  ModuleItem,
  Options,
  Resource,
} from './items.ts';
import { withParts } from './pool.ts';

export interface Linked {
  /** Without what `prepareComponent` adds. */
  readonly plan: LinkedPlan;
  /** In the order of `plan.modules`. */
  readonly modules: readonly Uint8Array[];
}

/** Writes the plan, from what core modules import and what is exported: what neither reaches is left out. */
export function emit(context: Context, exports: Exports): Linked {
  const emitter = new Emitter(context);
  emitter.component(context.root);
  for (const instance of context.instances) emitter.instance(instance);
  return emitter.finish(exports);
}

const CORE_KINDS = { 'core memory': 'memory', 'core table': 'table', 'core global': 'global', 'core tag': 'tag' } as const;

class Emitter {
  readonly #context: Context;
  readonly #bytes: Uint8Array[] = [];
  readonly #types = new Rows<ValueType>();
  readonly #signatures = new Rows<Signature>();
  readonly #resources = new Rows<ResourceType>();
  readonly #components = new Rows<{ readonly parent: number | null }>();
  readonly #memories = new Rows<CoreExport>();
  readonly #coreFunctions = new Rows<CoreFunction>();
  readonly #functions = new Rows<ComponentFunction>();
  readonly #modules = new Rows<{ readonly name: string; readonly fixed: null }>();
  readonly #instances = new Rows<CoreInstance>();

  constructor(context: Context) {
    this.#context = context;
  }

  finish(exports: Exports): Linked {
    const byInterface = new Map<string, Map<string, number>>();
    this.#exports(exports, '', byInterface);
    const plan: LinkedPlan = {
      format: 1,
      modules: this.#modules.all,
      types: this.#types.all,
      signatures: this.#signatures.all,
      resources: this.#resources.all,
      components: this.#components.all,
      memories: this.#memories.all,
      coreFunctions: this.#coreFunctions.all,
      functions: this.#functions.all,
      instances: this.#instances.all,
      exports: Object.fromEntries([...byInterface].map(([name, functions]) => [name, Object.fromEntries(functions)])),
    };
    return { plan, modules: this.#bytes };
  }

  #exports(exports: Exports, within: string, into: Map<string, Map<string, number>>): void {
    const functions = new Map<string, number>();
    for (const [name, item] of exports) if (item.sort === 'func') functions.set(name, this.#function(item));
    if (within !== '' || functions.size > 0) into.set(within, functions);
    for (const [name, item] of exports) {
      if (item.sort === 'instance') this.#exports(item.exports, within === '' ? name : `${within}/${name}`, into);
    }
  }

  instance(item: ModuleInstanceItem): number {
    return this.#instances.at(item, () => {
      const imports = new Map<string, Map<string, CoreItem>>();
      for (const { module, name, item: imported } of item.imports) {
        let items = imports.get(module);
        if (!items) imports.set(module, (items = new Map<string, CoreItem>()));
        items.set(name, this.#coreItem(imported));
      }
      return {
        module: this.#module(item.module),
        imports: Object.fromEntries([...imports].map(([module, items]) => [module, Object.fromEntries(items)])),
        component: this.component(item.component),
      };
    });
  }

  #module(item: ModuleItem): number {
    return this.#modules.at(item.bytes, (index) => {
      this.#bytes.push(item.bytes!);
      return { name: `core${index}.wasm`, fixed: null };
    });
  }

  #coreItem(item: Item): CoreItem {
    if (item.sort === 'core func') return { kind: 'function', function: this.#coreFunction(item) };
    return { kind: CORE_KINDS[item.sort], instance: this.instance(item.instance), name: item.name };
  }

  component(item: ComponentInstance): number {
    return this.#components.at(item, () => ({ parent: item.parent === null ? null : this.component(item.parent) }));
  }

  #memory({ instance, name }: CoreMemoryItem): number {
    const of = this.instance(instance);
    return this.#memories.at(`${of} ${name}`, () => ({ instance: of, name }));
  }

  #function({ signature, source }: FunctionItem): number {
    return this.#functions.at(source, (): ComponentFunction => {
      const written = this.#signature(signature);
      if (source.kind === 'import') return { ...source, signature: written };
      return {
        kind: 'lift',
        core: this.#coreFunction(source.core),
        signature: written,
        component: this.component(source.component),
        options: this.#options(source.options),
      };
    });
  }

  #coreFunction({ source }: CoreFunctionItem): number {
    if (source.kind === 'export') {
      const instance = this.instance(source.instance);
      const { name } = source;
      return this.#coreFunctions.at(`${instance} ${name}`, () => ({ kind: 'export', instance, name }));
    }
    return this.#coreFunctions.at(source, (): CoreFunction => {
      const component = this.component(source.component);
      const element = 'element' in source ? this.#maybeType(source.element) : null;
      switch (source.kind) {
        case 'lower':
          return { kind: source.kind, function: this.#function(source.function), component, options: this.#options(source.options) };
        case 'resource.new':
        case 'resource.rep':
        case 'resource.drop':
          return { kind: source.kind, resource: this.#resource(source.resource), component };
        case 'task.return':
          return { kind: source.kind, result: this.#maybeType(source.result), component, options: this.#options(source.options) };
        case 'waitable-set.wait':
        case 'waitable-set.poll':
          return { kind: source.kind, cancellable: source.cancellable, memory: this.#memory(source.memory), component };
        case 'stream.read':
        case 'stream.write':
        case 'future.read':
        case 'future.write':
          return { kind: source.kind, element, component, options: this.#options(source.options) };
        case 'error-context.new':
        case 'error-context.debug-message':
          return { kind: source.kind, component, options: this.#options(source.options) };
        case 'stream.cancel-read':
        case 'stream.cancel-write':
        case 'future.cancel-read':
        case 'future.cancel-write':
          return { kind: source.kind, element, async: source.async, component };
        case 'stream.new':
        case 'stream.drop-readable':
        case 'stream.drop-writable':
        case 'future.new':
        case 'future.drop-readable':
        case 'future.drop-writable':
          return { kind: source.kind, element, component };
        default:
          return { ...source, component };
      }
    });
  }

  #options(options: Options): CanonOptions {
    const functionOf = (item: CoreFunctionItem | null) => (item === null ? null : this.#coreFunction(item));
    return {
      encoding: options.encoding,
      memory: options.memory === null ? null : this.#memory(options.memory),
      realloc: functionOf(options.realloc),
      postReturn: functionOf(options.postReturn),
      async: options.async,
      callback: functionOf(options.callback),
    };
  }

  #signature(index: number): number {
    return this.#signatures.at(index, () => {
      const { async, params, result } = this.#context.pool.signature(index);
      return { async, params: params.map(([name, type]) => [name, this.#type(type)]), result: this.#maybeType(result) };
    });
  }

  #maybeType(index: number | null): number | null {
    return index === null ? null : this.#type(index);
  }

  #type(index: number): number {
    return this.#types.at(index, (): ValueType => {
      const { type } = this.#context.pool.info(index);
      if (type.kind !== 'own' && type.kind !== 'borrow') return withParts(type, (part) => this.#type(part));
      return { kind: type.kind, resource: this.#resource(this.#context.resourceById(type.resource)) };
    });
  }

  #resource(item: Resource): number {
    return this.#resources.at(item, (): ResourceType => {
      const { source } = item;
      if (source.kind === 'imported') return source;
      const destructor = source.destructor === null ? null : this.#coreFunction(source.destructor);
      return { kind: 'defined', component: this.component(source.component), destructor };
    });
  }
}

/** One array of the plan: an item is written once, after those that it is made of. */
class Rows<T> {
  readonly all: T[] = [];
  readonly #places = new Map<unknown, number>();

  at(key: unknown, write: (index: number) => T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const row = write(this.all.length);
    this.#places.set(key, this.all.length);
    this.all.push(row);
    return this.all.length - 1;
  }
}
