import { isUnavailable } from '../errors.ts';
import type { RuleSet } from '../registry/operator-rules.ts';
import type { Registry } from '../registry/registry.ts';
import { createRouter, type Destination } from './router.ts';

export interface RoutesOptions {
  readonly registry: Registry;
  readonly now: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
  readonly root: string | undefined;
}

/** The router for the routes that are in force, and the rules that stand before all of them: both are read together. */
export class Routes {
  readonly #options: RoutesOptions;
  #router: { readonly match: (url: string) => Destination | null; readonly readAt: number } | undefined;
  #changes = 0;
  #rules: { readonly set: RuleSet | null; readonly read: number } = { set: null, read: 0 };
  #reads = 0;

  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  /** Those of the host, as they were when the last match was made, or later; null where there are none. */
  get rules(): RuleSet | null {
    return this.#rules.set;
  }

  match(url: string, time = this.#options.now()): Destination | null | Promise<Destination | null> {
    if (this.#router === undefined || time - this.#router.readAt > this.#options.maxAge) return this.#read().then((match) => match(url));
    return this.#router.match(url);
  }

  forget(): void {
    this.#changes++;
    this.#router = undefined;
  }

  /** They have changed elsewhere: what is known answers until it is read again, and where that fails for want of the store. */
  expire(): void {
    this.#changes++;
    if (this.#router) this.#router = { ...this.#router, readAt: -Infinity };
  }

  async #read(): Promise<(url: string) => Destination | null> {
    const { registry, root, now } = this.#options;
    const readAt = now();
    // Those who come while this read is under way go on with what was known.
    const before = this.#router;
    if (before) this.#router = { ...before, readAt };
    const changes = this.#changes;
    const read = ++this.#reads;
    const match = await Promise.all([registry.routes(), registry.rules.ofHost(this.#rules.set)]).then(
      ([routes, set]) => {
        // Never what is older than what is known: of two that read, the first may come last.
        if (read > this.#rules.read) this.#rules = { set, read };
        return createRouter({ routes, root });
      },
      (error: unknown) => {
        // Cut off from the store, a host goes on with what it knows.
        if (before && isUnavailable(error)) return before.match;
        throw error;
      },
    );
    // What changed while it was read may not be in it.
    if (changes === this.#changes) this.#router = { match, readAt };
    return match;
  }
}
