import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Latencies } from '../../host/gateway/limits/latencies.ts';

describe('Latencies', () => {
  it('knows a percentile as those know it who keep all of them, to a tenth', () => {
    const lengths = fc.array(fc.double({ min: 0.1, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(lengths, fc.constantFrom(0.5, 0.9, 0.95, 0.99), (all, share) => {
        const latencies = new Latencies(60_000);
        for (const ms of all) latencies.add(0, ms);
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(all.length * share - 1e-9) - 1]!;
        const found = latencies.percentile(0, share, 1)!;
        expect(found / exact).toBeGreaterThan(0.999);
        expect(found / exact).toBeLessThan(1.1);
      }),
    );
  });

  it('says nothing of too few, and forgets what is older than two periods', () => {
    const latencies = new Latencies(1_000);
    for (let each = 0; each < 10; each++) latencies.add(0, 100);
    expect(latencies.percentile(0, 0.95, 11)).toBeNull();
    expect(latencies.percentile(1_999, 0.95, 10)).toBeGreaterThan(99);
    expect(latencies.percentile(2_000, 0.95, 10)).toBeNull();
    latencies.add(2_100, 1);
    latencies.add(500, 1);
    expect(latencies.percentile(500, 0.5, 2)).toBeLessThan(1.1);
    expect(latencies.percentile(9_000, 0.5, 1)).toBeNull();
  });

  it('takes what is shorter or longer than it can tell', () => {
    const latencies = new Latencies(1_000);
    latencies.add(0, 0);
    expect(latencies.percentile(0, 0.5, 1)).toBeLessThan(0.1);
    for (let each = 0; each < 9; each++) latencies.add(0, 1e12);
    expect(latencies.percentile(0, 0.5, 1)).toBeGreaterThan(3_600_000);
  });
});
