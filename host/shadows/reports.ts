import { keysIn } from '../stores/keys.ts';
import type { Store } from '../stores/store.ts';
import { createSoon } from '../timing/soon.ts';
import { newCounts, sumOf, type ShadowCounts } from './report.ts';

export interface ShadowName {
  readonly function: string;
  readonly id: number;
}

/** What all hosts have counted of shadows: each writes its own sums, and whoever shows them adds them up. */
export interface Reports {
  /** What this host counts of one: whoever adds to it calls `soon`. */
  counts(of: ShadowName): ShadowCounts;
  /** Has what was counted here written soon. */
  soon(of: ShadowName): void;
  /** Writes it. */
  flush(): Promise<void>;
  /** What all hosts have written, and this one has counted. */
  total(of: ShadowName): Promise<ShadowCounts>;
  stop(): Promise<void>;
}

export interface ReportsOptions {
  readonly store: Store;
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
}

interface Counted {
  readonly of: ShadowName;
  readonly counts: ShadowCounts;
  changed: boolean;
}

/** How long a report is kept after the last that was added to it. */
const KEPT = 90 * 86_400_000;
/** Shadows that a host counts for at once. */
const MOST = 100;
const PREFIX = 'shadow-report/';
const utf8 = new TextEncoder();
const text = new TextDecoder();

export function createReports({ store, waitUntil, clock }: ReportsOptions): Reports {
  /** Of this host, or of this isolate of one; made when it is needed, since nothing random is to be had before. */
  let own: string | undefined;
  const soon = createSoon({ run: flush, waitUntil, clock });
  const all = new Map<string, Counted>();

  const known = (of: ShadowName): Counted => {
    const key = prefixOf(of);
    let counted = all.get(key);
    if (counted !== undefined) return counted;
    // Those that have ended long ago.
    for (const [other, { changed }] of all) if (all.size >= MOST && !changed) all.delete(other);
    all.set(key, (counted = { of, counts: newCounts(), changed: false }));
    return counted;
  };

  async function flush(): Promise<void> {
    own ??= crypto.randomUUID();
    for (const counted of all.values()) {
      if (!counted.changed) continue;
      counted.changed = false;
      try {
        await store.put(prefixOf(counted.of) + own, utf8.encode(JSON.stringify(counted.counts)), { ttl: KEPT });
      } catch (error) {
        counted.changed = true;
        throw error;
      }
    }
  }

  return {
    counts: (of) => known(of).counts,
    soon(of) {
      known(of).changed = true;
      soon.ask();
    },
    flush,
    async total(of) {
      await flush();
      const written: ShadowCounts[] = [];
      for (const key of await keysIn(store, prefixOf(of))) {
        const entry = await store.get(key);
        if (entry !== null) written.push(JSON.parse(text.decode(entry.value)) as ShadowCounts);
      }
      return sumOf(written);
    },
    async stop() {
      soon.stop();
      await flush().catch(() => {});
    },
  };
}

/** Of what is counted: nothing that a host reads of its functions. */
export function isShadowKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

function prefixOf({ function: name, id }: ShadowName): string {
  return `${PREFIX}${name}/${id}/`;
}
