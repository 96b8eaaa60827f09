import type { GrantedLock } from '../../../host/component/brink/locks/lock.ts';
import type { AcquireOptions, LockBinding } from '../../../host/component/brink/locks/manager.ts';
import type { QueueBinding } from '../../../host/component/brink/queues/queues.ts';
import type { Schedule, SchedulesBinding } from '../../../host/component/brink/schedules/schedules.ts';

export interface FakeLocks extends LockBinding {
  /** What was asked for, without its signal. */
  readonly asked: Omit<AcquireOptions, 'signal'>[];
  readonly held: ReadonlyMap<string, GrantedLock>;
  /** As if the lease of this lock had ended. */
  lose(name: string): void;
}

/** Exclusive locks, first come, first served. */
export function fakeLocks(): FakeLocks {
  const held = new Map<string, GrantedLock>();
  const controllers = new Map<string, AbortController>();
  const waiting = new Map<string, (() => void)[]>();
  const asked: Omit<AcquireOptions, 'signal'>[] = [];
  let fence = 40;
  const end = (name: string) => {
    held.delete(name);
    waiting.get(name)?.shift()?.();
  };
  return {
    asked,
    held,
    lose(name) {
      controllers.get(name)?.abort();
      end(name);
    },
    async acquire(name, { signal, ...options }) {
      asked.push(options);
      while (held.has(name)) {
        if (options.ifAvailable) return null;
        if (options.wait !== undefined) throw new DOMException('It took too long.', 'TimeoutError');
        await new Promise<void>((resolve, reject) => {
          waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
      }
      const controller = new AbortController();
      controllers.set(name, controller);
      const lock: GrantedLock = { name, mode: options.mode, fence: ++fence, signal: controller.signal, release: async () => end(name) };
      held.set(name, lock);
      return lock;
    },
    query: async () => ({
      held: [...held.values()].map(({ name, mode }) => ({ name, mode, clientId: 'c1' })),
      pending: [...waiting].flatMap(([name, all]) => all.map(() => ({ name, mode: 'exclusive' as const }))),
    }),
  };
}

export function fakeQueue(): QueueBinding & { readonly sent: unknown[][] } {
  const sent: unknown[][] = [];
  return {
    sent,
    send: async (...args) => void sent.push(['send', ...args]),
    sendBatch: async (...args) => void sent.push(['sendBatch', ...args]),
  };
}

export function fakeSchedules(): SchedulesBinding & { readonly all: Map<string, Schedule> } {
  const all = new Map<string, Schedule>();
  return {
    all,
    async create(options) {
      if (options.cron === 'no') throw new TypeError('"no" is no cron expression.');
      const schedule: Schedule = { id: `s${all.size + 1}`, next: 1_700_000_060_000, ...options };
      all.set(schedule.id, schedule);
      return schedule;
    },
    cancel: async (id) => all.delete(id),
    list: async () => [...all.values()],
  };
}
