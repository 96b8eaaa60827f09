import { patternsOf } from '../mail/address.ts';
import type { Registry } from '../registry/registry.ts';

export interface MailRoutesOptions {
  readonly registry: Registry;
  readonly now: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
}

/** Which function the mail to an address is for. */
export class MailRoutes {
  readonly #options: MailRoutesOptions;
  #known: { readonly table: ReadonlyMap<string, string>; readonly readAt: number } | undefined;
  #changes = 0;

  constructor(options: MailRoutesOptions) {
    this.#options = options;
  }

  /** By the pattern that is closest to it; null where nobody takes it. */
  async of(address: string): Promise<string | null> {
    const table = await this.#table();
    for (const pattern of patternsOf(address)) {
      const name = table.get(pattern);
      if (name !== undefined) return name;
    }
    return null;
  }

  forget(): void {
    this.#changes++;
    this.#known = undefined;
  }

  async #table(): Promise<ReadonlyMap<string, string>> {
    const { registry, now, maxAge } = this.#options;
    const readAt = now();
    if (this.#known !== undefined && readAt - this.#known.readAt <= maxAge) return this.#known.table;
    const changes = this.#changes;
    const table = new Map((await registry.live.emailAddresses()).map((entry) => [entry.address, entry.function]));
    // What changed while it was read may not be in it.
    if (changes === this.#changes) this.#known = { table, readAt };
    return table;
  }
}
