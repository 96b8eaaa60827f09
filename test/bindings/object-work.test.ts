import { describe, expect, it } from 'vitest';
import { ObjectWork } from '../../host/platforms/workerd/object-work.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';

const SCHEDULES = { kind: 'schedules', scope: 'function/report' };

describe('the work of a Durable Object', () => {
  it('has the alarm at the earliest time, also of those who ask at once', async () => {
    const { work, alarm } = start();
    await Promise.all([work.wake(SCHEDULES, 5_000), work.wake(SCHEDULES, 2_000), work.wake(SCHEDULES, 9_000)]);
    expect(alarm.time).toBe(2_000);
  });

  it('leaves an earlier alarm that another life of the object has set', async () => {
    const { work, alarm } = start();
    alarm.time = 1_000;
    await work.wake(SCHEDULES, 2_000);
    expect(alarm.time).toBe(1_000);
    await work.wake(SCHEDULES, 500);
    expect(alarm.time).toBe(500);
  });

  it('asks for the alarm once: that would end a transaction each time', async () => {
    const { work, alarm } = start();
    for (const time of [5_000, 6_000, 4_000]) await work.wake(SCHEDULES, time);
    expect(alarm).toEqual({ time: 4_000, asked: 1 });
  });

  it('does what is due when the alarm comes, also in a new life, and sets it for what is next', async () => {
    const first = start();
    await first.work.wake(SCHEDULES, 1_000);
    const { alarm, ring, ran } = start({ store: first.store, alarm: first.alarm, run: async () => 7_000 });
    await ring();
    expect(ran).toEqual(['function/report']);
    expect(alarm.time).toBe(7_000);
  });

  it('is done soon without the alarm, once for all who ask, and never twice at once', async () => {
    let end = () => {};
    let under = 0;
    const { work, alarm, ran, kept } = start({
      async run() {
        expect(++under).toBe(1);
        await new Promise<void>((resolve) => (end = resolve));
        under--;
        return null;
      },
    });
    work.soon(SCHEDULES);
    work.soon(SCHEDULES);
    await turn();
    expect(ran).toHaveLength(1);
    work.soon(SCHEDULES);
    await turn();
    expect(ran).toHaveLength(1);
    end();
    await turn();
    expect(ran).toHaveLength(2);
    end();
    await Promise.all(kept);
    expect(alarm).toEqual({ time: null, asked: 0 });
  });

  it('is tried again later and later where it fails, and each failure is told', async () => {
    let left = 3;
    const { work, alarm, ring, failures } = start({
      run: () => (left-- > 0 ? Promise.reject(new Error('no disk')) : Promise.resolve(null)),
    });
    await work.wake(SCHEDULES, 0);
    const times = [];
    while (alarm.time !== null) {
      times.push(alarm.time);
      await ring();
    }
    expect(times).toEqual([0, 1_000, 2_000, 4_000]);
    expect(failures).toEqual(['no disk', 'no disk', 'no disk']);
  });
});

interface Alarm {
  time: number | null;
  asked: number;
}

function start({ store = createMemoryStore(() => 0), alarm = { time: null, asked: 0 }, run = async () => null }: Start = {}) {
  const [ran, failures, kept]: [string[], string[], Promise<unknown>[]] = [[], [], []];
  const work = new ObjectWork({
    alarms: {
      async getAlarm() {
        alarm.asked++;
        return alarm.time;
      },
      setAlarm: async (time) => void (alarm.time = time),
    },
    store,
    now: () => 0,
    run({ scope }) {
      ran.push(scope);
      return run();
    },
    failed: async (_binding, error) => void failures.push((error as Error).message),
    keep: (promise) => void kept.push(promise),
  });
  const ring = () => {
    alarm.time = null;
    return work.alarm();
  };
  return { work, store, alarm, ring, ran, failures, kept };
}

interface Start {
  readonly store?: Store;
  readonly alarm?: Alarm;
  readonly run?: () => Promise<number | null>;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
