import { join } from 'node:path';
import type { Host } from '../../app.ts';
import type { BindingsState } from '../../bindings/binding.ts';
import { runDue } from '../../bindings/kinds.ts';
import { Leases } from '../../bindings/locks/leases.ts';
import type { Quotas } from '../../bindings/quotas.ts';
import { RateCounters } from '../../bindings/ratelimit/counters.ts';
import { Work, workFailed } from '../../bindings/work.ts';
import type { EventSink } from '../../observe/events.ts';
import { openDatabases } from './d1/databases.ts';
import type { State } from './state.ts';

export interface BindingsOptions {
  readonly state: State;
  /** Where databases of functions are kept; null: in memory. */
  readonly directory: string | null;
  readonly quotas: Quotas;
  readonly emit: EventSink;
  /** The host that calls functions; not asked for before it is there. */
  readonly host: () => Pick<Host, 'scheduled'>;
}

/** What bindings of a host on Node are made of, and the work that they have of their own. */
export interface Bindings {
  readonly state: BindingsState;
  /** Begins what is due. */
  start(): Promise<void>;
  /** Begins nothing more, and waits for what runs. */
  stop(): Promise<void>;
  /** Once no cell is left. */
  close(): Promise<void>;
}

/** How often, in ms, a host looks for work of others that share its state: one of them may have ended. */
const LOOK_AROUND = 10_000;

export function createBindings({ state: { bindings: store, objects, changes }, directory, quotas, emit, host }: BindingsOptions): Bindings {
  const databases = openDatabases({ directory: directory && join(directory, 'd1') });
  const state: BindingsState = {
    store,
    now: Date.now,
    leases: new Leases({ store, now: Date.now, alone: changes === undefined }),
    databases,
    quotas,
    objects,
    rates: new RateCounters(Date.now),
    functions: { scheduled: (name, reference, event) => host().scheduled(name, reference, event) },
    wake: (binding, time) => work.wake(binding, time),
  };
  const work = new Work({
    store,
    now: Date.now,
    run: (binding) => runDue(binding, state),
    failed: (binding, error) => emit(workFailed(binding, error, Date.now())),
  });
  let looking: NodeJS.Timeout | undefined;
  return {
    state,
    async start() {
      await work.start();
      // What cannot be read now is asked for the next time.
      if (changes !== undefined) looking = setInterval(() => void work.start().catch(() => {}), LOOK_AROUND);
    },
    async stop() {
      clearInterval(looking);
      await work.stop();
    },
    async close() {
      await Promise.all([state.leases.stop(), databases.close()]);
    },
  };
}
