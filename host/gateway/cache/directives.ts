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

const KEY = /[a-z*][a-z0-9_\-.*]*/y;
const ITEM =
  /"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"|-?\d{1,15}(?:\.\d{1,3})?|\?[01]|:[A-Za-z0-9+/=]*:|[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y;

/**
 * Those of a targeted field, which is a dictionary of structured fields; null where it is none, or empty: then it is as if
 * it were not there. RFC 9213, section 2.1, and RFC 8941, section 4.2.2.
 */
export function targetedControl(value: string | null): Directives | null {
  if (value === null) return null;
  const reader = new Reader(value.trim());
  const found = new Map<string, string | true>();
  while (!reader.done) {
    const key = reader.take(KEY);
    if (key === null) return null;
    let item: string | true = true;
    if (reader.skip('=')) {
      const text = reader.take(ITEM);
      if (text === null) return null;
      item = text === '?1' ? true : text;
    }
    while (reader.skip(';')) {
      reader.blank();
      if (reader.take(KEY) === null) return null;
      if (reader.skip('=') && reader.take(ITEM) === null) return null;
    }
    found.set(key, item);
    reader.blank();
    if (reader.done) break;
    if (!reader.skip(',')) return null;
    reader.blank();
    // A comma at the end makes it none.
    if (reader.done) return null;
  }
  return found.size === 0 ? null : found;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  blank(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
  }
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
