import { invalid, unsupported } from '../binary/errors.ts';
import type { ComponentInstance, ModuleInstanceItem, Resource } from './items.ts';
import { TypePool } from './pool.ts';

/** A small component may instantiate others by the million; a true one stays far below. */
const MAX_STEPS = 1_000_000;
const MAX_NESTING = 100;
/** Each is made again for every instance of the whole. */
const MAX_INSTANCES = 1_000;

/** What one run of the linker shares. */
export class Context {
  readonly pool = new TypePool();
  /** The whole. */
  readonly root: ComponentInstance = { parent: null, live: true };
  /** Instances of core modules in the order in which they are made. */
  readonly instances: ModuleInstanceItem[] = [];
  /** Nested components and types, as they are written, that were gone through for whatever they may be given. */
  readonly checked = new Set<object>();
  readonly #resources: Resource[] = [];
  #steps = 0;
  #nesting = 0;

  made(instance: ModuleInstanceItem, offset: number): void {
    this.instances.push(instance);
    if (this.instances.length > MAX_INSTANCES) throw unsupported(`more than ${MAX_INSTANCES} core instances`, offset);
  }

  resource(source: Resource['source']): Resource {
    const resource: Resource = { id: this.#resources.length, source };
    this.#resources.push(resource);
    return resource;
  }

  resourceById(id: number): Resource {
    return this.#resources[id]!;
  }

  /** Counts work that a few bytes may ask for again and again. */
  step(offset: number, count = 1): void {
    this.#steps += count;
    if (this.#steps > MAX_STEPS) throw invalid(`it takes more than ${MAX_STEPS} definitions to instantiate it`, offset);
  }

  nested<T>(offset: number, run: () => T): T {
    if (++this.#nesting > MAX_NESTING) throw invalid(`instances are nested more than ${MAX_NESTING} deep`, offset);
    const value = run();
    this.#nesting--;
    return value;
  }
}
