import { keysIn } from '../stores/keys.ts';
import type { Store } from '../stores/store.ts';
import { createSoon } from '../timing/soon.ts';
import { countsOf, NOTHING, sumOf, type Counts, type Pair } from './counts.ts';
import type { Outcomes } from './outcomes.ts';

/** What all hosts have counted of releases: each writes its own sums, and whoever decides adds them up. */
export interface Tallies {
  /** Has what was counted here written soon. Costs nothing where nothing was. */
  soon(): void;
  /** Writes it. */
  flush(): Promise<void>;
  /** What all hosts have written of a release. */
  total(of: ReleaseName): Promise<Pair>;
  remove(of: ReleaseName): Promise<void>;
  stop(): Promise<void>;
}

export interface ReleaseName {
  readonly function: string;
  readonly release: number;
}

export interface TalliesOptions {
  readonly store: Store;
  readonly outcomes: Outcomes;
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
}

/** Of a host that is no more they are kept as long as any release may take. */
const KEPT = 90 * 86_400_000;
const utf8 = new TextEncoder();
const text = new TextDecoder();

export function createTallies({ store, outcomes, waitUntil, clock }: TalliesOptions): Tallies {
  /** Of this host, or of this isolate of one; made when it is needed, since nothing random is to be had before. */
  let own: string | undefined;
  const soon = createSoon({ run: flush, waitUntil, clock });

  async function flush(): Promise<void> {
    own ??= crypto.randomUUID();
    for (const { function: name, release, tallies } of outcomes.changed()) {
      const counts: Pair = { old: countsOf(tallies.old), new: countsOf(tallies.new) };
      await store.put(prefixOf({ function: name, release }) + own, utf8.encode(JSON.stringify(counts)), { ttl: KEPT });
    }
  }

  return {
    flush,
    soon: () => soon.ask(),
    async total(of) {
      const all: Pair[] = [];
      for (const key of await keysIn(store, prefixOf(of))) {
        const entry = await store.get(key);
        if (entry !== null) all.push(JSON.parse(text.decode(entry.value)) as Pair);
      }
      return { old: sideOf(all, 'old'), new: sideOf(all, 'new') };
    },
    async remove(of) {
      for (const key of await keysIn(store, prefixOf(of))) await store.delete(key);
    },
    async stop() {
      soon.stop();
      await flush().catch(() => {});
    },
  };
}

function sideOf(all: readonly Pair[], side: keyof Pair): Counts {
  return all.length === 0 ? NOTHING : sumOf(all.map((each) => each[side]));
}

function prefixOf({ function: name, release }: ReleaseName): string {
  return `release-tally/${name}/${release}/`;
}
