import { describe, expect, it } from 'vitest';
import { seeded } from '../registry/random.ts';
import { Cores } from './cores.ts';
import { Events } from './events.ts';
import { Histogram } from './histogram.ts';
import { bursty, diurnal, steady } from './load.ts';
import { exponential, lognormal, pareto, zipf } from './random.ts';

describe('virtual time', () => {
  it('goes from one thing that is due to the next, in the order in which they were put in where they are due at once', async () => {
    const events = new Events();
    const seen: string[] = [];
    const note = (name: string) => ({ happen: (now: number) => void seen.push(`${name} ${now}`) });
    const random = seeded(1);
    for (let count = 0; count < 500; count++) events.at(Math.floor(random() * 50), note(String(count).padStart(3, '0')));
    events.at(20, { happen: () => events.at(5, note('late')) });
    events.at(60, note('after the end'));
    await events.run(60);
    expect(seen).toHaveLength(501);
    const times = seen.map((text) => Number(text.split(' ')[1]));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const time of new Set(times)) {
      const together = seen.filter((text) => text.endsWith(` ${time}`) && !text.startsWith('late'));
      expect(together).toEqual(together.toSorted());
    }
    expect(seen).toContain('late 20');
    expect(events.now).toBe(60);
  });
});

describe('cores', () => {
  it('are shared evenly by the threads that compute, and no thread has more than one', async () => {
    const events = new Events();
    const cores = new Cores(events, 2);
    const ended: Record<string, number> = {};
    const compute = (name: string, ms: number) =>
      cores.compute({ computed: (now) => void (ended[name] = Math.round(now * 1e6) / 1e6) }, ms);
    // Three threads on two cores: each gets two thirds, until the first ends after 6 ms.
    compute('short', 4);
    compute('middle', 6);
    compute('long', 10);
    events.at(20, { happen: () => compute('alone', 5) });
    await events.run(100);
    expect(ended).toEqual({ short: 6, middle: 8, long: 12, alone: 25 });
    expect(cores.used).toBeCloseTo(25, 6);
  });
});

describe('a histogram', () => {
  it('is right to one part in a hundred', async () => {
    const random = seeded(4);
    const [histogram, values] = [new Histogram(), [] as number[]];
    const draw = lognormal(20, 1.5);
    for (let count = 0; count < 20_000; count++) histogram.add(values[values.push(draw(random)) - 1]!);
    values.sort((a, b) => a - b);
    for (const part of [0.5, 0.95, 0.99, 0.999]) {
      const exact = values[Math.ceil(part * values.length) - 1]!;
      expect(Math.abs(histogram.percentile(part) / exact - 1)).toBeLessThan(0.0101);
    }
    expect(new Histogram().percentile(0.5)).toBe(0);
  });
});

describe('what is drawn', () => {
  it.each([
    ['exponential', exponential(3), 3, 3 * Math.LN2],
    ['lognormal', lognormal(5, 0.8), 5, 5 * Math.exp(-0.32)],
    ['pareto, cut', pareto({ least: 1, alpha: 2.5, most: 1e9 }), 2.5 / 1.5, 2 ** 0.4],
  ])('%s has its mean and its median', (_name, draw, mean, median) => {
    const random = seeded(8);
    const values = Array.from({ length: 100_000 }, () => draw(random)).sort((a, b) => a - b);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length / mean).toBeCloseTo(1, 1);
    expect(values[values.length / 2]! / median).toBeCloseTo(1, 1);
  });

  it('functions share the calls by their rank', async () => {
    const parts = zipf(1_000, 1);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 9);
    expect(parts[0]! / parts[9]!).toBeCloseTo(10, 9);
  });

  it.each([
    ['steady', steady],
    ['bursty', bursty],
    ['diurnal', (rate: number, random: () => number) => diurnal(rate, random, 60_000)],
  ])('%s calls come at their rate in the long run, one after the other', (_name, arrivals) => {
    const next = arrivals(0.05, seeded(6));
    let [time, calls] = [0, 0];
    let ordered = true;
    for (const end = 6_000_000; time < end; calls++) {
      const after = next(time);
      ordered &&= after > time;
      time = after;
    }
    expect(ordered).toBe(true);
    expect(calls / time / 0.05).toBeCloseTo(1, 0.9);
  });
});
