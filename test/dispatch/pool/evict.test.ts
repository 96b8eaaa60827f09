import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evict, type Evictable, type EvictableOwner } from '../../../host/dispatch/pool/evict.ts';

// The same draws each time.
fc.configureGlobal({ seed: 1 });

const drawnCells = fc
  .array(
    fc.record({ owner: fc.nat(3), inFlight: fc.oneof(fc.constant(0), fc.nat(2)), used: fc.nat(20), bytes: fc.integer({ min: 1, max: 9 }) }),
  )
  .chain((drawn) => fc.tuple(fc.constant(drawn), fc.array(fc.nat(3), { minLength: 4, maxLength: 4 })))
  .map(([drawn, minimums]): Evictable[] => {
    const count = (owner: number) => drawn.filter((each) => each.owner === owner).length;
    const owners: EvictableOwner[] = minimums.map((min, owner) => ({ cells: count(owner), min }));
    return drawn.map((each) => ({ ...each, owner: owners[each.owner]! }));
  });

describe('evict()', () => {
  it('takes the cells that were not used for longest, and no more than are needed', () => {
    const cells = idle([30, 10, 20, 40]);
    expect(evict(cells, 1)).toEqual({ victims: [1], bytes: 12 });
    expect(evict(cells, 24)).toEqual({ victims: [1, 2], bytes: 24 });
    expect(evict(cells, 0)).toEqual({ victims: [], bytes: 0 });
  });

  it('says how little comes free where the rest may not go', () => {
    const owner = { cells: 2, min: 1 };
    const [first, second] = idle([1, 2]);
    expect(
      evict(
        [
          { ...first!, owner },
          { ...second!, owner },
          { ...first!, inFlight: 1 },
        ],
        100,
      ),
    ).toEqual({ victims: [0], bytes: 12 });
  });

  it('never takes a cell with calls, nor one that its owner keeps, nor a later one in place of an earlier one', () => {
    fc.assert(
      fc.property(drawnCells, fc.nat(60), (cells, bytes) => {
        const { victims, bytes: freed } = evict(cells, bytes);
        expect(new Set(victims).size).toBe(victims.length);
        expect(freed).toBe(victims.reduce((sum, index) => sum + cells[index]!.bytes, 0));
        const left = (owner: EvictableOwner) => owner.cells - victims.filter((index) => cells[index]!.owner === owner).length;
        for (const index of victims) {
          expect(cells[index]!.inFlight).toBe(0);
          expect(left(cells[index]!.owner)).toBeGreaterThanOrEqual(cells[index]!.owner.min);
        }
        const spared = cells.filter((cell, index) => cell.inFlight === 0 && !victims.includes(index) && left(cell.owner) > cell.owner.min);
        const last = Math.max(...victims.map((index) => cells[index]!.used));
        for (const cell of spared) expect(cell.used).toBeGreaterThanOrEqual(last);
        // All that could go went, or it was enough, and without the last victim it was not.
        if (freed < bytes) expect(spared).toEqual([]);
        else if (victims.length > 0) expect(freed - cells[victims.at(-1)!]!.bytes).toBeLessThan(bytes);
      }),
    );
  });
});

function idle(used: readonly number[]): Evictable[] {
  return used.map((each) => ({ inFlight: 0, used: each, bytes: 12, owner: { cells: 1, min: 0 } }));
}
