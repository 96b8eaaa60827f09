import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WeightedVersion } from '../../host/registry/record.ts';
import { checkWeights, createDeck, pickByKey } from '../../host/registry/weights.ts';
import { seeded } from './random.ts';

const weighted = (...weights: number[]): WeightedVersion[] => weights.map((weight, index) => ({ version: index + 1, weight }));

describe('checkWeights()', () => {
  it.each([
    [[100]],
    [[90, 10]],
    [[33.33, 33.33, 33.34]],
    [[99.99, 0.01]],
    [[12.5, 87.5]],
    [Array<number>(100).fill(1)],
    [[0.1, 0.2, 99.7]],
  ])('takes %j', (weights) => expect(() => checkWeights(weighted(...weights))).not.toThrow());

  it.each([
    ['no version', [], 'at least one'],
    ['too little', weighted(50, 49), 'add up to 99'],
    ['too much', weighted(90, 20), 'add up to 110'],
    ['one hundredth too little', weighted(33.33, 33.33, 33.33), 'add up to 99.99'],
    ['zero', weighted(100, 0), 'version 2 is 0'],
    ['below zero', weighted(150, -50), 'version 1 is 150'],
    ['less than a hundredth', weighted(100, 1e-9), 'version 2 is'],
    ['three decimals', weighted(99.999, 0.001), 'two decimals'],
    ['not a number', weighted(NaN), 'NaN'],
    ['infinite', weighted(Infinity), 'Infinity'],
    [
      'a version twice',
      [
        { version: 3, weight: 50 },
        { version: 3, weight: 50 },
      ],
      'Version 3 stands twice',
    ],
  ])('refuses %s', (_name, versions, message) => {
    expect(() => checkWeights(versions)).toThrow(
      expect.objectContaining({ code: 'weights-invalid', message: expect.stringContaining(message) }),
    );
  });
});

describe('createDeck()', () => {
  it('deals 90:10 exactly 90 to 10 in every hundred, in no fixed order', () => {
    const pick = createDeck(weighted(90, 10), seeded(1));
    const hundreds = Array.from({ length: 50 }, () => Array.from({ length: 100 }, pick));
    for (const dealt of hundreds) expect(count(dealt)).toEqual({ 1: 90, 2: 10 });
    expect(new Set(hundreds.map((dealt) => dealt.join(''))).size).toBe(50);
  });

  it('deals thirds of two decimals exactly in every ten thousand', () => {
    const pick = createDeck(weighted(33.33, 33.33, 33.34), seeded(2));
    for (let round = 0; round < 3; round++) {
      expect(count(Array.from({ length: 10_000 }, pick))).toEqual({ 1: 3_333, 2: 3_333, 3: 3_334 });
    }
  });

  it('deals the smallest weight once in ten thousand', () => {
    const pick = createDeck(weighted(99.99, 0.01), seeded(3));
    expect(count(Array.from({ length: 10_000 }, pick))).toEqual({ 1: 9_999, 2: 1 });
  });

  it('spreads a version over the deck rather than dealing it in a row', () => {
    const positions = Array.from({ length: 2_000 }, (_, seed) => {
      const pick = createDeck(weighted(90, 10), seeded(seed));
      return Array.from({ length: 10 }, pick).indexOf(2);
    });
    for (const times of Object.values(count(positions))) expect(times).toBeGreaterThan(140);
    expect(Object.keys(count(positions))).toHaveLength(10);
  });

  it('asks for no randomness where there is one version', () => {
    const pick = createDeck(weighted(100), () => {
      throw new Error('asked');
    });
    expect([pick(), pick()]).toEqual([1, 1]);
  });

  it.each([0, 1 - 2 ** -53])('stays within the deck where randomness is always %d', (constant) => {
    const pick = createDeck(weighted(75, 25), () => constant);
    expect(count(Array.from({ length: 400 }, pick))).toEqual({ 1: 300, 2: 100 });
  });

  it('is exact for any weights', () => {
    fc.assert(
      fc.property(splits, fc.integer(), (versions, seed) => {
        const pick = createDeck(versions, seeded(seed));
        const dealt = count(Array.from({ length: 10_000 }, pick));
        for (const { version, weight } of versions) expect(dealt[version]).toBe(Math.round(weight * 100));
      }),
      { numRuns: 30 },
    );
  });
});

