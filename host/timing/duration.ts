const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds, given as such or as text: `90s`, `5m`, `1h30m`, `1d`. Null where it is no duration. */
export function durationOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  if (typeof value !== 'string' || !/^(\d{1,15}(ms|s|m|h|d))+$/.test(value)) return null;
  const sum = [...value.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce((total, [, count, unit]) => total + Number(count) * UNITS[unit!]!, 0);
  return Number.isSafeInteger(sum) ? sum : null;
}

/** The same as text, in the largest units. */
export function durationText(duration: number): string {
  if (duration === 0) return '0s';
  let rest = duration;
  return Object.entries(UNITS)
    .toReversed()
    .map(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? '' : `${count}${unit}`;
    })
    .join('');
}
