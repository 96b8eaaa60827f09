import { invalid } from './errors.ts';

/** More than any toolchain writes, and few enough to be read in a second. */
const MAX_ITEMS = 1_000_000;
const MAX_NAME_BYTES = 100_000;
/** Components within components and types within types; recursive code is safe up to here. */
const MAX_NESTING = 100;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Counts for the whole file, shared by the readers of its parts. */
export interface Budget {
  items: number;
  nesting: number;
}

/** A cursor over part of a file. Positions count from the start of the file, so that every error can name its byte. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly budget: Budget;
  position: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, budget: Budget = { items: 0, nesting: 0 }) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.budget = budget;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  byte(): number {
    if (this.position >= this.end) throw invalid('unexpected end', this.position);
    return this.bytes[this.position++]!;
  }

  peek(): number {
    if (this.position >= this.end) throw invalid('unexpected end', this.position);
    return this.bytes[this.position]!;
  }

  /** A byte that must be one of two. */
  flag(what: string): boolean {
    const value = this.byte();
    if (value > 1) throw invalid(`${what} is neither 0 nor 1 but ${hex(value)}`, this.position - 1);
    return value === 1;
  }

  u32(): number {
    const start = this.position;
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) throw invalid('an integer does not fit in 32 bits', start);
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
  }

  /** A 64-bit integer as a number: what is above 2^53 loses its low bits. */
  u64(): number {
    const start = this.position;
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift === 63 && byte > 1) throw invalid('an integer does not fit in 64 bits', start);
      result += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return result;
    }
  }

  /** A signed 33-bit integer: an index, or below zero a code. */
  s33(): number {
    const start = this.position;
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      result += (byte & 0x7f) * 2 ** shift;
      if (shift === 28 && byte >= 0x80) throw invalid('an integer does not fit in 33 bits', start);
      if (byte < 0x80) return byte & 0x40 ? result - 2 ** (shift + 7) : result;
    }
  }

  name(): string {
    const length = this.u32();
    const start = this.position;
    if (length > this.end - start) throw invalid('a name runs past its section', start);
    if (length > MAX_NAME_BYTES) throw invalid(`a name has ${length} bytes, more than ${MAX_NAME_BYTES}`, start);
    this.position = start + length;
    // Most names are short and ASCII, where a decoder costs more than it does.
    let text = '';
    if (length < 48) {
      let at = start;
      for (; at < this.position; at++) {
        const byte = this.bytes[at]!;
        if (byte >= 0x80) break;
        text += String.fromCharCode(byte);
      }
      if (at === this.position) return text;
    }
    try {
      return decoder.decode(this.bytes.subarray(start, this.position));
    } catch {
      throw invalid('a name is not UTF-8', start);
    }
  }

  vector<T>(read: (reader: Reader) => T): T[] {
    const start = this.position;
    const count = this.u32();
    // Each item takes at least a byte: what cannot be there is not waited for.
    if (count > this.end - this.position) throw invalid(`${count} items are announced, more than there are bytes`, start);
    this.budget.items += count;
    if (this.budget.items > MAX_ITEMS) throw invalid(`there are more than ${MAX_ITEMS} items`, start);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(this));
    return items;
  }

  optional<T>(what: string, read: (reader: Reader) => T): T | null {
    return this.flag(what) ? read(this) : null;
  }

  /** A reader of the next bytes, which this one passes over. */
  part(length: number, what: string): Reader {
    const start = this.position;
    if (length > this.end - start) throw invalid(`${what} runs past the end`, start);
    this.position = start + length;
    return new Reader(this.bytes, start, this.position, this.budget);
  }

  /** Reads something that may contain others of its kind. */
  nested<T>(what: string, read: () => T): T {
    if (++this.budget.nesting > MAX_NESTING) throw invalid(`${what} is nested more than ${MAX_NESTING} deep`, this.position);
    const value = read();
    this.budget.nesting--;
    return value;
  }
}

export function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
