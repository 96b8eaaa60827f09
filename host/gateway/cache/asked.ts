import { cacheControl, NO_DIRECTIVES, secondsOf, type Directives } from './directives.ts';

/** What a request wants of a cache. RFC 9111, section 5.2.1; times in ms. */
export interface Asked {
  /** How old a response may be, by how much it has to be fresh, and by how much it may be stale. */
  readonly maxAge: number;
  readonly minFresh: number;
  readonly maxStale: number;
  readonly ifError: number;
  /** Not without asking the function. */
  readonly noCache: boolean;
  /** Nothing of it is kept. */
  readonly noStore: boolean;
  /** Not by asking the function. */
  readonly onlyIfCached: boolean;
}

export const NOTHING_ASKED: Asked = {
  maxAge: Infinity,
  minFresh: 0,
  maxStale: 0,
  ifError: 0,
  noCache: false,
  noStore: false,
  onlyIfCached: false,
};

/** @param pragma counts only where there is no Cache-Control: RFC 9111, section 5.4 */
export function askedOf(control: string | null, pragma: string | null): Asked {
  if (control === null)
    return pragma !== null && /(^|,)\s*no-cache\s*(,|$)/i.test(pragma) ? { ...NOTHING_ASKED, noCache: true } : NOTHING_ASKED;
  const directives = cacheControl(control);
  if (directives === NO_DIRECTIVES || !KNOWN.some((name) => directives.has(name))) return NOTHING_ASKED;
  return {
    maxAge: msOf(directives, 'max-age') ?? Infinity,
    minFresh: msOf(directives, 'min-fresh') ?? 0,
    maxStale: directives.get('max-stale') === true ? Infinity : (msOf(directives, 'max-stale') ?? 0),
    ifError: msOf(directives, 'stale-if-error') ?? 0,
    noCache: directives.has('no-cache'),
    noStore: directives.has('no-store'),
    onlyIfCached: directives.has('only-if-cached'),
  };
}

const KNOWN = ['max-age', 'min-fresh', 'max-stale', 'no-cache', 'no-store', 'only-if-cached', 'stale-if-error'];

function msOf(directives: Directives, name: string): number | null {
  const seconds = secondsOf(directives, name);
  return seconds === null ? null : seconds * 1000;
}
