import type { Registry } from '../registry/registry.ts';
import { createRouter, type Destination } from './router.ts';

export interface RoutesOptions {
  readonly registry: Registry;
  readonly now: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
  readonly root: string | undefined;
}

/** The router for the routes that are in force. */
export class Routes {
  readonly #options: RoutesOptions;
  #router: { readonly match: (url: string) => Destination | null; readonly readAt: number } | undefined;
  #changes = 0;

  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  match(url: string, time = this.#options.now()): Destination | null | Promise<Destination | null> {
    if (this.#router === undefined || time - this.#router.readAt > this.#options.maxAge) return this.#read().then((match) => match(url));
    return this.#router.match(url);
  }

  forget(): void {
    this.#changes++;
    this.#router = undefined;
  }

  async #read(): Promise<(url: string) => Destination | null> {
    const { registry, root, now } = this.#options;
    const readAt = now();
    // Those who come while this read is under way go on with what was known.
    if (this.#router) this.#router = { ...this.#router, readAt };
    const changes = this.#changes;
    const match = createRouter({ routes: await registry.routes(), root });
    // What changed while it was read may not be in it.
    if (changes === this.#changes) this.#router = { match, readAt };
    return match;
  }
}
