import { BrinkError } from '../../errors.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the binary format of core modules, and never past `end`. Offsets are those in `bytes`. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get more(): boolean {
    return this.at < this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw malformed('it ends too early', this.at);
    return this.bytes[this.at++]!;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.byte();
    if (last > 0x0f) throw malformed('a number has more than 32 bits', this.at - 1);
    return (value | (last << 28)) >>> 0;
  }

  /** A signed LEB128 of at most 33 bits, as heap types and block types are. */
  s33(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 5; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
      if (byte < 0x80) return byte & 0x40 ? value - factor : value;
    }
    throw malformed('a number has more than 33 bits', this.at - 1);
  }

  /** An unsigned LEB128 of at most 64 bits, as near as a number can be. */
  u64(): number {
    let value = 0;
    for (let factor = 1, count = 0; count < 10; factor *= 0x80, count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw malformed('a number has more than 64 bits', this.at - 1);
  }

  /** Passes over a LEB128 of at most `length` bytes. */
  skipLeb(length: number): void {
    if (this.byte() < 0x80) return;
    for (let count = 1; count < length; count++) if (this.byte() < 0x80) return;
    throw malformed('a number is too long', this.at - 1);
  }

  skip(length: number): void {
    if (length > this.end - this.at) throw malformed('a length runs past the end', this.at);
    this.at += length;
  }

  /** The next `length` bytes, with a reader of their own. */
  part(length: number): Reader {
    const start = this.at;
    this.skip(length);
    return new Reader(this.bytes, start, this.at);
  }

  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    try {
      return UTF8.decode(this.bytes.subarray(start, this.at));
    } catch {
      throw malformed('a name is not UTF-8', start);
    }
  }

  /** An index below `count`. */
  index(count: number, what: string): number {
    const start = this.at;
    const index = this.u32();
    if (index >= count) throw malformed(`there is no ${what} ${index}`, start);
    return index;
  }

  finish(what: string): void {
    if (this.at !== this.end) throw malformed(`${what} has ${this.end - this.at} bytes too many`, this.at);
  }
}

/** @returns the error for a module that breaks the binary format at this offset */
export function malformed(what: string, offset: number): BrinkError {
  return new BrinkError('component-invalid', `Cannot read the core module: ${what}, at offset ${offset}.`, { details: { offset } });
}
