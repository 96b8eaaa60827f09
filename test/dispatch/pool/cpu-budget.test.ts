import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CpuBudget, type BudgetChange } from '../../../host/dispatch/pool/cpu-budget.ts';
import type { Holder } from '../../../host/dispatch/pool/shares.ts';

const LOOK = 50;

/** A budget whose time passes in looks. */
function bucket(cores: number) {
  const budget = new CpuBudget('batch', cores);
  const changes: BudgetChange[] = [];
  let time = 0;
  return {
    budget,
    changes,
    pass(ms: number) {
      for (const until = time + ms; time < until;) {
        time += LOOK;
        const change = budget.look(time, LOOK);
        if (change !== null) changes.push(change);
      }
    },
  };
}

const holder = (): Holder => ({ calls: 0, waiting: 0, active: false });

describe('CpuBudget', () => {
  it('has a second of its cores saved up, and admits nothing once more is used', () => {
    const { budget, pass } = bucket(0.5);
    const one = holder();
    pass(60_000);
    budget.used(one, 500);
    expect(budget.admits).toBe(true);
    budget.used(one, 1);
    expect([budget.admits, budget.short]).toEqual([false, 2]);
  });

  it('pays back what was used beyond, at the rate of its cores', () => {
    const { budget, pass } = bucket(0.5);
    budget.used(holder(), 1_500);
    expect(budget.short).toBe(2_000);
    pass(1_950);
    expect(budget.admits).toBe(false);
    pass(50);
    expect(budget.admits).toBe(true);
  });

  it('counts calls that have begun with what calls like them have used, until it is seen or long past', () => {
    const { budget, pass } = bucket(1);
    const one = holder();
    for (let call = 0; call < 100; call++) {
      budget.begins(1);
      pass(500);
      budget.used(one, 200);
    }
    pass(10_000);
    budget.begins(4);
    expect(budget.admits).toBe(true);
    // Some 200 ms each, and a second is saved up.
    budget.begins(2);
    expect(budget.admits).toBe(false);
    budget.used(one, 400);
    pass(400);
    expect(budget.admits).toBe(true);
    budget.begins(4);
    expect(budget.admits).toBe(false);
    // They wait for something else.
    pass(1_000);
    expect(budget.admits).toBe(true);
  });

  it('a call that comes waits behind those that wait for CPU time, not behind those that wait for another reason', () => {
    const { budget, pass } = bucket(1);
    budget.waiting = 1;
    expect(budget.arrives()).toBe(true);
    budget.used(holder(), 1_100);
    expect(budget.arrives()).toBe(false);
    pass(200);
    expect([budget.admits, budget.arrives()]).toEqual([true, false]);
    budget.waiting = 0;
    expect(budget.arrives()).toBe(true);
  });

  it('is held back once, however many calls had to wait, and let go a second after the last that had to', () => {
    const { budget, changes, pass } = bucket(1);
    budget.used(holder(), 1_500);
    pass(50);
    expect([budget.holds, changes]).toEqual([false, []]);
    for (let call = 0; call < 10; call++) budget.arrives();
    pass(400);
    expect(changes).toEqual(['held-back']);
    pass(950);
    expect(changes).toEqual(['held-back']);
    pass(50);
    expect([changes, budget.holds, budget.late]).toEqual([['held-back', 'let-go'], false, 10]);
  });

  it('the next turn is that of the function that has used the least beside the others, and nobody saves turns up', () => {
    const { budget, pass } = bucket(1);
    const [a, b, late] = [holder(), holder(), holder()];
    budget.waiting = 2;
    budget.used(a, 300);
    budget.used(b, 100);
    expect(budget.shareOf(b)).toBeLessThan(budget.shareOf(a));
    budget.serves(b);
    budget.used(b, 500);
    budget.serves(a);
    expect([budget.shareOf(late), budget.shareOf(a), budget.shareOf(b)]).toEqual([300, 300, 600]);
    budget.waiting = 0;
    pass(50);
    expect([budget.shareOf(a), budget.shareOf(b)]).toEqual([0, 0]);
  });

  it('whatever calls need and however many come, they get their cores and no more, to a second and what one look lets in', () => {
    const needs = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 4, noNaN: true }), needs, (cores, each) => {
        const seconds = 120;
        const used = saturated(cores, each, seconds);
        expect(used).toBeLessThan(cores * (seconds + 1) * 1_000 + 8 * 400);
        expect(used).toBeGreaterThan(cores * (seconds - 2) * 1_000 - 8 * 400);
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});

/** CPU ms that eight threads use whose calls always wait, each call needing the next of `needs`, and seen only at looks. */
function saturated(cores: number, needs: readonly number[], seconds: number): number {
  const { budget, pass } = bucket(cores);
  const own = holder();
  const threads: number[] = Array.from({ length: 8 }, () => 0);
  budget.waiting = 1;
  let [used, next] = [0, 0];
  for (let look = 0; look < (seconds * 1_000) / LOOK; look++) {
    for (const [index, left] of threads.entries()) {
      if (left > 0 || !budget.admits) continue;
      threads[index] = needs[next++ % needs.length]!;
      budget.begins(1);
    }
    for (const [index, left] of threads.entries()) {
      const ran = Math.min(LOOK, left);
      threads[index] = left - ran;
      used += ran;
      if (ran > 0) budget.used(own, ran);
    }
    pass(LOOK);
  }
  return used;
}
