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
 * Calls `due` once the monotonic clock has reached `mark`, never before: timers may fire early. Nor before this has
 * returned: the clock may have reached the mark since it was looked at.
 *
 * @returns a function that puts it off
 */
export function atMark(mark: bigint, due: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (rest: bigint) => {
    const ms = rest <= 0n ? 0 : Math.max(1, Math.ceil(Number(rest) / 1e6));
    timer = setTimeout(look, Math.min(ms, MAX_TIMEOUT_MS));
  };
  const look = () => {
    const rest = mark - monotonicNow();
    if (rest <= 0n) due();
    else wait(rest);
  };
  wait(mark - monotonicNow());
  return () => clearTimeout(timer);
}
