/** What breaks DWARF's rules; it only ends the reading of a unit, since debug information is a help and no more. */
export class DwarfError extends Error {}

const MAX_TEXT = 1_024;

/** Reads the values of DWARF from a wasm module, which is always little-endian, and never past the end. */
export class DwarfReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    if (at > end || end > bytes.length) throw new DwarfError('a length runs past the end');
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  get more(): boolean {
    return this.at < this.end;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  s8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** An unsigned LEB128, as near as a number can be. */
  uleb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      if (factor > 2 ** 63) throw new DwarfError('a number is too long');
    }
  }

  sleb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return byte & 0x40 ? value - factor * 0x80 : value;
      if (factor > 2 ** 63) throw new DwarfError('a number is too long');
    }
  }

  /** Up to a NUL, which comes soon: the same string can be asked for again and again. */
  text(): string {
    const start = this.at;
    const end = this.#bytes.indexOf(0, start);
    if (end < 0 || end >= this.end || end - start > MAX_TEXT) throw new DwarfError('a string has no end');
    this.at = end + 1;
    return new TextDecoder().decode(this.#bytes.subarray(start, end));
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** The next `length` bytes, with a reader of their own. */
  part(length: number): DwarfReader {
    const start = this.#take(length);
    return new DwarfReader(this.#bytes, start, start + length);
  }

  #take(length: number): number {
    const { at } = this;
    if (length > this.end - at) throw new DwarfError('it ends too early');
    this.at = at + length;
    return at;
  }
}
