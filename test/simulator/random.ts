export type Random = () => number;

/** Numbers ≥ 0. */
export type Distribution = (random: Random) => number;

export const always =
  (value: number): Distribution =>
  () =>
    value;

export const exponential =
  (mean: number): Distribution =>
  (random) =>
    -mean * Math.log(1 - random());

export const uniform =
  (from: number, to: number): Distribution =>
  (random) =>
    from + (to - from) * random();

/** By its mean. `sigma` is that of the logarithm: with 1, one in a hundred takes six times the mean. */
export function lognormal(mean: number, sigma: number): Distribution {
  const mu = Math.log(mean) - (sigma * sigma) / 2;
  return (random) => Math.exp(mu + sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

/** From `least` on, with the tail's exponent `alpha`, and cut at `most`. */
export const pareto =
  ({ least, alpha, most }: { readonly least: number; readonly alpha: number; readonly most: number }): Distribution =>
  (random) =>
    Math.min(most, least * Math.pow(1 - random(), -1 / alpha));

/** What part of the whole each of so many has: the one in place n in the ratio 1 / n^exponent (Zipf). */
export function zipf(count: number, exponent: number): number[] {
  const parts = Array.from({ length: count }, (_, index) => Math.pow(index + 1, -exponent));
  const whole = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / whole);
}
