import { parseDictionary } from 'structured-headers';

/** Directives by name, in lower case; `true` where there is no value. */
export type Directives = ReadonlyMap<string, string | true>;

export const NO_DIRECTIVES: Directives = new Map();

/** The largest time that counts. RFC 9111, section 1.2.2. */
export const MAX_SECONDS = 2 ** 31;

const DIRECTIVE = /[\t ]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?[\t ]*(,|$)/y;

/** Those of Cache-Control, of which each counts as it stands first. What is none is left out. RFC 9111, section 5.2. */
export function cacheControl(value: string | null): Directives {
  if (value === null || value === '') return NO_DIRECTIVES;
  const found = new Map<string, string | true>();
  let at = 0;
  while (at < value.length) {
    DIRECTIVE.lastIndex = at;
    const match = DIRECTIVE.exec(value);
    if (match === null) {
      const comma = value.indexOf(',', at);
      if (comma === -1) break;
      at = comma + 1;
      continue;
    }
    at = DIRECTIVE.lastIndex;
    const name = match[1]!.toLowerCase();
    if (!found.has(name)) found.set(name, match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? true);
  }
  return found;
}

/**
 * Those of a targeted field, which is a dictionary of structured fields; null where it is none, or empty: then it is as if
 * it were not there. RFC 9213, section 2.1, and RFC 9651, section 4.2.2.
 */
export function targetedControl(value: string | null): Directives | null {
  if (value === null) return null;
  const found = new Map<string, string | true>();
  try {
    for (const [name, [item]] of parseDictionary(value)) {
      // A value of another kind than a number is no time, and no list of fields either.
      if (item !== false) found.set(name, item === true ? true : typeof item === 'number' ? String(item) : '');
    }
  } catch {
    return null;
  }
  return found.size === 0 ? null : found;
}

/** Seconds; null where it is not there. What is no number is 0: whoever wrote it meant a limit. RFC 9111, section 4.2.1. */
export function secondsOf(directives: Directives, name: string): number | null {
  const value = directives.get(name);
  if (value === undefined) return null;
  if (value === true || !/^\d+$/.test(value)) return 0;
  return Math.min(Number(value), MAX_SECONDS);
}

/** The names in a list of fields, in lower case. */
export function fieldNames(value: string | null): string[] {
  if (value === null) return [];
  return value
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}
