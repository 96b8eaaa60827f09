import { describe, expect, it } from 'vitest';
import { worseThan, worseThanOld, type Block } from '../../host/releases/betting.ts';
import { seeded } from '../registry/random.ts';

const block = (oldOf: number, oldBad: number, newOf: number, newBad: number): Block => ({
  old: { of: oldOf, bad: oldBad },
  new: { of: newOf, bad: newBad },
});

/** What a bet on the next block is expected to multiply wealth with, over all outcomes that it can have. */
function expectation(
  { old, new: fresh }: { old: number; new: number },
  sizes: { old: number; new: number },
  factor: (block: Block) => number,
) {
  let sum = 0;
  for (let a = 0; a <= sizes.old; a++) {
    for (let b = 0; b <= sizes.new; b++) {
      const chance = binomial(sizes.old, a, old) * binomial(sizes.new, b, fresh);
      sum += chance * Math.exp(factor(block(sizes.old, a, sizes.new, b)));
    }
  }
  return sum;
}

function binomial(of: number, times: number, chance: number): number {
  let ways = 1;
  for (let index = 0; index < times; index++) ways *= (of - index) / (index + 1);
  return ways * chance ** times * (1 - chance) ** (of - times);
}

const BEFORE: [string, Block][] = [
  ['a new version that looked worse', block(200, 2, 40, 6)],
  ['one that looked much worse', block(1_000, 0, 12, 12)],
  ['one that looked a little worse', block(50, 5, 50, 7)],
];

describe('a bet against the new version', () => {
  it.each(BEFORE)('is never expected to win where that is no worse: %s', (_name, before) => {
    for (const times of [1, 1.5, 3]) {
      for (const old of [0.001, 0.01, 0.1, 0.3]) {
        for (const share of [0, 0.5, 0.9, 1]) {
          for (const sizes of [
            { old: 1, new: 1 },
            { old: 9, new: 1 },
            { old: 2, new: 7 },
            { old: 5, new: 5 },
          ]) {
            const rates = { old, new: Math.min(1, old * times * share) };
            expect(expectation(rates, sizes, (each) => worseThanOld(each, { before, times }))).toBeLessThanOrEqual(1 + 1e-9);
          }
        }
      }
    }
  });

  it.each(BEFORE)('on a fixed limit neither: %s', (_name, before) => {
    for (const share of [0.01, 0.05, 0.3]) {
      for (const rate of [0, share / 2, share]) {
        expect(expectation({ old: 0.1, new: rate }, { old: 1, new: 6 }, (each) => worseThan(each, { before, share }))).toBeLessThanOrEqual(
          1 + 1e-9,
        );
      }
    }
  });

  it.each(BEFORE)('is expected to win where that is as bad as it looked: %s', (_name, before) => {
    const rates = { old: before.old.bad / before.old.of, new: Math.min(0.95, before.new.bad / before.new.of) };
    expect(expectation(rates, { old: 10, new: 10 }, (each) => worseThanOld(each, { before, times: 1 }))).toBeGreaterThan(1);
  });

  it('stakes nothing on little, on a new version that looks better, and on a block that one side is missing from', () => {
    expect(worseThanOld(block(10, 0, 10, 9), { before: block(100, 1, 9, 9), times: 1 })).toBe(0);
    expect(worseThanOld(block(10, 0, 10, 9), { before: block(100, 50, 100, 10), times: 1 })).toBe(0);
    expect(worseThanOld(block(0, 0, 10, 9), { before: block(100, 1, 100, 90), times: 1 })).toBe(0);
    expect(worseThan(block(10, 0, 10, 9), { before: block(0, 0, 100, 1), share: 0.02 })).toBe(0);
  });

  it('reaches 100 in at most one of a hundred lives, however often one looks and however the rates go up and down', () => {
    const random = seeded(11);
    const draw = (of: number, chance: number) => Array.from({ length: of }).reduce<number>((sum) => sum + (random() < chance ? 1 : 0), 0);
    const lives = 2_000;
    let ruined = 0;
    for (let life = 0; life < lives; life++) {
      let before = block(0, 0, 0, 0);
      let wealth = 0;
      for (let index = 0; index < 100; index++) {
        const rate = index % 20 < 10 ? 0.02 : 0.3;
        // The new version gets ever more of the requests, as in a release.
        const fresh = 1 + Math.floor(index / 8);
        const now = block(15 - fresh, draw(15 - fresh, rate), fresh, draw(fresh, rate));
        wealth += worseThanOld(now, { before, times: 1 });
        before = block(before.old.of + now.old.of, before.old.bad + now.old.bad, before.new.of + now.new.of, before.new.bad + now.new.bad);
        if (wealth >= Math.log(100)) {
          ruined++;
          break;
        }
      }
    }
    // Four standard deviations above what is promised.
    expect(ruined).toBeLessThanOrEqual(lives * 0.01 + 4 * Math.sqrt(lives * 0.01 * 0.99));
  });
});
