import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ends } from '../../host/bindings/schedules/ends.ts';

describe('ends of runs', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are written together when the last has come', async () => {
    const { end, written } = ends(3);
    end();
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual([]);
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual([1, 2, 3]);
  });

  it('do not wait for long where another run goes on', async () => {
    const { end, written } = ends(3);
    end();
    await vi.advanceTimersByTimeAsync(3);
    end();
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toEqual([1, 2]);
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual([1, 2, 3]);
  });

  it('do not wait at all where they are many', async () => {
    const { end, written } = ends(100);
    for (let count = 0; count < 16; count++) end();
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toHaveLength(16);
  });
});

/** Of so many runs that are under way. */
function ends(running: number) {
  const written: number[] = [];
  let ended = 0;
  const all = new Ends(() => ended === running);
  return {
    written,
    end() {
      const number = ++ended;
      void all.gathered().then(() => written.push(number));
    },
  };
}
