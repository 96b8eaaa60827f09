import type { Codec } from '../abi/codec.ts';
import { createCodecs } from '../abi/codecs.ts';
import type { AbiTarget } from '../abi/target.ts';
import { liftFlat, paramsOf } from '../abi/flat.ts';
import { text } from '../abi/text.ts';
import { GuestMemory } from '../abi/memory.ts';
import { hostMarksOf } from '../core/host-marks.ts';
import { limitMemory } from '../core/reset.ts';
import type { Hosts } from '../host.ts';
import type { CanonOptions, ComponentFunction, CoreItem, Plan, CoreFunction as PlanFunction } from '../plan.ts';
import { Trap } from '../trap.ts';
import { builtIn, resourceBuiltIn } from './builtins.ts';
import { checkEntry, type ComponentState } from './component-state.ts';
import { copyBuiltIn, type CopyBuiltIn } from './copy-builtins.ts';
import { callableHost, importedFunction } from './imports.ts';
import type { Instance, InstanceOptions } from './instance.ts';
import { entered } from './jspi.ts';
import { Lifted, type Callable, type CoreFunction } from './lifted.ts';
import { lowerAsync, lowerSync } from './lower.ts';
import { hostAsync, hostBlocking, hostSync } from './lower-host.ts';
import { Support } from './support.ts';
import { Task } from './task.ts';

/** An instance's core wasm, put together. */
export interface Linked {
  readonly instances: readonly WebAssembly.Exports[];
  exported(of: string, name: string): Callable;
  /** Whether what runs in an instance of a component can be suspended. */
  suspends(component: ComponentState): boolean;
}

/** Makes the core instances in the plan's order; functions that they get from each other, or from us, as they come up. */
export function link(instance: Instance, modules: readonly WebAssembly.Module[], hosts: Hosts, options: InstanceOptions): Linked {
  const linker = new Linker(instance, hosts, modules);
  for (const { module, imports, component } of instance.plan.instances) linker.instantiate(modules[module]!, imports, component, options);
  return linker;
}

class Linker implements Linked {
  readonly instances: WebAssembly.Exports[] = [];
  readonly #instance: Instance;
  readonly #plan: Plan;
  readonly #hosts: Hosts;
  readonly #support: Support;
  readonly #functions: (CoreFunction | undefined)[] = [];
  readonly #memories: (GuestMemory | undefined)[] = [];
  readonly #callables: (Callable | undefined)[] = [];
  readonly #targets = new Map<string, (type: number) => Codec>();

  constructor(instance: Instance, hosts: Hosts, modules: readonly WebAssembly.Module[]) {
    this.#instance = instance;
    this.#plan = instance.plan;
    this.#hosts = hosts;
    this.#support = new Support(instance, modules, (index) => this.#function(index));
  }

  suspends(component: ComponentState): boolean {
    return this.#plan.suspends.components.includes(component.index);
  }

  exported(of: string, name: string): Callable {
    const index = this.#plan.exports[of]?.[name];
    if (index === undefined) throw new TypeError(`The component exports no ${of} ${name}.`);
    return this.#callable(index);
  }

  instantiate(
    module: WebAssembly.Module,
    imports: Plan['instances'][number]['imports'],
    component: number,
    options: InstanceOptions,
  ): void {
    const given: WebAssembly.Imports = {};
    for (const [from, items] of Object.entries(imports)) {
      const values: WebAssembly.ModuleImports = {};
      for (const [name, item] of Object.entries(items)) values[name] = this.#item(item);
      given[from] = values;
    }
    const state = this.#instance.components[component]!;
    const { exports } = this.#instance.within(startTask(this.#instance, state), () => new WebAssembly.Instance(module, given));
    if (options.maxPages !== undefined) limitMemory([exports], options.maxPages);
    this.instances.push(exports);
  }

