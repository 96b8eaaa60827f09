import { STATUS, type Code } from '../errors.ts';
import type { InvocationEvent } from '../observe/events.ts';
import type { FunctionRecord } from '../registry/record.ts';
import { addTo, newTally, type Pair, type Tally } from './counts.ts';

/** Counts what the two versions of each release do, in this host. A function that has none costs one look at a map. */
export interface Outcomes {
  /** What is known of a function now; null where it is not there. */
  follow(name: string, record: Pick<FunctionRecord, 'releases'> | null): void;
  /** An invocation has ended. Says whether it counts. */
  count(event: InvocationEvent): boolean;
  /** What has changed since the last time, and is not given again. */
  changed(): readonly Counted[];
}

export interface Counted {
  readonly function: string;
  readonly release: number;
  readonly tallies: Pair<Tally>;
}

interface Watched extends Counted {
  readonly alias: string;
  readonly from: number;
  readonly to: number;
  changed: boolean;
}

export function createOutcomes(): Outcomes {
  const watched = new Map<string, readonly Watched[]>();
  return {
    follow(name, record) {
      const releases = record?.releases ?? [];
      const before = watched.get(name) ?? [];
      const now = releases
        .filter(({ state, guard }) => (state === 'running' || state === 'paused') && guard !== '')
        .map(({ id, alias, from, to }): Watched => {
          const known = before.find(({ release }) => release === id);
          return known ?? { function: name, release: id, alias, from, to, tallies: { old: newTally(), new: newTally() }, changed: false };
        });
      if (now.length === 0) watched.delete(name);
      else watched.set(name, now);
    },
    count(event) {
      if (watched.size === 0) return false;
      const all = watched.get(event.function);
      if (all === undefined || !isRequest(event)) return false;
      let counts = false;
      for (const each of all) {
        if (each.alias !== event.alias) continue;
        const tally = event.version === each.to ? each.tallies.new : event.version === each.from ? each.tallies.old : undefined;
        if (tally === undefined) continue;
        addTo(tally, event.durationMs, isFailure(event));
        each.changed = true;
        counts = true;
      }
      return counts;
    },
    changed() {
      const found = [...watched.values()].flat().filter(({ changed }) => changed);
      for (const each of found) each.changed = false;
      return found;
    },
  };
}

/** Runs of schedules and batches of queues are few, long, and not dealt as requests are. */
function isRequest({ trigger }: InvocationEvent): boolean {
  return trigger === 'http' || trigger === 'service' || trigger === 'rpc';
}

/** What a client has done wrong is not the version's failure. */
function isFailure({ status, outcome }: InvocationEvent): boolean {
  if (status !== null) return status >= 500;
  return outcome !== 'ok' && (Object.hasOwn(STATUS, outcome) ? STATUS[outcome as Code] : 500) >= 500;
}
