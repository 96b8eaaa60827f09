import { join } from 'node:path';
import type { Host } from '../../app.ts';
import type { BindingScope, BindingsState } from '../../bindings/binding.ts';
import { runDue } from '../../bindings/kinds.ts';
import { Leases } from '../../bindings/locks/leases.ts';
import { openKeyChanges } from '../../bindings/kv/open-changes.ts';
import { watchedDatabases } from '../../bindings/d1/watched.ts';
import { deliveredOf } from '../../bindings/queues/deliver.ts';
import { functionOfSchedules } from '../../bindings/schedules/kind.ts';
import { createWakingQueue, type QueuesState } from '../../bindings/queues/state.ts';
import type { Quotas } from '../../bindings/quotas.ts';
import { Relay } from '../../bindings/relay.ts';
import { RateCounters } from '../../bindings/ratelimit/counters.ts';
import { PLATFORM_TIMERS } from '../../bindings/timers.ts';
import { Work, workFailed } from '../../bindings/work.ts';
import type { SendMail } from '../../mail/outgoing.ts';
import type { EventSink } from '../../observe/events.ts';
import type { PlatformQueues } from '../../platform.ts';
import type { ChangeRule } from '../../registry/change-rules.ts';
import { MovableClock, type Clock } from '../../timing/clock.ts';
import { Ticks } from '../../timing/ticks.ts';
import { openDatabases } from './d1/databases.ts';
import type { State } from './state.ts';

export interface BindingsOptions {
  readonly state: State;
  /** Where databases of functions are kept; null: in memory. */
  readonly directory: string | null;
  readonly quotas: Quotas;
  /** Sends mail of functions. */
  readonly mail?: SendMail | undefined;
  readonly emit: EventSink;
  readonly clock: Clock;
  /** The host that calls functions; not asked for before it is there. */
  readonly host: () => Pick<
    Host,
    'expect' | 'scheduled' | 'schedules' | 'consumer' | 'queue' | 'bucketRules' | 'changeRules' | 'releases' | 'shadowWrote'
  >;
}

/** What bindings of a host on Node are made of, and the work that they have of their own. */
export interface Bindings {
  readonly state: BindingsState;
  readonly queues: PlatformQueues;
  /** Moves the clock; null where that cannot be moved. */
  readonly ticks: Ticks | null;
  /** Begins what is due. */
  start(): Promise<void>;
  /** Begins nothing more, and waits for what runs. */
  stop(): Promise<void>;
  /** What runs is ended by the host now: what becomes of it is handed back. */
  cutOff(): void;
  /** Once no cell is left. */
  close(): Promise<void>;
}

/** How often, in ms, a host looks for work of others that share its state: one of them may have ended. */
const LOOK_AROUND = 10_000;

export function createBindings({ state: own, directory, quotas, mail, emit, clock, host }: BindingsOptions): Bindings {
  const { bindings: store, telling, objects, changes } = own;
  const { now } = clock;
  // What renews itself does so by the machine's time, however far the clock is moved.
  const timers = clock instanceof MovableClock ? { after: clock.after, every: PLATFORM_TIMERS.every } : undefined;
  const stopping = new AbortController();
  let cutOff = false;
  const pumps: QueuesState['pumps'] = new Map();
  const wakeQueue = (name: string, time: number) => work.wake({ kind: 'queues', scope: name }, time);
  const queue = createWakingQueue(own.queue, pumps, (name) => wakeQueue(name, now()));
  const moved = { queue, quota: quotas.queue, timers: timers ?? PLATFORM_TIMERS };
  const relay = objects.outbox && new Relay({ ...moved, outbox: objects.outbox });
  const keys = openKeyChanges({ ...moved, store, telling, now });
  const files = openDatabases({ directory: directory && join(directory, 'd1'), maxSize: quotas.database.bytes });
  const databases = watchedDatabases({
    ...moved,
    databases: files,
    rules: (binding) => host().changeRules(binding as Pick<ChangeRule, 'kind' | 'scope'>),
    expected: (binding) => woken(binding),
    keep: (promise) => work.keep(promise),
  });
  const state: BindingsState = {
    store,
    now,
    ...(timers !== undefined && { timers }),
    leases: new Leases({ store, now, alone: changes === undefined }),
    databases,
    quotas,
    objects,
    bucketEvents: {
      rules: (scope) => host().bucketRules(scope),
      send: (name, messages) => queue.send(name, messages, { quota: quotas.queue }),
      // Whoever moves the clock waits for it.
      posted: () => relay && work.keep(relay.run()),
    },
    changes: {
      rules: (binding) => host().changeRules(binding as Pick<ChangeRule, 'kind' | 'scope'>),
      ...keys,
      // Every start looks.
      expected: () => undefined,
      // Whoever moves the clock waits for it.
      posted: () => telling && work.keep(keys.flush()),
    },
    ...(mail && { mail }),
    rates: new RateCounters(now),
    shadowWrote: (mark, kind, count) => host().shadowWrote(mark, kind, count),
    queues: { queue, pumps, emit, stopping: stopping.signal },
    functions: {
      scheduled: (name, reference, event) => host().scheduled(name, reference, event),
      schedules: (name) => host().schedules(name),
      consumer: (name) => host().consumer(name),
      releases: (name) => host().releases(name),
      async queue(name, bound, batch) {
        const outcome = await host().queue(name, bound, batch);
        return { ...deliveredOf(outcome), cutOff: cutOff && outcome.failure?.code === 'cell-crashed' };
      },
    },
    cutOff: () => cutOff,
    wake(binding, time) {
      expected(binding, time);
      return work.wake(binding, time);
    },
    soon: (binding) => work.soon(binding),
    keep: (promise) => work.keep(promise),
  };
  const work = new Work({
    store,
    now,
    timers,
    async run(binding) {
      const next = await runDue(binding, state);
      expected(binding, next);
      return next;
    },
    failed: (binding, error) => emit(workFailed(binding, error, now())),
  });
  /** Of schedules it is known when a function is called next: its cell need not start then. */
  function expected(binding: BindingScope, time: number | null): void {
    const name = functionOfSchedules(binding);
    if (name !== null && time !== null) host().expect(name, time);
  }

  /** Whoever starts looks into a database that ever had something to tell. */
  const known = new Set<string>();
  async function woken(binding: BindingScope): Promise<void> {
    if (known.has(binding.scope)) return;
    await work.wake(binding, now());
    known.add(binding.scope);
  }

  const lookAround = () => {
    void work.start().catch(() => {});
    void keys.flush();
  };
  let looking: NodeJS.Timeout | undefined;
  const ticks = clock instanceof MovableClock ? new Ticks({ clock, busy: () => work.busy(waits) }) : null;
  const waits = ({ kind, scope }: BindingScope) => kind === 'queues' && pumps.get(scope)?.busy === false;
  return {
    state,
    ticks,
    queues: { queue, wake: wakeQueue, quota: quotas.queue },
    async start() {
      await work.start();
      void relay?.run();
      void keys.flush();
      // What cannot be read now is asked for the next time.
      if (changes !== undefined) looking = setInterval(lookAround, LOOK_AROUND);
    },
    async stop() {
      clearInterval(looking);
      stopping.abort();
      ticks?.stop();
      await Promise.all([relay?.stop(), keys.stop(), databases.stop()]);
      await work.stop();
    },
    cutOff: () => void (cutOff = true),
    async close() {
      await Promise.all([state.leases.stop(), files.close()]);
    },
  };
}
