import type { BucketRuleEntry } from '../registry/bucket-rules.ts';
import type { Registry } from '../registry/registry.ts';

export interface BucketRulesOptions {
  readonly registry: Registry;
  readonly now: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
}

const NONE: readonly BucketRuleEntry[] = [];

/** Which queues are told of what happens in which bucket. */
export class BucketRules {
  readonly #options: BucketRulesOptions;
  #known: { readonly table: ReadonlyMap<string, readonly BucketRuleEntry[]>; readonly readAt: number } | undefined;
  #changes = 0;

  constructor(options: BucketRulesOptions) {
    this.#options = options;
  }

  async of(scope: string): Promise<readonly BucketRuleEntry[]> {
    const { registry, now, maxAge } = this.#options;
    const readAt = now();
    if (this.#known !== undefined && readAt - this.#known.readAt <= maxAge) return this.#known.table.get(scope) ?? NONE;
    const changes = this.#changes;
    const table = Map.groupBy(await registry.bucketRules(), (entry) => entry.scope);
    // What changed while it was read may not be in it.
    if (changes === this.#changes) this.#known = { table, readAt };
    return table.get(scope) ?? NONE;
  }

  forget(): void {
    this.#changes++;
    this.#known = undefined;
  }
}
