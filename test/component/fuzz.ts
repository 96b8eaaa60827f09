import { BrinkError } from '../../host/errors.ts';

/** How often generated input is tried, and from where: `FUZZ_RUNS=100000 FUZZ_SEED=7 npx vitest run …`. */
export const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? 7);

/** @param short how often it is tried with every change */
export function fuzzRuns(short: number): number {
  return Number(process.env.FUZZ_RUNS ?? short);
}

/** Time for so many runs, in milliseconds. */
export function fuzzTimeout(runs: number): number {
  return 15_000 + runs * 20;
}

/** A generator that gives the same numbers each time. */
export function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

/** Calls `run` so often, each time with numbers of its own; what it throws names the seed that shows it again. */
export async function fuzz(runs: number, run: (random: (below: number) => number) => unknown): Promise<void> {
  for (let seed = FUZZ_SEED; seed < FUZZ_SEED + runs; seed += 1) {
    try {
      await run(seeded(Math.imul(seed, 2654435761)));
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed} FUZZ_RUNS=1 shows it again: ${String(error)}`, { cause: error });
    }
  }
}

/** A copy with a few bytes changed, moved or cut off. */
export function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  for (let n = random(4); n >= 0; n--) {
    const at = random(copy.length);
    const kind = random(4);
    if (kind === 0) copy[at] = random(256);
    else if (kind === 1) copy[at]! ^= 1 << random(8);
    else if (kind === 2) copy[at]! += random(2) ? 1 : -1;
    else copy.copyWithin(at, random(copy.length), random(copy.length));
  }
  return copy.subarray(0, random(10) === 0 ? random(copy.length) : copy.length);
}

/** The code that something is refused with; `none` where it is taken. Whatever else is thrown is a fault of ours. */
export function refusal(step: () => unknown): string {
  try {
    step();
    return 'none';
  } catch (error) {
    if (error instanceof BrinkError) return error.code;
    throw error;
  }
}
