import { describe, expect, it } from 'vitest';
import type { BrinkError } from '../../../host/errors.ts';
import { setup as setupPool, version } from './fake-cells.ts';

type World = ReturnType<typeof setupPool>;

const crash = ({ cells }: World) => cells.at(-1)!.crash();

/** Why a call finds no cell; null where it finds one. */
function refusal({ pool }: World, of = version('a')): BrinkError | null {
  try {
    if (pool.find(of, 0) === null) throw new Error('It would have to wait.');
    return null;
  } catch (error) {
    return error as BrinkError;
  }
}

describe('cells that end soon after their start', () => {
  it('are started again at once twice, then after pauses that grow; meanwhile calls hear when to come again', () => {
    const world = setupPool({ scales: false });
    const waits: number[] = [];
    for (let life = 0; life < 9; life++) {
      let waited = 0;
      while (refusal(world) !== null) {
        world.pass(50);
        waited += 50;
      }
      waits.push(waited);
      crash(world);
    }
    expect(waits).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 8_000]);
    const error = refusal(world)!;
    expect(error).toMatchObject({ code: 'boot-loop', details: { retryAfter: 16, lives: 9, open: true } });
    expect(error.message).toContain('its last 9 cells ended within 10 s');
    expect(world.cells).toHaveLength(9);
    const held = world.events.filter((event) => event.type === 'cell' && event.change === 'held-back');
    expect(held).toHaveLength(7);
    expect(held[0]).toMatchObject({ version: 1 });
  });

  it('wait for half a minute at most', () => {
    const world = setupPool({ scales: false });
    for (let life = 0; life < 3; life++) {
      expect(refusal(world)).toBe(null);
      crash(world);
    }
    for (let life = 0; life < 20; life++) {
      expect(refusal(world)).not.toBe(null);
      world.pass(30_000);
      expect(refusal(world)).toBe(null);
      crash(world);
    }
    expect(refusal(world)!.details).toMatchObject({ retryAfter: 30 });
  });

  it('are forgotten once one lives longer, whether it ends afterwards or not', () => {
    const world = setupPool({ scales: false });
    for (let life = 0; life < 4; life++) {
      world.pass(5_000);
      expect(refusal(world)).toBe(null);
      crash(world);
    }
    world.pass(5_000);
    expect(refusal(world)).toBe(null);
    world.pass(10_000);
    expect(refusal(world)).toBe(null);
    expect(world.events.at(-1)).toMatchObject({ change: 'recovered' });
    crash(world);
    for (let life = 0; life < 3; life++) {
      expect(refusal(world)).toBe(null);
      crash(world);
    }
    expect(refusal(world)).not.toBe(null);
  });

  it('hold back no other version, and a cell that was drained is none of them', () => {
    const world = setupPool({ scales: false });
    for (let life = 0; life < 5; life++) {
      world.pass(5_000);
      expect(refusal(world)).toBe(null);
      crash(world);
    }
    expect(refusal(world)).not.toBe(null);
    for (let life = 0; life < 5; life++) {
      expect(refusal(world, version('b'))).toBe(null);
      void world.cells.at(-1)!.drain();
    }
  });

  it('are not started for those that wait, or to be warm, while they are held back', () => {
    const world = setupPool();
    for (let life = 0; life < 9; life++) {
      while (refusal(world) !== null) world.pass(50);
      crash(world);
    }
    world.pool.keepWarm(version('a').function, [{ version: version('a'), cells: 2 }]);
    world.pool.look();
    expect(world.cells).toHaveLength(9);
    world.pass(16_000);
    world.pool.look();
    expect(world.cells.length).toBeGreaterThan(9);
  });
});
