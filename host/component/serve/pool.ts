import type { Instance } from '../runtime/instance.ts';
import type { ServeSettings } from './settings.ts';

/** Instances of one component that wait for a request. More are made as needed: how many may run is the cell's to say. */
export class InstancePool {
  readonly #make: () => Instance;
  readonly #settings: ServeSettings;
  /** Whether all its modules can be put back to what they were. */
  readonly #resets: boolean;
  /** Weak, because one that hangs for ever is never given back. */
  readonly #places = new WeakMap<Instance, Place>();
  /** Those that can take a request, the last used at the end. */
  readonly #free: Instance[] = [];
  #first: Instance | null = null;

  constructor(make: () => Instance, settings: ServeSettings, resets: boolean) {
    this.#make = make;
    this.#settings = settings;
    this.#resets = resets;
  }

  /** @param concurrent how many requests an instance may serve at the same time */
  take(concurrent: number): Instance {
    const instance = this.#usable() ?? this.#fresh();
    const place = this.#places.get(instance)!;
    place.requests += 1;
    place.running += 1;
    if (place.running >= concurrent) this.#free.pop();
    place.full = place.running >= concurrent;
    return instance;
  }

  /** A request is over. */
  give(instance: Instance): void {
    const place = this.#places.get(instance);
    if (place === undefined) return;
    place.running -= 1;
    if (!this.#fit(instance, place)) return this.drop(instance);
    if (place.full && !place.spent) {
      place.full = false;
      this.#free.push(instance);
    }
  }

  /** Uses an instance no more. */
  drop(instance: Instance): void {
    this.#close(instance);
    this.#places.delete(instance);
  }

  /** The last used, if a request can begin in it. */
  #usable(): Instance | undefined {
    for (;;) {
      const instance = this.#free.at(-1);
      if (instance === undefined || (instance.dead === null && !instance.busy)) return instance;
      // Its guest waits while it lets nobody in, perhaps for ever: it comes back when one of its requests is over.
      this.#free.pop();
      if (instance.dead === null) this.#places.get(instance)!.full = true;
      else this.drop(instance);
    }
  }

  #fresh(): Instance {
    const instance = this.#make();
    if (this.#settings.isolation === 'request' && this.#resets) {
      instance.remember(this.#first);
      this.#first ??= instance;
    }
    this.#places.set(instance, { requests: 0, running: 0, full: false, spent: false, handles: null });
    this.#free.push(instance);
    return instance;
  }

  /** Whether an instance may serve on. */
  #fit(instance: Instance, place: Place): boolean {
    if (instance.dead !== null) return false;
    const { isolation, maxRequests, maxHandles } = this.#settings;
    if (isolation === 'request') return this.#resets && instance.reset();
    place.handles ??= instance.handles;
    place.spent = place.requests >= maxRequests || instance.handles - place.handles > maxHandles;
    if (!place.spent) return true;
    this.#close(instance);
    return place.running > 0;
  }

  /** It takes no more requests. */
  #close(instance: Instance): void {
    const at = this.#free.indexOf(instance);
    if (at >= 0) this.#free.splice(at, 1);
  }
}

interface Place {
  requests: number;
  running: number;
  /** Serves as many as it may. */
  full: boolean;
  /** Takes no more. */
  spent: boolean;
  /** In use after its first request. */
  handles: number | null;
}
