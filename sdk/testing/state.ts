import type { BindingScope, BindingsState, FunctionCalls } from '../../host/bindings/binding.ts';
import { watchedDatabases } from '../../host/bindings/d1/watched.ts';
import { openKeyChanges } from '../../host/bindings/kv/open-changes.ts';
import { manageBinding, runDue } from '../../host/bindings/kinds.ts';
import { Leases } from '../../host/bindings/locks/leases.ts';
import { manageBy } from '../../host/bindings/manage.ts';
import { createWakingQueue, type QueuesState } from '../../host/bindings/queues/state.ts';
import { DEFAULT_QUOTAS } from '../../host/bindings/quotas.ts';
import { RateCounters } from '../../host/bindings/ratelimit/counters.ts';
import { Work } from '../../host/bindings/work.ts';
import { memoryDatabases } from '../../host/platforms/node/d1/memory.ts';
import { createMemoryFiles } from '../../host/platforms/node/memory-files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createMailbox, type Mailbox } from '../../host/mail/mailbox.ts';
import { createOutgoing } from '../../host/mail/outgoing.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import type { Queue } from '../../host/stores/queue.ts';
import { Relay } from '../../host/bindings/relay.ts';
import type { BucketRule } from '../../host/registry/bucket-rules.ts';
import type { ChangeRule } from '../../host/registry/change-rules.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';
import { createScheduleTrigger } from '../../host/triggers/schedules.ts';
import type { HeldClock } from './clock.ts';

export interface TestState {
  readonly state: BindingsState;
  readonly queue: Queue;
  /** What the function has sent. */
  readonly mailbox: Mailbox;
  /** Has the schedules that the function declares keep their times. */
  sync(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface TestStateOptions {
  readonly clock: HeldClock;
  readonly functions: FunctionCalls;
  /** Of the function's buckets. */
  readonly bucketRules: readonly BucketRule[];
  /** Of its namespaces and databases. */
  readonly changeRules: readonly ChangeRule[];
  /** Work of a binding has failed, and will be tried again. */
  readonly failed: (error: unknown) => void;
}

/** What a host of one process gives its bindings, in memory, and driven by the clock of a test. */
export function createTestState({ clock, functions, bucketRules, changeRules, failed }: TestStateOptions): TestState {
  const { now } = clock;
  const store = createMemoryStore(now);
  const index = openSql(':memory:');
  const leases = new Leases({ store, now, timers: clock, alone: true });
  const mailbox = createMailbox({ store, now });
  const stopping = new AbortController();
  const pumps: QueuesState['pumps'] = new Map();
  const queue = createWakingQueue(createMemoryQueue(now), pumps, (name) => work.wake({ kind: 'queues', scope: name }, now()));
  const objects = createSqlObjects({ sql: index, files: createMemoryFiles(), now });
  const relay = new Relay({ outbox: objects.outbox!, queue, quota: DEFAULT_QUOTAS.queue, timers: clock });
  const moved = { queue, quota: DEFAULT_QUOTAS.queue, timers: clock };
  const rules = ({ kind, scope }: BindingScope) => changeRules.filter((rule) => rule.kind === kind && rule.scope === scope);
  const keys = openKeyChanges({ ...moved, store, telling: store, now });
  const memory = memoryDatabases(now);
  const databases = watchedDatabases({
    ...moved,
    databases: memory,
    rules,
    expected: () => undefined,
    keep: (promise) => work.keep(promise),
  });
  const state: BindingsState = {
    store,
    now,
    timers: clock,
    leases,
    databases,
    objects,
    bucketEvents: {
      rules: async (scope) => bucketRules.filter((rule) => rule.scope === scope),
      send: (name, messages) => queue.send(name, messages),
      posted: () => work.keep(relay.run()),
    },
    changes: { rules, ...keys, expected: () => undefined, posted: () => work.keep(keys.flush()) },
    quotas: DEFAULT_QUOTAS,
    mail: createOutgoing({ relay: null, mailbox }),
    rates: new RateCounters(now),
    queues: { queue, pumps, emit: () => {}, stopping: stopping.signal },
    functions,
    wake: (binding, time) => work.wake(binding, time),
    soon: (binding) => work.soon(binding),
    keep: (promise) => work.keep(promise),
  };
  const work = new Work({ store, now, timers: clock, run: (binding) => runDue(binding, state), failed: (_, error) => failed(error) });
  const schedules = createScheduleTrigger(manageBy((binding, call) => manageBinding(binding, state, call)));
  return {
    state,
    queue,
    mailbox,
    sync: (name) => schedules.sync(name),
    async close() {
      clock.stop();
      stopping.abort();
      await Promise.all([relay.stop(), keys.stop(), databases.stop()]);
      await work.stop();
      await leases.stop();
      memory.close();
      index.close();
    },
  };
}
