import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BindingScope } from '../../host/bindings/binding.ts';
import { Work, type WorkOptions } from '../../host/bindings/work.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';

const JOBS: BindingScope = { kind: 'queue', scope: 'id/jobs' };
const MAILS: BindingScope = { kind: 'queue', scope: 'id/mails' };
const START = Date.UTC(2026, 0, 1);

let store: Store;
let works: Work[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  store = createMemoryStore(Date.now);
});

afterEach(async () => {
  await Promise.all(works.map((work) => work.stop()));
  works = [];
  vi.useRealTimers();
});

describe('work of bindings', () => {
  it('is done at the time that was asked for, the earliest first', async () => {
    const { work, runs } = start();
    await work.wake(JOBS, START + 5_000);
    await work.wake(JOBS, START + 2_000);
    await work.wake(JOBS, START + 9_000);
    await work.wake(MAILS, START + 3_000);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(runs).toEqual([
      ['id/jobs', 2_000],
      ['id/mails', 3_000],
    ]);
  });

  it('is done at once where the time is past, and again at the time that it names', async () => {
    const times = [START + 1_000, START + 4_000, null];
    const { work, runs } = start(() => Promise.resolve(times.shift() ?? null));
    await work.wake(JOBS, START - 1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs.map(([, at]) => at)).toEqual([0, 1_000, 4_000]);
  });

  it('is done soon where that is asked for, once for all who ask', async () => {
    const { work, runs } = start();
    await work.wake(JOBS, START + 5_000);
    work.soon(JOBS);
    work.soon(JOBS);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toEqual([['id/jobs', 0]]);
  });

  it('never runs twice at once in a scope; an ask meanwhile is not lost', async () => {
    let [under, most] = [0, 0];
    const { work, runs } = start(async () => {
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 500));
      under--;
      return null;
    });
    await work.wake(JOBS, START);
    await vi.advanceTimersByTimeAsync(100);
    await work.wake(JOBS, START);
    await work.wake(MAILS, START);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs.map(([scope]) => scope)).toEqual(['id/jobs', 'id/mails', 'id/jobs']);
    expect(runs[2]![1]).toBeGreaterThanOrEqual(500);
    expect(most).toBe(2);
  });

  it('is tried again later and later where it fails, and each failure is told', async () => {
    const failed: unknown[] = [];
    let left = 3;
    const run = () => (left-- > 0 ? Promise.reject(new Error('no disk')) : Promise.resolve(null));
    const { work, runs } = start(run, (_binding, error) => failed.push((error as Error).message));
    await work.wake(JOBS, START);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runs.map(([, at]) => at)).toEqual([0, 1_000, 3_000, 7_000]);
    expect(failed).toEqual(['no disk', 'no disk', 'no disk']);
  });

  it('goes on after a crash: the next host asks every scope that had some', async () => {
    const first = start();
    await first.work.wake(JOBS, START + 60_000);
    await first.work.stop();
    const second = start();
    await second.work.start();
    await vi.advanceTimersByTimeAsync(1);
    expect(second.runs).toEqual([['id/jobs', 0]]);
  });

  it('waits for longer than a timer can', async () => {
    const { work, runs } = start();
    const month = 31 * 24 * 3_600_000;
    await work.wake(JOBS, START + month);
    await vi.advanceTimersByTimeAsync(month - 1);
    expect(runs).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toEqual([['id/jobs', month]]);
  });

  it('begins nothing after stop, which waits for what runs', async () => {
    let ended = false;
    const { work, runs } = start(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      ended = true;
      return START;
    });
    await work.wake(JOBS, START);
    await vi.advanceTimersByTimeAsync(1);
    const stopped = work.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    await stopped;
    expect(ended).toBe(true);
    expect(runs).toHaveLength(1);
  });
});

/** Notes each run with the ms since the start. */
function start(run: () => Promise<number | null> = () => Promise.resolve(null), failed: WorkOptions['failed'] = () => {}) {
  const runs: [scope: string, at: number][] = [];
  const work = new Work({
    store,
    now: Date.now,
    failed,
    run({ scope }) {
      runs.push([scope, Date.now() - START]);
      return run();
    },
  });
  works.push(work);
  return { work, runs };
}
