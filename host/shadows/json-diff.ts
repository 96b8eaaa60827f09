import type { Ignored, Path } from './ignore.ts';

/** Where two values are not the same; undefined where there is none. */
export interface ValueDifference {
  readonly path: Path;
  readonly live: unknown;
  readonly shadow: unknown;
}

/** What is nested deeper is compared as one. */
const MAX_DEPTH = 64;

/**
 * The places where two JSON values differ, in the order of the live one. Members are compared by their names, items by their
 * places; of one that is there on one side alone no more is said.
 *
 * @param most so many are found at most
 */
export function valueDifferences(live: unknown, shadow: unknown, { ignored, most }: { ignored: Ignored; most: number }): ValueDifference[] {
  const found: ValueDifference[] = [];
  // Where it is; copied where a difference is found alone, as most values have none.
  const path: (string | number)[] = [];
  const inside = (part: string | number, a: unknown, b: unknown): void => {
    path.push(part);
    compare(a, b);
    path.pop();
  };
  const compare = (a: unknown, b: unknown): void => {
    if (a === b || found.length >= most) return;
    if (path.length < MAX_DEPTH && Array.isArray(a) && Array.isArray(b)) {
      for (let at = 0; at < Math.max(a.length, b.length); at++) inside(at, a[at], b[at]);
    } else if (path.length < MAX_DEPTH && isTable(a) && isTable(b)) {
      for (const name of Object.keys(a)) inside(name, a[name], Object.hasOwn(b, name) ? b[name] : undefined);
      for (const name of Object.keys(b)) if (!Object.hasOwn(a, name)) inside(name, undefined, b[name]);
    } else if (!ignored.value(path) && JSON.stringify(a) !== JSON.stringify(b)) found.push({ path: [...path], live: a, shadow: b });
  };
  compare(live, shadow);
  return found;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
