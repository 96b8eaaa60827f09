import type { Store } from '../../host/stores/store.ts';
import { eventually, publish, type TestHost } from '../conformance/harness.ts';
import { moduleSource } from './module-source.ts';
import { manualClock } from '../stores/clock.ts';
import { perform, type Fired, type Outcome } from './schedules-function.ts';
import type { OpenedSchedules } from './schedules-suite.ts';
import { World } from './schedules-world.ts';

/** In this process, with a clock that moves when something is waited for. */
export function schedulesOn(opened: (now: () => number) => { store: Store; close(): void }): OpenedSchedules {
  const clock = manualClock();
  const { store, close } = opened(clock.now);
  const world = new World({
    store,
    clock,
    handler({ payload }) {
      if (payload === 'throw') throw new Error('the handler throws');
    },
  });
  const host = world.host();
  return {
    run: (order) => perform(host.schedules, order),
    fired: async () =>
      world.calls.map(({ schedule, cron, scheduledTime, attempt = 1, payload, time }) => ({
        id: schedule!,
        cron,
        scheduledTime,
        attempt,
        payload,
        at: time,
      })),
    async eventually(check) {
      for (let turn = 0; turn < 100; turn++) {
        await world.elapse(100);
        const value = await check();
        if (value !== undefined) return value;
      }
      throw new Error('It did not happen within 10 s.');
    },
    now: clock.now,
    close,
  };
}

/** In a function of a host. */
export async function schedulesIn(host: TestHost): Promise<OpenedSchedules> {
  const { url } = await publish(host, await moduleSource('schedules-function.ts'), {
    alias: 'live',
    manifest: { schedules: [{ binding: 'SCHEDULES' }] },
  });
  return {
    async run(order) {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(order) });
      if (response.status !== 200) throw new Error(await response.text());
      return (await response.json()) as Outcome;
    },
    fired: async () => (await (await fetch(url)).json()) as Fired[],
    eventually: (check) => eventually(check),
    now: Date.now,
    close: () => host.stop(),
  };
}
