import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MovableClock } from '../../host/timing/clock.ts';
import { Ticks } from '../../host/timing/ticks.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

describe('a clock that can be moved', () => {
  it('goes as that of the platform does, from where it was moved to, and never back', async () => {
    const clock = new MovableClock();
    clock.moveTo(START + HOUR);
    await vi.advanceTimersByTimeAsync(500);
    expect(clock.now()).toBe(START + HOUR + 500);
    clock.moveTo(START);
    expect(clock.now()).toBe(START + HOUR + 500);
    expect(clock.shared[0]).toBe(HOUR);
  });

  it('calls back after its time, and not what was cancelled', async () => {
    const { clock, called, after } = started();
    after(10_000);
    after(40 * 24 * HOUR);
    const cancel = after(20_000);
    expect(clock.next).toBe(START + 10_000);
    clock.moveTo(START + 9_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(called).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(called).toEqual([10_000]);
    cancel();
    expect(clock.next).toBe(START + 40 * 24 * HOUR);
    await vi.advanceTimersByTimeAsync(40 * 24 * HOUR);
    expect(called).toEqual([10_000, 40 * 24 * HOUR]);
    expect(clock.next).toBeNull();
  });
});

describe('ticks', () => {
  it('stop at each time at which something is due, also what that adds', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 2 * HOUR }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(times, times, async (first, more) => {
        const { clock, called, after } = started();
        const from = clock.now();
        for (const ms of first) after(ms, () => after(more.pop() ?? 3 * HOUR));
        const wanted = { from, to: from + HOUR };
        const ticked = new Ticks({ clock, busy: () => false }).tick(HOUR);
        await vi.advanceTimersByTimeAsync(500);
        const { to } = await ticked;
        expect(to).toBeGreaterThanOrEqual(wanted.to);
        expect(called).toEqual(called.toSorted((a, b) => a - b));
        expect(called.length).toBeGreaterThanOrEqual(first.filter((ms) => ms <= HOUR - 1_000).length);
        expect(called.filter((at) => at > HOUR + 1_000)).toEqual([]);
        expect(clock.next ?? Infinity).toBeGreaterThan(wanted.to);
      }),
      { numRuns: 50 },
    );
  });

  it('wait for what is under way before they move on, and for each other', async () => {
    let busy = false;
    const { clock, called, after } = started();
    const ticks = new Ticks({ clock, busy: () => busy });
    after(60_000, () => void (busy = true));
    after(120_000);
    const both = Promise.all([ticks.tick(HOUR), ticks.tick(HOUR)]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(called).toHaveLength(1);
    busy = false;
    await vi.advanceTimersByTimeAsync(100);
    const [first, second] = await both;
    expect(called).toHaveLength(2);
    expect(second.from).toBeGreaterThanOrEqual(first.to);
    expect(second.to - second.from).toBeGreaterThanOrEqual(HOUR);
  });

  it('end where they are stopped', async () => {
    const { clock, called, after } = started();
    const ticks = new Ticks({ clock, busy: () => true });
    after(60_000);
    const ticked = ticks.tick(HOUR);
    await vi.advanceTimersByTimeAsync(100);
    ticks.stop();
    await vi.advanceTimersByTimeAsync(100);
    expect((await ticked).to).toBeLessThan(START + 60_000);
    expect(called).toEqual([]);
  });
});

/** Notes how long after its start each timer has called. */
function started() {
  const clock = new MovableClock();
  const from = clock.now();
  const called: number[] = [];
  const after = (ms: number, then = () => {}) =>
    clock.after(ms, () => {
      called.push(clock.now() - from);
      then();
    });
  return { clock, called, after };
}