describe('pickByKey()', () => {
  it('gives a key the same version every time', () => {
    const versions = weighted(50, 30, 20);
    for (const key of ['', 'a', '203.0.113.7', 'ümlaut', '\u{1F600}']) {
      expect(new Set(Array.from({ length: 20 }, () => pickByKey(versions, key))).size).toBe(1);
    }
  });

  it.each([
    ['running numbers', (index: number) => `user-${index}`],
    ['addresses', (index: number) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`],
    ['one changing letter block', (index: number) => index.toString(36).padStart(8, 'a')],
  ])('gives versions their share of many keys: %s', (_name, keyOf) => {
    const dealt = count(Array.from({ length: 100_000 }, (_, index) => pickByKey(weighted(70, 25, 5), keyOf(index))));
    expect(dealt[1]! / 1_000).toBeCloseTo(70, -0.4);
    expect(dealt[2]! / 1_000).toBeCloseTo(25, -0.4);
    expect(dealt[3]! / 1_000).toBeCloseTo(5, -0.4);
  });

  const KEYS = Array.from({ length: 100_000 }, (_, index) => `key-${index}`);
  const moves = (before: WeightedVersion[], after: WeightedVersion[]) =>
    count(
      KEYS.flatMap((key) => {
        const [from, to] = [pickByKey(before, key), pickByKey(after, key)];
        return from === to ? [] : [`${from} to ${to}`];
      }),
    );

  it('moves only the keys that the weights move: 90/10 to 80/20 moves a tenth, to the second version, and back the same ones', () => {
    const { '1 to 2': moved = 0, ...others } = moves(weighted(90, 10), weighted(80, 20));
    expect(others).toEqual({});
    // Within four standard deviations.
    expect(Math.abs(moved - 10_000)).toBeLessThan(4 * Math.sqrt(100_000 * 0.1 * 0.9));
    expect(moves(weighted(80, 20), weighted(90, 10))).toEqual({ '2 to 1': moved });
  });

  it('keeps those who are on the new version there, through all steps of a release', () => {
    const steps = [1, 5, 25, 50, 99.99, 100].map((percent) =>
      percent === 100 ? [{ version: 2, weight: 100 }] : weighted(Math.round((100 - percent) * 100) / 100, percent),
    );
    for (const key of KEYS.slice(0, 20_000)) {
      const on = steps.map((versions) => pickByKey(versions, key));
      expect(on).toEqual(on.toSorted((a, b) => a - b));
    }
  });

  it('gives a third version keys of both others, and moves none between those', () => {
    const moved = moves(weighted(60, 40), weighted(48, 32, 20));
    expect(Object.keys(moved).toSorted()).toEqual(['1 to 3', '2 to 3']);
    expect((moved['1 to 3']! + moved['2 to 3']!) / 1_000).toBeCloseTo(20, -0.4);
  });

  it('does not go by the order in which versions stand', () => {
    const versions = weighted(50, 30, 20);
    for (const key of KEYS.slice(0, 5_000)) expect(pickByKey(versions.toReversed(), key)).toBe(pickByKey(versions, key));
  });

  it('always gives one of the versions', () => {
    fc.assert(fc.property(splits, fc.string(), (versions, key) => versions.some(({ version }) => version === pickByKey(versions, key))));
  });
});

describe('weights over 100,000 draws, by chi-square', () => {
  // Exceeded once in a thousand by exact shares.
  const CRITICAL: Record<number, number> = { 1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47 };
  const splitsOf = [
    [50, 50],
    [99, 1],
    [90, 9, 1],
    [70, 25, 5],
    [40, 30, 20, 10],
    [99.5, 0.25, 0.25],
  ];

  it.each(splitsOf)('a deck deals them exactly: %d, %d', (...weights) => {
    const pick = createDeck(weighted(...weights), seeded(7));
    expect(chiSquare(Array.from({ length: 100_000 }, pick), weights)).toBeLessThan(1e-6);
  });

  it.each(splitsOf)('keys fall on them as chance would have it: %d, %d', (...weights) => {
    const versions = weighted(...weights);
    for (const prefix of ['user-', '10.0.', 'a'.repeat(40)]) {
      const picked = Array.from({ length: 100_000 }, (_, index) => pickByKey(versions, prefix + index));
      expect(chiSquare(picked, weights)).toBeLessThan(CRITICAL[weights.length - 1]!);
    }
  });
});

/** Pearson's statistic of versions 1, 2… against their weights in percent. */
function chiSquare(picked: readonly number[], weights: readonly number[]): number {
  const counts = count(picked);
  return weights.reduce((sum, weight, index) => {
    const expected = (picked.length * weight) / 100;
    return sum + ((counts[index + 1] ?? 0) - expected) ** 2 / expected;
  }, 0);
}

/** Any split of 100 percent in hundredths. */
const splits = fc.uniqueArray(fc.integer({ min: 1, max: 9_999 }), { maxLength: 8 }).map((cuts) => {
  const edges = [0, ...cuts.toSorted((a, b) => a - b), 10_000];
  return edges.slice(1).map((edge, index) => ({ version: index + 1, weight: (edge - edges[index]!) / 100 }));
});

function count(picks: readonly (number | string)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pick of picks) counts[pick] = (counts[pick] ?? 0) + 1;
  return counts;
}
