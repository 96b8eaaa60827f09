import { excessOf, QuotaExceeded, type Quota, type Usage } from './quota.ts';

/** A write whose bytes are coming. */
export interface Growing {
  readonly bucket: string;
  readonly quota: Quota;
  /** What it replaces; null: nothing. */
  readonly old: number | null;
}

/** What of it is known. */
export interface Grown {
  /** It has come to so many bytes. @throws {QuotaExceeded} where there is no room for them */
  admit(bytes: number): void;
  end(): void;
}

/**
 * The room that buckets have for writes whose bytes are coming: all of them together may come to what a quota leaves, so that
 * what will be refused takes no disk either. Whether one is done is decided when it is entered.
 */
export class ObjectRoom {
  readonly #usageOf: (bucket: string) => Usage;
  readonly #growth = new Map<string, number>();

  constructor(usageOf: (bucket: string) => Usage) {
    this.#usageOf = usageOf;
  }

  /** @throws {QuotaExceeded} */
  begin({ bucket, quota, old }: Growing): Grown {
    if (old === null) check(this.#usageOf(bucket), { keys: 1, bytes: 0 }, quota);
    let own = 0;
    const grow = (growth: number) => {
      const sum = (this.#growth.get(bucket) ?? 0) + growth - own;
      own = growth;
      if (sum > 0) this.#growth.set(bucket, sum);
      else this.#growth.delete(bucket);
      return sum;
    };
    return {
      admit: (bytes) => {
        const growth = Math.max(0, bytes - (old ?? 0));
        if (growth > own) check(this.#usageOf(bucket), { keys: 0, bytes: grow(growth) }, quota);
      },
      end: () => void grow(0),
    };
  }
}

function check(usage: Usage, added: Usage, quota: Quota): void {
  const what = excessOf(usage, added, quota);
  if (what !== null) throw new QuotaExceeded(what, quota[what]);
}
