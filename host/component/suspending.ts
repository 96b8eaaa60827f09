import type { CoreFunction, Plan } from './plan.ts';

/** Where JSPI comes in: nowhere, if nothing that is imported may make a guest wait in the middle of its own code. */
export interface Suspending {
  /** Core functions, by index, that may suspend their caller's stack. */
  readonly functions: ReadonlySet<number>;
  /** Instances of components that import any of them, so that whoever calls in must allow for it. */
  readonly components: ReadonlySet<number>;
}

/** Whether a function of the host without `async` in its WIT may return a promise: `blocking` marks such. */
export type Blocks = (interfaceName: string, name: string) => boolean;

type Parts = Pick<Plan, 'coreFunctions' | 'functions' | 'instances' | 'signatures'>;

export function suspending(plan: Parts, blocks: Blocks): Suspending {
  const functions = new Set<number>();
  const components = new Set<number>();
  const used = usedFunctions(plan);
  // Who calls a component that can be suspended, can be suspended as well: so on until nothing new is found.
  for (let before = -1; before !== functions.size;) {
    before = functions.size;
    for (const [component, index] of used) {
      if (!waits(plan, blocks, plan.coreFunctions[index]!, components)) continue;
      functions.add(index);
      components.add(component);
    }
  }
  return { functions, components };
}

/** What core modules import, each with the instance of a component that its importer is in. */
function usedFunctions({ instances }: Parts): (readonly [component: number, index: number])[] {
  return instances.flatMap(({ component, imports }) =>
    Object.values(imports)
      .flatMap((items) => Object.values(items))
      .flatMap((item) => (item.kind === 'function' ? [[component, item.function] as const] : [])),
  );
}

function waits(plan: Parts, blocks: Blocks, fn: CoreFunction, components: ReadonlySet<number>): boolean {
  switch (fn.kind) {
    case 'lower': {
      const target = plan.functions[fn.function]!;
      // Whether the callee has ended or waits is only known when its stack has been given up.
      if (fn.options.async) return target.kind === 'lift' && components.has(target.component);
      if (plan.signatures[target.signature]!.async) return true;
      return target.kind === 'lift' ? components.has(target.component) : blocks(target.interface, target.name);
    }
    case 'waitable-set.wait':
      return true;
    // Over at once where stacks are not suspended, as the canonical ABI allows.
    case 'thread.yield':
      return components.has(fn.component);
    case 'stream.read':
    case 'stream.write':
    case 'future.read':
    case 'future.write':
      return !fn.options.async;
    // The host's own calls, and copies, end at once where they are cancelled; another component's may take their time.
    case 'subtask.cancel':
      return plan.coreFunctions.some((other) => {
        if (other.kind !== 'lower') return false;
        const target = plan.functions[other.function]!;
        return target.kind === 'lift' && (!fn.async || components.has(target.component));
      });
    default:
      return false;
  }
}
