import type { BindingsState } from '../../host/bindings/binding.ts';
import { runDue } from '../../host/bindings/kinds.ts';
import { Leases } from '../../host/bindings/locks/leases.ts';
import { DEFAULT_QUOTAS } from '../../host/bindings/quotas.ts';
import { RateCounters } from '../../host/bindings/ratelimit/counters.ts';
import { Work } from '../../host/bindings/work.ts';
import { memoryDatabases } from '../../host/platforms/node/d1/memory.ts';
import { createMemoryFiles } from '../../host/platforms/node/memory-files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';
import type { HeldClock } from './clock.ts';
import type { TestFunction } from './function.ts';

export interface TestState {
  readonly state: BindingsState;
  close(): Promise<void>;
}

/** What a host of one process gives its bindings, in memory, and driven by the clock of a test. */
export function createTestState(options: { clock: HeldClock; tested: () => TestFunction; failed: (error: unknown) => void }): TestState {
  const { clock, tested, failed } = options;
  const { now } = clock;
  const store = createMemoryStore(now);
  const index = openSql(':memory:');
  const databases = memoryDatabases(now);
  const leases = new Leases({ store, now, timers: clock, alone: true });
  const state: BindingsState = {
    store,
    now,
    timers: clock,
    leases,
    databases,
    objects: createSqlObjects({ sql: index, files: createMemoryFiles(), now }),
    quotas: DEFAULT_QUOTAS,
    rates: new RateCounters(now),
    functions: { scheduled: (_name, _reference, event) => tested().scheduled(event) },
    wake: (binding, time) => work.wake(binding, time),
  };
  const work = new Work({ store, now, timers: clock, run: (binding) => runDue(binding, state), failed: (_, error) => failed(error) });
  return {
    state,
    async close() {
      clock.stop();
      await work.stop();
      await leases.stop();
      databases.close();
      index.close();
    },
  };
}
