import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallTable } from '../../host/platforms/node/call-table.ts';
import type { Call } from '../../host/platforms/node/call.ts';

const call = (id: number) => ({ id }) as Call;

describe('CallTable', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  const table = (strict = false) => {
    const changed = vi.fn();
    const calls = new CallTable({ changed, strict });
    const [first, second] = [call(1), call(2)];
    calls.add(first);
    calls.add(second);
    return { calls, first, second, changed };
  };

  it('counts calls, and those that wait for the start', () => {
    const { calls } = table();
    calls.comes();
    expect([calls.size, calls.underWay, calls.open]).toEqual([2, 3, 0]);
    calls.came();
    calls.remove(1);
    calls.remove(1);
    expect([calls.size, calls.underWay]).toEqual([1, 1]);
  });

  it('does not count what is open or abandoned, each once, and forgets it at its end', () => {
    const { calls, first, second, changed } = table();
    calls.stepAside(first, 'open');
    calls.stepAside(first, 'open');
    calls.stepAside(second, 'abandoned');
    expect([calls.size, calls.underWay, calls.open, calls.abandoned]).toEqual([2, 0, 1, 1]);
    expect(changed).toHaveBeenCalledTimes(2);
    calls.stepAside(first, 'abandoned');
    expect([calls.open, calls.abandoned]).toEqual([0, 2]);
    calls.remove(1);
    calls.stepAside(first, 'open');
    expect([calls.size, calls.underWay, calls.open, calls.abandoned]).toEqual([1, 0, 0, 1]);
    expect(calls.clear()).toEqual([second]);
    expect([calls.size, calls.underWay, calls.open, calls.abandoned]).toEqual([0, 0, 0, 0]);
  });

  it('takes a response that has gone on for half a minute for open', () => {
    const { calls, first, second } = table();
    calls.responds(first);
    vi.advanceTimersByTime(29_000);
    calls.responds(second);
    expect(calls.underWay).toBe(2);
    vi.advanceTimersByTime(1_000);
    expect([calls.underWay, calls.open]).toEqual([1, 1]);
    vi.advanceTimersByTime(30_000);
    expect([calls.underWay, calls.open]).toEqual([0, 2]);
  });

  it('counts responses all the while where the author has said how many there may be', () => {
    const { calls, first } = table(true);
    calls.responds(first);
    vi.advanceTimersByTime(120_000);
    expect(calls.underWay).toBe(2);
  });
});
