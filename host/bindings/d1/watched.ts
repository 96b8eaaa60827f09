import type { RowRule } from '../../registry/change-rules.ts';
import type { QueueQuota } from '../../stores/quota.ts';
import type { Queue } from '../../stores/queue.ts';
import type { BindingScope } from '../binding.ts';
import type { ChangesState } from '../changes.ts';
import { Relay } from '../relay.ts';
import type { Timers } from '../timers.ts';
import type { Databases, WatchableDatabases } from './databases.ts';

export interface WatchedOptions {
  readonly databases: WatchableDatabases;
  rules(binding: BindingScope): ReturnType<ChangesState['rules']>;
  readonly queue: Pick<Queue, 'send'>;
  readonly quota?: QueueQuota | undefined;
  readonly timers: Timers;
  /** Before a query that may have something to tell: from then on a crash does not keep it in the database for ever. */
  expected(binding: BindingScope): Promise<void> | undefined;
  /** Work that goes on behind a query. */
  keep(work: Promise<unknown>): void;
}

export interface WatchedDatabases extends Databases {
  /** Moves what a database has to tell to its queues. False where something is left. */
  flush(scope: string): Promise<boolean>;
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

/** Databases of one host, whose changes are told. */
export function watchedDatabases({ databases, rules, queue, quota, timers, expected, keep }: WatchedOptions): WatchedDatabases {
  const relays = new Map<string, Relay>();
  const relayOf = (scope: string): Relay => {
    const known = relays.get(scope) ?? new Relay({ outbox: databases.open(scope).outbox, queue, quota, timers });
    relays.set(scope, known);
    return known;
  };
  return {
    open(scope) {
      const database = databases.open(scope);
      const binding = { kind: 'd1', scope };
      return {
        async query(request) {
          const asked = rules(binding);
          const own = ('then' in asked ? await asked : asked) as readonly RowRule[];
          if (own.length > 0) await expected(binding);
          const { answer, told } = await database.execute(request, own);
          if (told) keep(relayOf(scope).run());
          return answer;
        },
      };
    },
    flush: (scope) => relayOf(scope).run(),
    async stop() {
      await Promise.all(Array.from(relays.values(), (relay) => relay.stop()));
    },
  };
}