  #item(item: CoreItem): WebAssembly.ImportValue {
    if (item.kind !== 'function') return this.instances[item.instance]![item.name]!;
    return this.#support.function(item.function) ?? (this.#function(item.function) as () => unknown);
  }

  #function(index: number): CoreFunction {
    return (this.#functions[index] ??= this.#make(this.#plan.coreFunctions[index]!));
  }

  #make(what: PlanFunction): CoreFunction {
    if (what.kind === 'export') return this.instances[what.instance]![what.name] as CoreFunction;
    const instance = this.#instance;
    const component = instance.components[what.component]!;
    switch (what.kind) {
      case 'lower':
        return this.#lower(component, what.function, what.options);
      case 'resource.new':
      case 'resource.rep':
      case 'resource.drop':
        return resourceBuiltIn(instance, component, what, this.#destroyer(component, what.resource));
      case 'context.get':
      case 'context.set':
        throw new Trap(`${what.kind} is missing in the component's support module.`);
      default:
        if (isCopy(what))
          return copyBuiltIn(instance, component, what, () => {
            const options = 'options' in what ? what.options : null;
            return {
              memory: options === null ? null : this.#memory(options.memory),
              item: what.element === null || options === null ? null : this.#codecs(component, options)(what.element),
            };
          });
        return builtIn(instance, component, what, {
          memory: () => this.#memory('memory' in what ? what.memory : 'options' in what ? what.options.memory : null)!,
          taskResult: () => {
            const { result, options } = what as Extract<PlanFunction, { kind: 'task.return' }>;
            return result === null ? () => undefined : liftFlat(this.#codecs(component, options)(result));
          },
          string: () => text(this.#target(component, (what as { options: CanonOptions }).options)),
        });
    }
  }

  #lower(component: ComponentState, index: number, options: CanonOptions): CoreFunction {
    const instance = this.#instance;
    const target = this.#plan.functions[index]!;
    const signature = this.#plan.signatures[target.signature]!;
    const prepare = () => {
      const codecs = this.#codecs(component, options);
      return {
        params: paramsOf(
          signature.params.map(([, type]) => codecs(type)),
          signature.params.map(([name]) => name),
        ),
        result: signature.result === null ? null : codecs(signature.result),
      };
    };
    if (target.kind === 'lift') {
      const callee = this.#callable(index);
      return options.async
        ? lowerAsync(instance, component, callee, prepare)
        : lowerSync(instance, component, callee, signature.async, prepare);
    }
    const imported = importedFunction(this.#plan, target, this.#hosts);
    if (options.async) return hostAsync(instance, component, imported, prepare);
    return signature.async || imported.host.blocking === true
      ? hostBlocking(instance, component, imported, signature.async, prepare)
      : hostSync(instance, component, imported, prepare);
  }

  #callable(index: number): Callable {
    return (this.#callables[index] ??= this.#makeCallable(this.#plan.functions[index]!, index));
  }

  #makeCallable(what: ComponentFunction, index: number): Callable {
    if (what.kind === 'import') return callableHost(this.#instance, importedFunction(this.#plan, what, this.#hosts));
    const { options } = what;
    const component = this.#instance.components[what.component]!;
    const signature = this.#plan.signatures[what.signature]!;
    const { asyncType, resultType, name } = {
      asyncType: signature.async,
      resultType: signature.result,
      name: nameOf(this.#plan, index),
    };
    return new Lifted(this.#instance, component, { name, asyncType, options, resultType }, () => {
      const codecs = this.#codecs(component, options);
      const entry = (fn: number) => this.#entry(component, fn);
      return {
        core: entry(what.core),
        callback: options.callback === null ? null : entry(options.callback),
        postReturn: options.postReturn === null ? null : this.#function(options.postReturn),
        params: paramsOf(
          signature.params.map(([, type]) => codecs(type)),
          signature.params.map(([name]) => name),
        ),
        result: signature.result === null ? null : codecs(signature.result),
      };
    });
  }

  /** A guest's function as it is called from here: on a stack that can be suspended, where something may do that. */
  #entry(component: ComponentState, index: number): CoreFunction {
    const fn = this.#function(index);
    return this.suspends(component) && this.#plan.coreFunctions[index]!.kind === 'export' ? entered(fn) : fn;
  }

  #destroyer(component: ComponentState, resource: number): (rep: unknown) => unknown {
    const type = this.#plan.resources[resource]!;
    if (type.kind === 'imported') return (rep) => (rep as Partial<Disposable> | null)?.[Symbol.dispose]?.();
    if (type.destructor === null) return () => undefined;
    const { destructor } = type;
    const owner = this.#instance.components[type.component]!;
    const task = () => startTask(this.#instance, owner);
    return (rep) => {
      checkEntry(owner, component);
      this.#instance.within(task(), () => this.#function(destructor)(rep));
    };
  }

  #memory(index: number | null): GuestMemory | null {
    if (index === null) return null;
    const { instance, name } = this.#plan.memories[index]!;
    const exports = this.instances[instance]!;
    return (this.#memories[index] ??= new GuestMemory(exports[name] as WebAssembly.Memory, hostMarksOf(exports, name)));
  }

  /** One set of codecs for each memory, realloc and encoding that a component uses. */
  #codecs(component: ComponentState, options: CanonOptions): (type: number) => Codec {
    const key = `${component.index} ${options.memory} ${options.realloc} ${options.encoding}`;
    let codecs = this.#targets.get(key);
    if (codecs === undefined) this.#targets.set(key, (codecs = createCodecs(this.#plan, this.#target(component, options))));
    return codecs;
  }

  #target(component: ComponentState, options: CanonOptions): AbiTarget {
    const memory = this.#memory(options.memory);
    return { component, memory, encoding: options.encoding, realloc: this.#realloc(component, options.realloc, memory) };
  }

  #realloc(component: ComponentState, index: number | null, memory: GuestMemory | null): AbiTarget['realloc'] {
    if (index === null) return null;
    const realloc = this.#function(index);
    return (...args) => {
      const before = component.mayLeave;
      component.mayLeave = false;
      const pointer = (realloc(...args) as number) >>> 0;
      component.mayLeave = before;
      memory?.refresh();
      return pointer;
    };
  }
}

function isCopy(what: PlanFunction): what is CopyBuiltIn {
  return what.kind.startsWith('stream.') || what.kind.startsWith('future.');
}

/** What runs while there is no call: start functions and destructors. */
function startTask(instance: Instance, component: ComponentState): Task {
  const options: CanonOptions = { encoding: 'utf8', memory: null, realloc: null, postReturn: null, async: false, callback: null };
  const lifted = new Lifted(instance, component, { name: 'instantiation', asyncType: false, options, resultType: null }, () => {
    throw new Trap('This task has no code of its own.');
  });
  return new Task(instance, lifted, {
    caller: null,
    invocation: instance.current?.invocation ?? null,
    args: () => [],
    resolve() {},
    cancelled() {},
  });
}

function nameOf(plan: Plan, index: number): string {
  for (const [of, names] of Object.entries(plan.exports))
    for (const [name, at] of Object.entries(names)) if (at === index) return of === '' ? name : `${of} ${name}`;
  return `function ${index}`;
}
