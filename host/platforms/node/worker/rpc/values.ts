import { Deserializer, Serializer } from 'node:v8';

/** What stands in a message for an object that cannot be copied; `data` may have such objects in it as well. */
export interface Special {
  readonly kind: 'stub' | 'own' | 'error' | 'headers' | 'request' | 'response' | 'readable' | 'writable';
  readonly data: unknown;
}

export interface ValueHooks {
  /** The special of an object that is none to be copied; undefined where there is none. */
  special(value: object): Special | undefined;
  /** The object that a special stands for, on this side. */
  revive(special: Special): unknown;
}

/** As on Workers. https://developers.cloudflare.com/workers/runtime-apis/rpc/#limitations */
export const MAX_MESSAGE = 32 * 1024 * 1024;

/**
 * A value as bytes, by the engine's structured clone: Map, Set, Date, RegExp, buffers, views, cycles and what is the same
 * object twice arrive as what they are. What it does not know travels beside the value, as a list of specials; an empty
 * object stands in its place, in the list and in the value alike, and it is by that object that the other side knows it.
 *
 * @throws {DOMException} `DataCloneError`
 */
export function writeValue(value: unknown, hooks: ValueHooks): Uint8Array<ArrayBuffer> {
  const specials: [mark: object, special: Special][] = [];
  const copies = new Map<object, unknown>();

  const copy = (each: unknown): unknown => {
    if (typeof each === 'symbol') throw cannot(`${String(each)} could not be cloned.`);
    if (each === null || (typeof each !== 'object' && typeof each !== 'function')) return each;
    const known = copies.get(each);
    if (known !== undefined) return known;
    const special = hooks.special(each);
    if (special !== undefined) {
      const mark = {};
      copies.set(each, mark);
      const data = copy(special.data);
      specials.push([mark, { kind: special.kind, data }]);
      return mark;
    }
    return copyOf(each, copies, copy);
  };

  const message = copy(value);
  const writer = new ValueWriter();
  writer.writeHeader();
  writer.writeValue([specials.map(([mark, { kind, data }]) => [mark, kind, data]), message]);
  const bytes = writer.releaseBuffer();
  if (bytes.byteLength > MAX_MESSAGE)
    throw cannot(
      `Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: ${bytes.byteLength} bytes.`,
    );
  return bytes as unknown as Uint8Array<ArrayBuffer>;
}

/** @throws where no one of ours has written these bytes */
export function readValue(bytes: Uint8Array, hooks: ValueHooks): unknown {
  const reader = new Deserializer(bytes);
  reader.readHeader();
  const [specials, message] = reader.readValue() as [[object, Special['kind'], unknown][], unknown];
  if (specials.length === 0) return message;
  const revived = new Map<unknown, unknown>();
  const seen = new Set<object>();
  const restore = (each: unknown): unknown => {
    if (each === null || typeof each !== 'object') return each;
    if (revived.has(each)) return revived.get(each);
    if (!seen.has(each)) {
      seen.add(each);
      restoreIn(each, restore);
    }
    return each;
  };
  for (const [mark, kind, data] of specials) revived.set(mark, hooks.revive({ kind, data: restore(data) }));
  return restore(message);
}

class ValueWriter extends Serializer {
  _getDataCloneError(message: string): Error {
    return cannot(message);
  }
}

function copyOf(value: object, copies: Map<object, unknown>, copy: (each: unknown) => unknown): unknown {
  if (Array.isArray(value)) return filled(value, copies, Object.assign([], { length: value.length }), copy);
  if (value instanceof Map) {
    const made = new Map();
    copies.set(value, made);
    for (const [key, each] of value) made.set(copy(key), copy(each));
    return made;
  }
  if (value instanceof Set) {
    const made = new Set();
    copies.set(value, made);
    for (const each of value) made.add(copy(each));
    return made;
  }
  if (Object.getPrototypeOf(value) === Object.prototype) return filled(value, copies, {}, copy);
  if (isNative(value)) return value;
  throw cannot(
    value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef
      ? `#<${value.constructor.name}> could not be cloned.`
      : `Could not serialize object of type ${JSON.stringify(value.constructor?.name ?? 'Object')}. This type does not support serialization.`,
  );
}

function filled(value: object, copies: Map<object, unknown>, made: object, copy: (each: unknown) => unknown): object {
  copies.set(value, made);
  for (const [key, each] of Object.entries(value)) define(made, key, copy(each));
  return made;
}

function restoreIn(value: object, restore: (each: unknown) => unknown): void {
  if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [key, each] of entries) value.set(restore(key), restore(each));
  } else if (value instanceof Set) {
    const members = [...value];
    value.clear();
    for (const each of members) value.add(restore(each));
  } else if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, each] of Object.entries(value)) if (typeof each === 'object') define(value, key, restore(each));
  }
}

/** `__proto__` is a key like another. */
function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}

function isNative(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value) ||
    value instanceof Number ||
    value instanceof String ||
    value instanceof Boolean ||
    value instanceof BigInt
  );
}

export function cannot(message: string): DOMException {
  return new DOMException(message, 'DataCloneError');
}
