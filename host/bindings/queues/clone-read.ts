import { ERRORS, FLAGS, TAG, VIEWS } from './clone-format.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** Deeper than this nothing is read that could be written, and the stack is not the sender's to use up. */
const MAX_DEPTH = 2_000;
const OLDEST = 13;
const NEWEST = 15;

const VIEW_OF = new Map(Object.entries(VIEWS).map(([name, tag]) => [tag as number, name]));
const ERROR_OF = new Map(Object.entries(ERRORS).map(([name, tag]) => [tag, name]));

type ViewClass = new (buffer: ArrayBuffer, offset: number, length?: number) => ArrayBufferView;

/**
 * Reads what `writeClone` or V8 has written. The bytes are whatever another function has sent: what is wrong with them is an
 * error, and no more.
 *
 * @throws {DOMException} `DataCloneError`
 */
export function readClone(bytes: Uint8Array): unknown {
  try {
    const reader = new Reader(bytes);
    reader.header();
    return reader.value();
  } catch (error) {
    throw new DOMException(`Unable to deserialize cloned data: ${(error as Error).message}`, 'DataCloneError');
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #known: unknown[] = [];
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  header(): void {
    const version = this.#byte() === 0xff ? this.#byte() : 0;
    if (version < OLDEST || version > NEWEST) throw new Error(`version ${version} is not known`);
  }

  value(): unknown {
    if (++this.#depth > MAX_DEPTH) throw new Error('it is nested too deeply');
    const value = this.#buffered(this.#one(this.#tag()));
    this.#depth--;
    return value;
  }

  /** A view stands behind its buffer; the buffer has a number of its own. */
  #buffered(value: unknown): unknown {
    if (!(value instanceof ArrayBuffer) || this.#bytes[this.#at] !== TAG.view) return value;
    this.#at++;
    return this.#arrayBufferView(value);
  }

  #one(tag: number): unknown {
    switch (tag) {
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.true:
        return true;
      case TAG.false:
        return false;
      case TAG.int32: {
        const value = this.#varint();
        return (value >>> 1) ^ -(value & 1);
      }
      case TAG.uint32:
        return this.#varint();
      case TAG.double:
        return this.#double();
      case TAG.bigint:
        return this.#bigint();
      case TAG.oneByte:
      case TAG.twoByte:
      case TAG.utf8:
        return this.#string(tag);
      case TAG.reference:
        return this.#reference();
      default:
        return this.#object(tag);
    }
  }

  #object(tag: number): unknown {
    switch (tag) {
      case TAG.object:
        return this.#properties(this.#keep({}), TAG.endObject);
      case TAG.dense:
        return this.#dense();
      case TAG.sparse:
        return this.#sparse();
      case TAG.date:
        return this.#keep(new Date(this.#double()));
      case TAG.trueObject:
        return this.#keep(Object(true));
      case TAG.falseObject:
        return this.#keep(Object(false));
      case TAG.numberObject:
        return this.#keep(Object(this.#double()));
      case TAG.bigintObject:
        return this.#keep(Object(this.#bigint()));
      case TAG.stringObject:
        return this.#keep(Object(this.#string(this.#tag())));
      case TAG.regexp:
        return this.#regexp();
      case TAG.map:
        return this.#map();
      case TAG.set:
        return this.#set();
      case TAG.arrayBuffer:
        return this.#keep(this.#take(this.#varint()).slice().buffer);
      case TAG.resizable:
        return this.#resizable();
      case TAG.error:
        return this.#error();
      default:
        throw new Error(`a tag ${tag} is not known`);
    }
  }

  #properties<Target extends object>(target: Target, end: number): Target {
    let count = 0;
    while (this.#peek() !== end) {
      const key = this.value();
      if (typeof key !== 'string' && typeof key !== 'number') throw new Error('a key is no string');
      const value = this.value();
      Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
      count++;
    }
    this.#tag();
    if (this.#varint() !== count) throw new Error('properties are missing');
    return target;
  }

  #dense(): unknown[] {
    const length = this.#varint();
    // Each takes a byte at least.
    if (length > this.#bytes.byteLength - this.#at) throw new Error('an array is cut off');
    const array = this.#keep(Array.from<unknown>({ length }));
    for (let index = 0; index < length; index++) {
      if (this.#peek() === TAG.hole) {
        this.#tag();
        Reflect.deleteProperty(array, index);
      } else array[index] = this.value();
    }
    this.#properties(array, TAG.endDense);
    this.#varint();
    return array;
  }

  #sparse(): unknown[] {
    const array = this.#keep([] as unknown[]);
    array.length = this.#varint();
    this.#properties(array, TAG.endSparse);
    this.#varint();
    return array;
  }

  #regexp(): RegExp {
    const number = this.#known.push(undefined) - 1;
    const source = this.#string(this.#tag());
    const bits = this.#varint();
    const flags = FLAGS.split('')
      .filter((_, place) => bits & (1 << place))
      .join('');
    return (this.#known[number] = new RegExp(source, flags));
  }

  #map(): Map<unknown, unknown> {
    const map = this.#keep(new Map<unknown, unknown>());
    let count = 0;
    for (; this.#peek() !== TAG.endMap; count += 2) map.set(this.value(), this.value());
    this.#tag();
    if (this.#varint() !== count) throw new Error('entries of a map are missing');
    return map;
  }

  #set(): Set<unknown> {
    const set = this.#keep(new Set<unknown>());
    let count = 0;
    for (; this.#peek() !== TAG.endSet; count++) set.add(this.value());
    this.#tag();
    if (this.#varint() !== count) throw new Error('items of a set are missing');
    return set;
  }

  #resizable(): ArrayBuffer {
    const length = this.#varint();
    const maxByteLength = this.#varint();
    const bytes = this.#take(length);
    // The most that a message can hold; what is asked for beyond was not written by it.
    const buffer = new ArrayBuffer(length, { maxByteLength: Math.min(maxByteLength, 2 ** 20) });
    new Uint8Array(buffer).set(bytes);
    return this.#keep(buffer);
  }

  #arrayBufferView(buffer: ArrayBuffer): ArrayBufferView {
    const name = VIEW_OF.get(this.#tag());
    const offset = this.#varint();
    const bytes = this.#varint();
    this.#varint();
    const Class = name && ((globalThis as Record<string, unknown>)[name] as (ViewClass & { BYTES_PER_ELEMENT?: number }) | undefined);
    if (!Class) throw new Error('a view is of no known kind');
    return this.#keep(new Class(buffer, offset, bytes / (Class.BYTES_PER_ELEMENT ?? 1)));
  }

  #error(): Error {
    const error = this.#keep(new Error());
    for (let tag = this.#tag(); tag !== TAG.errorEnd; tag = this.#tag()) {
      const name = ERROR_OF.get(tag);
      if (name !== undefined) Object.setPrototypeOf(error, ((globalThis as Record<string, unknown>)[name] as ErrorConstructor).prototype);
      else if (tag === TAG.errorMessage) hide(error, 'message', this.#string(this.#tag()));
      else if (tag === TAG.errorStack) hide(error, 'stack', this.#string(this.#tag()));
      else if (tag === TAG.errorCause) hide(error, 'cause', this.value());
      else throw new Error('an error cannot be read');
    }
    return error;
  }

  #reference(): unknown {
    const number = this.#varint();
    if (number >= this.#known.length) throw new Error('it refers to what is not there');
    return this.#known[number];
  }

  #keep<Value>(value: Value): Value {
    this.#known.push(value);
    return value;
  }

  #string(tag: number): string {
    const bytes = this.#take(this.#varint());
    if (tag === TAG.utf8) return utf8.decode(bytes);
    if (tag === TAG.oneByte) return charsOf(bytes.byteLength, (index) => bytes[index]!);
    if (tag !== TAG.twoByte || bytes.byteLength % 2 === 1) throw new Error('a string cannot be read');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return charsOf(bytes.byteLength / 2, (index) => view.getUint16(index * 2, true));
  }

  #bigint(): bigint {
    const bits = this.#varint();
    const bytes = this.#take(bits >>> 1);
    let value = 0n;
    for (let index = bytes.byteLength - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index]!);
    return bits & 1 ? -value : value;
  }

  #double(): number {
    const at = this.#at;
    this.#take(8);
    return this.#view.getFloat64(at, true);
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error('a number is too long');
  }

  #peek(): number {
    while (this.#bytes[this.#at] === TAG.padding) this.#at++;
    return this.#bytes[this.#at] ?? -1;
  }

  #tag(): number {
    this.#peek();
    return this.#byte();
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Error('it is cut off');
    return byte;
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.byteLength - this.#at) throw new Error('it is cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

/** As the constructor of an error does. */
function hide(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, configurable: true, writable: true });
}

/** In pieces, as a call takes so many arguments only. */
function charsOf(length: number, unit: (index: number) => number): string {
  let text = '';
  for (let start = 0; start < length; start += 4_096) {
    text += String.fromCharCode(...Array.from({ length: Math.min(4_096, length - start) }, (_, index) => unit(start + index)));
  }
  return text;
}
