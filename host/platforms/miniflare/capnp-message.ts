/** A word of a message in the encoding of Cap'n Proto (capnproto.org/encoding.html). */
export interface Place {
  readonly segment: number;
  /** In words. */
  readonly word: number;
}

/** Of a struct, in words. */
interface Sizes {
  readonly data: number;
  readonly pointers: number;
}

export interface Struct extends Place, Sizes {}

const WORD = 8;
const FAR = 2;
const COMPOSITE = 7;
/** A message of Cap'n Proto, of which pointers are changed in place. @throws {RangeError} where it is none */
export class CapnpMessage {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Where each begins, in bytes. */
  readonly #segments: number[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = this.#view.getUint32(0, true) + 1;
    let start = Math.ceil((4 + 4 * count) / WORD) * WORD;
    for (let index = 0; index < count; index++) {
      this.#segments.push(start);
      start += this.#view.getUint32(4 + 4 * index, true) * WORD;
    }
  }

  root(): Struct {
    return this.struct({ segment: 0, word: 0 });
  }

  struct(pointer: Place): Struct {
    const at = this.#followed(pointer);
    return { ...this.#target(at), ...this.#sizes(at) };
  }

  structs(pointer: Place): Struct[] {
    const { tag, size } = this.#list(pointer);
    const first = tag.word + 1;
    return Array.from({ length: this.#low(tag) >>> 2 }, (_, index) => ({
      segment: tag.segment,
      word: first + index * (size.data + size.pointers),
      ...size,
    }));
  }

  pointerOf({ segment, word, data }: Struct, index: number): Place {
    return { segment, word: word + data + index };
  }

  textOf(pointer: Place): string {
    const at = this.#followed(pointer);
    const start = this.#offset(this.#target(at));
    // It ends with a NUL.
    return new TextDecoder().decode(this.bytes.subarray(start, start + Math.max(0, (this.#high(at) >>> 3) - 1)));
  }

  /** Both mean the same then. They lie in one segment. */
  copyPointer(from: Place, to: Place): void {
    const low = this.#low(from);
    const high = this.#high(from);
    // One that is far names a word of a segment, from wherever; null is no place.
    const moved = (low & 3) === FAR || (low === 0 && high === 0) ? 0 : (from.word - to.word) * 4;
    this.#view.setInt32(this.#offset(to), low + moved, true);
    this.#view.setUint32(this.#offset(to) + 4, high, true);
  }

  /** Of a list of structs those stay that are kept; those behind them move up. */
  filter(pointer: Place, kept: (struct: Struct) => boolean): void {
    const { tag } = this.#list(pointer);
    const all = this.structs(pointer);
    const stay = all.filter(kept);
    for (const [index, from] of stay.entries()) this.#move(from, all[index]!);
    this.#view.setInt32(this.#offset(tag), stay.length * 4, true);
  }

  #move(from: Struct, to: Struct): void {
    if (from === to) return;
    for (let word = 0; word < from.data; word++) {
      const at = this.#offset({ segment: from.segment, word: from.word + word });
      this.#view.setBigUint64(this.#offset({ segment: to.segment, word: to.word + word }), this.#view.getBigUint64(at, true), true);
    }
    for (let index = 0; index < from.pointers; index++) this.copyPointer(this.pointerOf(from, index), this.pointerOf(to, index));
  }

  #list(pointer: Place): { readonly tag: Place; readonly size: Sizes } {
    const at = this.#followed(pointer);
    if ((this.#high(at) & 7) !== COMPOSITE) throw new RangeError('It is no list of structs.');
    const tag = this.#target(at);
    return { tag, size: this.#sizes(tag) };
  }

  #sizes(pointer: Place): Sizes {
    const high = this.#high(pointer);
    return { data: high & 0xffff, pointers: high >>> 16 };
  }

  /** What a far pointer leads to, which is one that is near what it means. */
  #followed(pointer: Place): Place {
    if ((this.#low(pointer) & 3) !== FAR) return pointer;
    return { segment: this.#high(pointer), word: this.#low(pointer) >>> 3 };
  }

  #target(pointer: Place): Place {
    return { segment: pointer.segment, word: pointer.word + 1 + (this.#low(pointer) >> 2) };
  }

  #low(place: Place): number {
    return this.#view.getInt32(this.#offset(place), true);
  }

  #high(place: Place): number {
    return this.#view.getUint32(this.#offset(place) + 4, true);
  }

  #offset({ segment, word }: Place): number {
    return this.#segments[segment]! + word * WORD;
  }
}
