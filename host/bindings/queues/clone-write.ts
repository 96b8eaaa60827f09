import { CloneBytes } from './clone-bytes.ts';
import { ERRORS, FLAGS, HEADER, TAG, VIEWS, type ViewName } from './clone-format.ts';

/** An array with more is written by its indices. */
const MAX_HOLES = 64;

/**
 * A value by structured clone, in the format that V8 writes (version 15) and that Workers has as `v8`. It is ours rather than the
 * engine's, since not every engine lets a program at its own: so bytes written on one platform are read on any.
 *
 * Takes what structured clone takes of the language: primitives but symbols, plain objects and arrays, boxed primitives, Date,
 * RegExp, Map, Set, ArrayBuffer and its views, errors, and the same object more than once, or inside of itself.
 *
 * @throws {DOMException} `DataCloneError`, for anything else
 */
export function writeClone(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.bytes(HEADER);
  writer.value(value);
  return writer.done();
}

class Writer extends CloneBytes {
  readonly #seen = new Map<object, number>();

  value(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        return this.tag(TAG.undefined);
      case 'boolean':
        return this.tag(value ? TAG.true : TAG.false);
      case 'number':
        return this.#number(value);
      case 'bigint':
        this.tag(TAG.bigint);
        return this.#bigint(value);
      case 'string':
        return this.string(value);
      case 'object':
        return value === null ? this.tag(TAG.null) : this.#object(value);
      default:
        throw cannot(value);
    }
  }

  #number(value: number): void {
    // Small integers of V8 have 31 bits everywhere.
    if (Number.isInteger(value) && !Object.is(value, -0) && value >= -(2 ** 30) && value < 2 ** 30) {
      this.tag(TAG.int32);
      return this.varint(((value << 1) ^ (value >> 31)) >>> 0);
    }
    this.tag(TAG.double);
    return this.double(value);
  }

  /** Sign in the lowest bit, length in bytes above it, then whole words of 64 bits, the lowest first. */
  #bigint(value: bigint): void {
    let rest = value < 0n ? -value : value;
    const words: bigint[] = [];
    for (; rest > 0n; rest >>= 64n) words.push(rest & 0xffffffffffffffffn);
    this.varint((words.length * 8 * 2) | (value < 0n ? 1 : 0));
    for (const word of words) this.word(word);
  }

  #object(object: object): void {
    const view = ArrayBuffer.isView(object) ? object : undefined;
    // A view's buffer is a value of its own, in front of it.
    if (view !== undefined && !this.#seen.has(view)) this.#object(view.buffer);
    const known = this.#seen.get(object);
    if (known !== undefined) {
      this.tag(TAG.reference);
      return this.varint(known);
    }
    this.#seen.set(object, this.#seen.size);
    if (view !== undefined) return this.#arrayBufferView(view);
    if (Array.isArray(object)) return this.#array(object);
    return this.#ofKind(object);
  }

  #ofKind(object: object): void {
    switch (Object.prototype.toString.call(object).slice(8, -1)) {
      case 'Date':
        if (!(object instanceof Date)) break;
        this.tag(TAG.date);
        return this.double(object.getTime());
      case 'Boolean':
        if (!(object instanceof Boolean)) break;
        return this.tag(object.valueOf() ? TAG.trueObject : TAG.falseObject);
      case 'Number':
        if (!(object instanceof Number)) break;
        this.tag(TAG.numberObject);
        return this.double(object.valueOf());
      case 'BigInt':
        if (!(object instanceof BigInt)) break;
        this.tag(TAG.bigintObject);
        return this.#bigint(object.valueOf());
      case 'String':
        if (!(object instanceof String)) break;
        this.tag(TAG.stringObject);
        return this.string(object.valueOf());
      case 'RegExp':
        if (!(object instanceof RegExp)) break;
        this.tag(TAG.regexp);
        this.string(object.source);
        return this.varint(flagBits(object.flags));
      case 'Map':
        if (object instanceof Map) return this.#map(object as Map<unknown, unknown>);
        break;
      case 'Set':
        if (object instanceof Set) return this.#set(object as Set<unknown>);
        break;
      case 'ArrayBuffer':
        if (object instanceof ArrayBuffer) return this.#arrayBuffer(object);
        break;
      case 'Error':
        if (object instanceof Error) return this.#error(object);
    }
    if (isForeign(object)) throw cannot(object);
    return this.#plain(object);
  }

  #plain(object: object): void {
    this.tag(TAG.object);
    const count = this.#properties(object, Object.keys(object));
    this.tag(TAG.endObject);
    this.varint(count);
  }

  /** Those that are still there when their turn comes: a getter may have taken others away. */
  #properties(object: object, keys: readonly string[]): number {
    let count = 0;
    for (const key of keys) {
      if (!Object.hasOwn(object, key)) continue;
      this.#key(key);
      this.value((object as Record<string, unknown>)[key]);
      count++;
    }
    return count;
  }

  /** Indices are written as numbers. */
  #key(key: string): void {
    return isIndex(key) ? this.#number(Number(key)) : this.string(key);
  }

  #array(array: readonly unknown[]): void {
    const { length } = array;
    const keys = Object.keys(array);
    const others = keys.findIndex((key) => !isIndex(key));
    const filled = others === -1 ? keys.length : others;
    if (length > MAX_HOLES + 2 * filled) return this.#sparse(array, keys);
    this.tag(TAG.dense);
    this.varint(length);
    for (let index = 0; index < length; index++) {
      if (Object.hasOwn(array, index)) this.value(array[index]);
      else this.tag(TAG.hole);
    }
    const count = this.#properties(array, keys.slice(filled));
    this.tag(TAG.endDense);
    this.varint(count);
    return this.varint(length);
  }

  #sparse(array: readonly unknown[], keys: readonly string[]): void {
    const { length } = array;
    this.tag(TAG.sparse);
    this.varint(length);
    const count = this.#properties(array, keys);
    this.tag(TAG.endSparse);
    this.varint(count);
    this.varint(length);
  }

  #map(map: Map<unknown, unknown>): void {
    this.tag(TAG.map);
    const entries = [...map].flat(1);
    for (const each of entries) this.value(each);
    this.tag(TAG.endMap);
    this.varint(entries.length);
  }

  #set(set: Set<unknown>): void {
    this.tag(TAG.set);
    const items = [...set];
    for (const each of items) this.value(each);
    this.tag(TAG.endSet);
    this.varint(items.length);
  }

  #arrayBuffer(buffer: ArrayBuffer): void {
    if (buffer.detached) throw cannot(buffer);
    if (buffer.resizable) {
      this.tag(TAG.resizable);
      this.varint(buffer.byteLength);
      this.varint(buffer.maxByteLength);
    } else {
      this.tag(TAG.arrayBuffer);
      this.varint(buffer.byteLength);
    }
    this.bytes(new Uint8Array(buffer));
  }

  #arrayBufferView(view: ArrayBufferView): void {
    const name = Object.prototype.toString.call(view).slice(8, -1) as ViewName;
    const tag = VIEWS[name];
    if (tag === undefined || !(view.buffer instanceof ArrayBuffer)) throw cannot(view);
    this.tag(TAG.view);
    this.tag(tag);
    this.varint(view.byteOffset);
    this.varint(view.byteLength);
    this.varint(0);
  }

  #error(error: Error): void {
    this.tag(TAG.error);
    const prototype = ERRORS[error.name];
    if (prototype !== undefined) this.tag(prototype);
    const message = Object.getOwnPropertyDescriptor(error, 'message');
    if (message !== undefined && 'value' in message) {
      this.tag(TAG.errorMessage);
      this.string(String(message.value));
    }
    if (typeof error.stack === 'string') {
      this.tag(TAG.errorStack);
      this.string(error.stack);
    }
    if (Object.hasOwn(error, 'cause')) {
      this.tag(TAG.errorCause);
      this.value(error.cause);
    }
    this.tag(TAG.errorEnd);
  }
}

function isIndex(key: string): boolean {
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < 2 ** 32 - 1 && String(index) === key;
}

function flagBits(flags: string): number {
  return FLAGS.split('').reduce((bits, flag, place) => bits | (flags.includes(flag) ? 1 << place : 0), 0);
}

/** Objects with a class that is the platform's or the language's, whose state no properties hold. */
function isForeign(object: object): boolean {
  const tag = Object.prototype.toString.call(object).slice(8, -1);
  return !['Object', 'Arguments'].includes(tag) && typeof (globalThis as Record<string, unknown>)[tag] === 'function';
}

function cannot(value: unknown): DOMException {
  const shown =
    typeof value === 'object' ? '#<' + (Object.prototype.toString.call(value).slice(8, -1) || 'Object') + '>' : String(value as symbol);
  return new DOMException(`${shown} could not be cloned.`, 'DataCloneError');
}
