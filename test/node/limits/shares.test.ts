import { describe, expect, it } from 'vitest';
import { CpuShares } from '../../../host/platforms/node/cpu-shares.ts';
import { MemoryWatch } from '../../../host/platforms/node/memory-watch.ts';
import { Pulse } from '../../../host/platforms/node/pulse.ts';

const MB = 2 ** 20;

describe('shares of CPU time', () => {
  const begun = (shares: CpuShares, began: number) => {
    shares.begin();
    return { began };
  };

  it('one alone is charged with all that its thread used since it began', () => {
    const shares = new CpuShares(1_000);
    shares.look([], 500, 0);
    const one = begun(shares, 0);
    expect(shares.look([one], 530, 50).used(one)).toBe(30);
    expect(shares.look([one], 580, 100).used(one)).toBe(80);
  });

  it('several are charged with the average, those included that have ended meanwhile', () => {
    const shares = new CpuShares(1_000);
    shares.look([], 0, 0);
    const [one] = [begun(shares, 0), begun(shares, 10), begun(shares, 20), begun(shares, 30)];
    expect(shares.look([one!], 40, 50).used(one!)).toBe(10);
  });

  it('none is charged with more than the time since it began, whatever was used before', () => {
    const shares = new CpuShares(1_000);
    const one = begun(shares, 95);
    expect(shares.look([one], 4_000, 100).used(one)).toBe(5);
  });

  it('what one used is forgotten after a minute, so that what lives for hours is judged by the present', () => {
    const shares = new CpuShares(1_000);
    shares.look([], 0, 0);
    const one = begun(shares, 0);
    for (let second = 1; second <= 60; second++) shares.look([one], second * 10, second * 1_000);
    expect(shares.look([one], 600, 60_500).used(one)).toBe(600);
    expect(shares.look([one], 620, 61_001 + 60_000).used(one)).toBe(20);
  });

  it('tells whether anything ran', () => {
    const shares = new CpuShares(1_000);
    expect(shares.look([], 10, 10).ran).toBe(0);
    begun(shares, 11);
    expect(shares.look([], 20, 20).ran).toBe(1);
    expect(shares.look([], 30, 30).ran).toBe(0);
  });
});

describe('the memory of a cell', () => {
  const watch = () => {
    const asked: number[] = [];
    return { asked, memory: new MemoryWatch(128, () => asked.push(1)) };
  };

  it('within its limit is none of anyone’s business', () => {
    const { memory, asked } = watch();
    expect(memory.look({ heap: 128 * MB, buffers: 128 * MB })).toBe(null);
    expect(asked).toEqual([]);
  });

  it('above it is first collected, and is fine if that was garbage', () => {
    const { memory, asked } = watch();
    expect(memory.look({ heap: 130 * MB, buffers: 0 })).toBe(null);
    expect(asked).toEqual([1]);
    memory.collected();
    expect(memory.look({ heap: 100 * MB, buffers: 0 })).toBe(null);
    expect(memory.look({ heap: 130 * MB, buffers: 0 })).toBe(null);
    expect(asked).toEqual([1, 1]);
  });

  it('above it after three collections is too much: buffers are given back a little after the first', () => {
    const { memory, asked } = watch();
    for (let round = 1; round <= 3; round++) {
      expect(memory.look({ heap: 0, buffers: 130 * MB })).toBe(null);
      // Until it has collected, it is not asked again.
      expect(memory.look({ heap: 0, buffers: 130 * MB })).toBe(null);
      expect(asked).toHaveLength(round);
      memory.collected();
    }
    expect(memory.look({ heap: 0, buffers: 129 * MB })).toMatchObject({ code: 'memory-exceeded', details: { limit: 128, seen: 129 } });
  });

  it('of a thread that does not come back to collect it is too much after a while, and at once when it is twice the limit', () => {
    const { memory } = watch();
    const looks = Array.from({ length: 130 }, () => memory.look({ heap: 140 * MB, buffers: 0 }));
    expect(looks.findIndex((each) => each !== null)).toBe(129);
    expect(watch().memory.look({ heap: 257 * MB, buffers: 0 })).not.toBe(null);
  });
});

describe('the pulse of a thread', () => {
  const thread = () => {
    const state = { cpu: 0, idle: 0, pings: 0 };
    const pulse = new Pulse({
      ping: () => void state.pings++,
      cpu: () => Promise.resolve(state.cpu),
      idle: () => state.idle,
    });
    return { state, pulse };
  };

  it('that answers is asked anew with each look', async () => {
    const { state, pulse } = thread();
    for (let look = 1; look <= 3; look++) {
      expect((await pulse.look()).turn).toBe(null);
      expect(state.pings).toBe(look);
      pulse.beat();
    }
  });

  it('that does not is measured by its CPU time since', async () => {
    const { state, pulse } = thread();
    state.cpu = 100;
    await pulse.look();
    state.cpu = 150;
    expect((await pulse.look()).turn).toEqual({ cpu: 50, still: 0 });
    state.cpu = 400;
    expect((await pulse.look()).turn).toEqual({ cpu: 300, still: 0 });
    expect(state.pings).toBe(1);
  });

  it('tells one that stands still from one that waits for events, and from one that gets a little of a core', async () => {
    const { state, pulse } = thread();
    await pulse.look();
    for (let look = 1; look <= 3; look++) expect((await pulse.look()).turn?.still).toBe(look);
    state.idle += 15;
    expect((await pulse.look()).turn?.still).toBe(0);
    expect((await pulse.look()).turn?.still).toBe(1);
    state.cpu += 2;
    expect((await pulse.look()).turn?.still).toBe(0);
  });
});
