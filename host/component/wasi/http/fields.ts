import { err, OK, ok, type Err, type Result } from '../values/result.ts';
import { isToken, isValue, latin1, textOf } from './field-syntax.ts';

/** `header-error` of wasi:http; 0.2 has no `size-exceeded`. */
export interface HeaderError {
  readonly tag: 'invalid-syntax' | 'forbidden' | 'immutable' | 'size-exceeded';
}

const INVALID: Err<HeaderError> = err({ tag: 'invalid-syntax' });
const FORBIDDEN: Err<HeaderError> = err({ tag: 'forbidden' });
const IMMUTABLE: Err<HeaderError> = err({ tag: 'immutable' });
const TOO_LARGE: Err<HeaderError> = err({ tag: 'size-exceeded' });

/** What belongs to the connection, and so to the host: the list of wasmtime, which the specification has none of. */
const CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** What the lines of one `fields` may take in memory, each with what it takes beside its text. */
const MAX_SIZE = 128 * 1024;
const LINE_SIZE = 64;

type Value = Uint8Array<ArrayBuffer>;

interface Line {
  /** The name in lower case, by which it is found. */
  readonly key: string;
  readonly name: string;
  readonly value: Value;
}

/** `fields` of wasi:http: lines in their order, values as bytes. */
export class Fields {
  /** Where they come from a message, as long as nobody wants more than to look one up. */
  #headers: Headers | null;
  #lines: Line[] | null;
  #size = 0;
  immutable: boolean;

  private constructor(headers: Headers | null, lines: Line[] | null, immutable: boolean) {
    this.#headers = headers;
    this.#lines = lines;
    this.immutable = immutable;
  }

  static empty(): Fields {
    return new Fields(null, [], false);
  }

  /** Those of a message that came in, but for what belongs to the connection; not to be changed. */
  static of(headers: Headers): Fields {
    return new Fields(headers, null, true);
  }

  /** The same of a message whose lines are there as they came. Their names are in lower case, as guests expect them. */
  static ofLines(lines: Iterable<readonly [name: string, value: string]>): Fields {
    return new Fields(null, linesOf(lines), true);
  }

  static fromList(list: readonly (readonly [name: string, value: Value])[]): Result<Fields, HeaderError> {
    const fields = Fields.empty();
    for (const [name, value] of list) {
      const appended = fields.append(name, value);
      if (appended.tag === 'err') return appended;
    }
    return ok(fields);
  }

  /** The values are not to be changed, like those of `entries`. */
  get(name: string): Value[] {
    if (!isToken(name)) return [];
    const key = name.toLowerCase();
    if (this.#lines === null) return this.#look(key);
    return this.#lines.filter((line) => line.key === key).map(({ value }) => value);
  }

  has(name: string): boolean {
    if (!isToken(name)) return false;
    const key = name.toLowerCase();
    if (this.#lines === null) return !CONNECTION.has(key) && this.#headers!.has(key);
    return this.#lines.some((line) => line.key === key);
  }

  set(name: string, values: readonly Value[]): Result<undefined, HeaderError> {
    const key = name.toLowerCase();
    const refused = this.#refuse(name, key) ?? (values.every((value) => isValue(key, value)) ? null : INVALID);
    if (refused !== null) return refused;
    const others = this.#all.filter((line) => line.key !== key);
    const size = sizeOf(others) + values.reduce((sum, value) => sum + sizeOfLine(key, value), 0);
    if (size > MAX_SIZE) return TOO_LARGE;
    this.#lines = [...others, ...values.map((value): Line => ({ key, name, value }))];
    this.#size = size;
    return OK;
  }

  append(name: string, value: Value): Result<undefined, HeaderError> {
    const key = name.toLowerCase();
    const refused = this.#refuse(name, key) ?? (isValue(key, value) ? null : INVALID);
    if (refused !== null) return refused;
    const size = this.#size + sizeOfLine(key, value);
    if (size > MAX_SIZE) return TOO_LARGE;
    const lines = this.#all;
    // Lines of one name have the casing of the first.
    let at = 0;
    while (at < lines.length && lines[at]!.key !== key) at += 1;
    lines.push({ key, name: at < lines.length ? lines[at]!.name : name, value });
    this.#size = size;
    return OK;
  }

  delete(name: string): Result<undefined, HeaderError> {
    const key = name.toLowerCase();
    const refused = this.#refuse(name, key);
    if (refused !== null) return refused;
    this.#lines = this.#all.filter((line) => line.key !== key);
    this.#size = sizeOf(this.#lines);
    return OK;
  }

  entries(): readonly (readonly [name: string, value: Value])[] {
    return this.#all.map(({ name, value }) => [name, value] as const);
  }

  /** The same lines, to be changed. */
  clone(): Fields {
    const copy = new Fields(null, [...this.#all], false);
    copy.#size = sizeOf(copy.#lines!);
    return copy;
  }

  /** For a message that goes out. */
  toHeaders(): Headers {
    const headers = new Headers();
    for (const { name, value } of this.#all) headers.append(name, textOf(value));
    return headers;
  }

  /** The same for a constructor that makes Headers of its own: an object, which servers take as it is, unless a name comes twice. */
  toInit(): Record<string, string> | [name: string, value: string][] {
    const init: Record<string, string> = {};
    for (const { name, value } of this.#all) {
      if (Object.hasOwn(init, name) || name === '__proto__') return this.#all.map((line) => [line.name, textOf(line.value)]);
      init[name] = textOf(value);
    }
    return init;
  }

  /**
   * The value of the one line with a name; null where there is none, or more than one.
   *
   * @param key in lower case
   */
  only(key: string): Value | null {
    if (this.#lines === null) return this.#look(key)[0] ?? null;
    let found: Line | null = null;
    for (const line of this.#lines) {
      if (line.key !== key) continue;
      if (found !== null) return null;
      found = line;
    }
    return found === null ? null : found.value;
  }

  /** The value of Content-Length, if there is a usable one. */
  contentLength(): number | null {
    const value = this.only('content-length');
    if (value === null) return null;
    const text = textOf(value);
    return /^\d{1,15}$/.test(text) ? Number(text) : null;
  }

  get #all(): Line[] {
    return (this.#lines ??= linesOf(this.#headers!));
  }

  #look(key: string): Value[] {
    if (CONNECTION.has(key)) return [];
    if (key === 'set-cookie') return this.#headers!.getSetCookie().map(latin1);
    const value = this.#headers!.get(key);
    return value === null ? [] : [latin1(value)];
  }

  #refuse(name: string, key: string): Err<HeaderError> | null {
    // Of the name as it is: there are letters beyond ASCII whose lower case is not.
    if (!isToken(name)) return INVALID;
    if (CONNECTION.has(key)) return FORBIDDEN;
    return this.immutable ? IMMUTABLE : null;
  }
}

/** Platforms give some lines of one name as one, with commas: RFC 9110, section 5.3. */
function linesOf(pairs: Iterable<readonly [name: string, value: string]>): Line[] {
  const lines: Line[] = [];
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    if (!CONNECTION.has(key)) lines.push({ key, name: key, value: latin1(value) });
  }
  return lines;
}

function sizeOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { key, value }) => sum + sizeOfLine(key, value), 0);
}

function sizeOfLine(key: string, value: Value): number {
  return LINE_SIZE + key.length + value.length;
}
