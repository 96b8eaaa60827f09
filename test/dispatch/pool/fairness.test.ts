import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Shares, type Holder } from '../../../host/dispatch/pool/shares.ts';
import { LIMITS, settled, setup, version } from './fake-cells.ts';

const named = (name: string) => version(name, { name, scaling: { concurrency: 1_000, queue: 10_000 } });

describe('places of a host', () => {
  it('one function does not get the last tenth, which others do', async () => {
    const { call, pool } = setup({ limits: { ...LIMITS, calls: 100 } });
    const hot = Array.from({ length: 150 }, () => call(named('hot')));
    expect(hot.filter(({ state }) => state === 'running')).toHaveLength(90);
    const quiet = Array.from({ length: 10 }, () => call(named('quiet')));
    expect(quiet.every(({ state }) => state === 'running')).toBe(true);
    expect(pool.view()).toMatchObject([{ calls: 90, waiting: 60 }, { calls: 10 }]);
  });

  it('what comes free goes to those who have the fewest, until all have the same', async () => {
    const { call, pool, cells } = setup({ limits: { ...LIMITS, calls: 100 } });
    for (let index = 0; index < 300; index++) call(named('hot'));
    for (let index = 0; index < 300; index++) call(named('late'));
    for (let turn = 0; turn < 100; turn++) {
      cells[0]!.answer();
      await settled();
    }
    const [hot, late] = pool.view().map(({ calls }) => calls);
    expect(hot! + late!).toBeLessThanOrEqual(100);
    expect(hot! + late!).toBeGreaterThanOrEqual(90);
    expect(Math.abs(hot! - late!)).toBeLessThanOrEqual(10);
  });

  it('who wants less than a share leaves the rest to others', async () => {
    const { call, cells, pool } = setup({ limits: { ...LIMITS, calls: 100 } });
    for (let index = 0; index < 5; index++) call(named('small'));
    for (let index = 0; index < 300; index++) call(named('a'));
    for (let index = 0; index < 300; index++) call(named('b'));
    for (let turn = 0; turn < 200; turn++) {
      cells[1]!.answer();
      await settled();
    }
    const [small, a, b] = pool.view().map(({ calls }) => calls);
    expect(small).toBe(5);
    expect(Math.min(a!, b!)).toBeGreaterThan(35);
  });

  it('calls of calls pass, so that those who wait for one another end', () => {
    const { call } = setup({ limits: { ...LIMITS, calls: 2 } });
    const outer = call(named('outer'));
    const full = call(named('outer'));
    expect([outer.state, full.state]).toEqual(['running', 'waiting']);
    expect(call(named('inner'), { depth: 1 }).state).toBe('running');
    expect(call(named('inner'), { depth: 2 }).state).toBe('running');
  });

  it('property: no more than there are, and who has less than a share is never refused while a place is left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 300 }), (bound, steps) => {
        const shares = new Shares(bound);
        const holders = Array.from({ length: 5 }, (): Holder => ({ calls: 0, waiting: 0, active: false }));
        for (const [index, begins] of steps) {
          const holder = holders[index]!;
          if (!begins) {
            if (holder.calls > 0) shares.change(holder, -1);
          } else if (shares.admits(holder)) shares.change(holder, 1);
          else {
            const wanting = new Set([...holders.filter(({ calls }) => calls > 0), holder]).size;
            expect(shares.taken === bound || holder.calls >= bound / (wanting + 1)).toBe(true);
          }
          expect(shares.taken).toBeLessThanOrEqual(bound);
          expect(shares.taken).toBe(holders.reduce((sum, { calls }) => sum + calls, 0));
        }
      }),
    );
  });
});
