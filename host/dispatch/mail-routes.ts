import { patternsOf } from '../mail/address.ts';
import type { Registry } from '../registry/registry.ts';
import { KeptTable } from './kept-table.ts';

export interface MailRoutesOptions {
  readonly registry: Registry;
  readonly now: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
}

/** Which function the mail to an address is for. */
export class MailRoutes {
  readonly #table: KeptTable<ReadonlyMap<string, string>>;

  constructor({ registry, now, maxAge }: MailRoutesOptions) {
    const read = async () => new Map((await registry.live.emailAddresses()).map((entry) => [entry.address, entry.function]));
    this.#table = new KeptTable({ read, now, maxAge });
  }

  /** By the pattern that is closest to it; null where nobody takes it. */
  async of(address: string): Promise<string | null> {
    const table = await this.#table.get();
    for (const pattern of patternsOf(address)) {
      const name = table.get(pattern);
      if (name !== undefined) return name;
    }
    return null;
  }

  forget(): void {
    this.#table.forget();
  }
}
