/** What the platforms' clocks tell apart at best: a millisecond on some, and no less than this anywhere. */
export const MONOTONIC_RESOLUTION = 1_000n;
export const SYSTEM_RESOLUTION = 1_000_000n;

/** setTimeout takes no more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** A point of time since 1970: `datetime` of 0.2, `instant` of 0.3. */
export interface Instant {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** Nanoseconds on the monotonic clock. */
export function monotonicNow(): bigint {
  return BigInt(Math.round(performance.now() * 1e6));
}

export function systemNow(): Instant {
  const ms = Date.now();
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanoseconds: (ms - seconds * 1000) * 1_000_000 };
}

/**
 * Calls `due` once the monotonic clock has reached `mark`, never before: timers may fire early.
 *
 * @returns a function that puts it off
 */
export function atMark(mark: bigint, due: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    const rest = mark - monotonicNow();
    if (rest <= 0n) due();
    else timer = setTimeout(wait, Math.min(Math.max(1, Math.ceil(Number(rest) / 1e6)), MAX_TIMEOUT_MS));
  };
  wait();
  return () => clearTimeout(timer);
}
