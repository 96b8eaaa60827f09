import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { monotonicClock, systemClock, timezoneClock } from '../../../host/component/wasi/clocks/clocks-0.3.ts';
import { atMark } from '../../../host/component/wasi/clocks/time.ts';
import { functionsOf } from './fake-world.ts';

describe('wasi:clocks@0.3', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('wait-for() waits, and never less than that', async () => {
    const clock = functionsOf(monotonicClock);
    const before = clock['now']!() as bigint;
    let after = 0n;
    const waited = Promise.resolve(clock['wait-for']!(1_500_000n)).then(() => (after = clock['now']!() as bigint));
    await vi.advanceTimersByTimeAsync(1);
    expect(after).toBe(0n);
    await vi.advanceTimersByTimeAsync(1);
    await waited;
    expect(after - before).toBeGreaterThanOrEqual(1_500_000n);
  });

  it('what lies in the past is there at once', () => {
    const clock = functionsOf(monotonicClock);
    expect(clock['wait-for']!(0n)).toBeUndefined();
    expect(clock['wait-until']!(0n)).toBeUndefined();
  });

  it('a wait longer than any timer does not end at once', async () => {
    const clock = functionsOf(monotonicClock);
    let over = false;
    void Promise.resolve(clock['wait-for']!(2n ** 64n - 1n)).then(() => (over = true));
    await vi.advanceTimersByTimeAsync(2 ** 31);
    expect(over).toBe(false);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('a cancelled wait leaves no timer, and does not end', async () => {
    const controller = new AbortController();
    const clock = functionsOf(monotonicClock, { signal: controller.signal });
    let over = false;
    void Promise.resolve(clock['wait-for']!(5_000_000n)).then(() => (over = true));
    controller.abort();
    expect(vi.getTimerCount()).toBe(0);
    void Promise.resolve(clock['wait-for']!(5_000_000n)).then(() => (over = true));
    await vi.advanceTimersByTimeAsync(100);
    expect(over).toBe(false);
  });

  it('a mark that is reached between two looks at the clock is there', async () => {
    const times = [1, 3];
    vi.spyOn(performance, 'now').mockImplementation(() => times.shift() ?? 3);
    const waited = functionsOf(monotonicClock)['wait-until']!(2_000_000n);
    await vi.advanceTimersByTimeAsync(1);
    expect(await waited).toBeUndefined();
    vi.restoreAllMocks();
  });

  it('calls nobody who waits for a mark before that one can put it off', () => {
    let woken = false;
    const stop = atMark(0n, () => (woken = true));
    expect(woken).toBe(false);
    stop();
    vi.advanceTimersByTime(1);
    expect(woken).toBe(false);
  });

  it('the system clock splits seconds and nanoseconds', () => {
    vi.setSystemTime(1_700_000_000_123);
    expect(functionsOf(systemClock)['now']!()).toEqual({ seconds: 1_700_000_000n, nanoseconds: 123_000_000 });
    vi.setSystemTime(-1);
    expect(functionsOf(systemClock)['now']!()).toEqual({ seconds: -1n, nanoseconds: 999_000_000 });
  });

  it('the time zone is UTC', () => {
    const zone = functionsOf(timezoneClock);
    expect([zone['iana-id']!(), zone['utc-offset']!({ seconds: 0n, nanoseconds: 0 })]).toEqual(['UTC', 0n]);
  });
});
