import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPolicy, nextLatency, POLICY_NAMES, type Candidate } from '../../../host/dispatch/pool/policy.ts';
import { seeded } from '../../registry/random.ts';

// The same draws each time.
fc.configureGlobal({ seed: 1 });

const candidate = fc.record({ inFlight: fc.nat(20), latency: fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e4, noNaN: true })) });
const candidates = fc.array(candidate, { minLength: 1, maxLength: 12 });

describe.each(POLICY_NAMES)('the policy %s', (name) => {
  it('picks one of those that are there, though their number changes', () => {
    fc.assert(
      fc.property(fc.array(candidates, { minLength: 1, maxLength: 20 }), fc.integer(), (rounds, seed) => {
        const policy = createPolicy(name, seeded(seed));
        for (const round of rounds) {
          const index = policy.pick(round);
          expect(Number.isInteger(index) && index >= 0 && index < round.length).toBe(true);
        }
      }),
    );
  });

  it('gives equal cells equally many calls', () => {
    const policy = createPolicy(name, seeded(1));
    const equal: Candidate[] = Array.from({ length: 4 }, () => ({ inFlight: 1, latency: 5 }));
    const counts = [0, 0, 0, 0];
    for (let call = 0; call < 8_000; call++) counts[policy.pick(equal)]!++;
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });
});

describe('round-robin', () => {
  it('is fair: after any number of calls no cell has two more than another', () => {
    fc.assert(
      fc.property(candidates, fc.nat(100), (cells, calls) => {
        const policy = createPolicy('round-robin', Math.random);
        const counts = cells.map(() => 0);
        for (let call = 0; call < calls; call++) counts[policy.pick(cells)]!++;
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('least-in-flight', () => {
  it('never picks one where another has fewer calls', () => {
    fc.assert(
      fc.property(fc.array(candidates, { minLength: 1 }), (rounds) => {
        const policy = createPolicy('least-in-flight', Math.random);
        for (const round of rounds) {
          expect(round[policy.pick(round)]!.inFlight).toBe(Math.min(...round.map(({ inFlight }) => inFlight)));
        }
      }),
    );
  });
});

describe('two-choices', () => {
  it('draws two that differ, and never picks the worse of them', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 2, maxLength: 12 }), fc.integer(), (cells, seed) => {
        const drawn: number[] = [];
        const random = seeded(seed);
        const policy = createPolicy('two-choices', () => drawn[drawn.push(random()) - 1]!);
        const picked = policy.pick(cells);
        const first = Math.floor(drawn[0]! * cells.length);
        const rest = cells.map((_, index) => index).filter((index) => index !== first);
        const second = rest[Math.floor(drawn[1]! * rest.length)]!;
        expect([first, second]).toContain(picked);
        expect(cells[picked]!.inFlight).toBe(Math.min(cells[first]!.inFlight, cells[second]!.inFlight));
      }),
    );
  });

  it('picks any but the busiest', () => {
    const cells = [0, 1, 2, 3].map((inFlight) => ({ inFlight, latency: 0 }));
    const policy = createPolicy('two-choices', seeded(7));
    const picked = new Set(Array.from({ length: 500 }, () => policy.pick(cells)));
    expect(picked).toEqual(new Set([0, 1, 2]));
  });
});

describe('latency', () => {
  it('gives a cell that is five times slower a small part', () => {
    const policy = createPolicy('latency', seeded(3));
    const cells = [
      { inFlight: 0, latency: 50 },
      { inFlight: 0, latency: 10 },
    ];
    const picks = Array.from({ length: 3_200 }, () => policy.pick(cells));
    const slow = picks.filter((index) => index === 0).length;
    expect(slow).toBeGreaterThan(20);
    expect(slow).toBeLessThan(80);
  });

  it('gives a cell without calls its share, and not all of them', () => {
    const policy = createPolicy('latency', () => 0.5);
    expect(
      policy.pick([
        { inFlight: 0, latency: 10 },
        { inFlight: 3, latency: 0 },
      ]),
    ).toBe(0);
    expect(
      policy.pick([
        { inFlight: 1, latency: 10 },
        { inFlight: 0, latency: 0 },
      ]),
    ).toBe(1);
  });
});

describe('nextLatency()', () => {
  it('begins with the first call, and goes to where the calls stay', () => {
    expect(nextLatency(0, 40)).toBe(40);
    expect(nextLatency(0, 0)).toBeGreaterThan(0);
    let average = 40;
    for (let call = 0; call < 100; call++) average = nextLatency(average, 8);
    expect(average).toBeCloseTo(8, 3);
  });
});
