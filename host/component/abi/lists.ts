import type { Codec, FlatType } from './codec.ts';
import { repeated } from './layout.ts';
import type { GuestMemory } from './memory.ts';
import { misfit, within } from './misfit.ts';
import { allocate, type AbiTarget } from './target.ts';
import { Trap } from '../trap.ts';

const MAX_LIST_BYTES = 2 ** 28 - 1;
const MAX_ALLOCATED = 2 ** 32 - 1;
/** What an item that is no number comes to on the host's side, about, in bytes: an object, and what is in it. */
const ITEM_COST = 48;
const BYTE_COST = 4;

const FLAT: readonly FlatType[] = ['i32', 'i32'];

/** How the items of a list go in and out of a piece of memory that has been checked. */
export interface Items<Value> {
  readonly size: number;
  readonly align: number;
  load(at: number, count: number): Value;
  /** How many there are. @throws {Misfit} */
  count(value: unknown): number;
  /** Called with what has passed `count`. */
  store(at: number, value: Value, count: number): void;
  /** A list of fixed length, from items that came flat. */
  pack(items: unknown[]): Value;
}

/** A list of any length: a pointer and a count. */
export function list<Value>(items: Items<Value>, target: AbiTarget): Codec {
  const memory = target.memory!;
  const { size, align } = items;
  const read = (pointer: number, count: number) => {
    // Nothing is without a size but in a plan that is wrong, and then the count alone must not get far.
    const bytes = count * (size || 1);
    if (bytes > MAX_LIST_BYTES) throw new Trap(`A list of the guest is longer than ${MAX_LIST_BYTES} bytes: ${bytes}.`);
    memory.check(pointer, bytes, align);
    return items.load(pointer, count);
  };
  const write = (value: unknown, count: number) => {
    if (count * size > MAX_ALLOCATED) throw misfit(`a list of at most ${MAX_ALLOCATED} bytes`, value);
    const pointer = allocate(target, align, count * size);
    items.store(pointer, value as Value, count);
    return pointer;
  };
  return {
    size: 8,
    align: 4,
    flat: FLAT,
    load: (at) => read(memory.view.getUint32(at, true), memory.view.getUint32(at + 4, true)),
    store: (at, value) => {
      const count = items.count(value);
      const pointer = write(value, count);
      memory.view.setUint32(at, pointer, true);
      memory.view.setUint32(at + 4, count, true);
    },
    lift: (flat, at) => read((flat[at] as number) >>> 0, (flat[at + 1] as number) >>> 0),
    lower: (value, flat, at) => {
      const count = items.count(value);
      flat[at] = write(value, count);
      flat[at + 1] = count;
    },
    target,
  };
}

/** Items of any type, one by one. */
export function values(element: Codec): Items<unknown[]> {
  const { size, align, target } = element;
  const memory = target.memory!;
  const cost = ITEM_COST + size * BYTE_COST;
  return {
    size,
    align,
    load(at, count) {
      // A trap is the end of the instance, and of its budget.
      memory.budget.enter(count * cost);
      const list: unknown[] = [];
      for (let index = 0; index < count; index += 1) list[index] = element.load(at + index * size);
      memory.budget.leave();
      return list;
    },
    count: arrayLength,
    store(at, list, count) {
      let index = 0;
      try {
        for (; index < count; index += 1) element.store(at + index * size, list[index]);
      } catch (error) {
        throw within(error, `[${index}]`);
      }
    },
    pack: (list) => list,
  };
}

/** `list<u8>`: one copy, in and out. */
export function bytes(memory: GuestMemory): Items<Uint8Array> {
  return {
    size: 1,
    align: 1,
    load(at, count) {
      memory.budget.spend(count);
      return memory.copy(at, count);
    },
    count(value) {
      if (value instanceof Uint8Array) return value.length;
      throw misfit('a Uint8Array for list<u8>', value);
    },
    store: (at, value) => memory.u8.set(value, at),
    pack: (list) => Uint8Array.from(list as number[]),
  };
}

/** A list of fixed length: its items in place. */
export function fixedList<Value>(items: Items<Value>, element: Codec, length: number): Codec {
  const { size, target } = element;
  const flatSize = element.flat.length;
  const check = (value: unknown) => {
    if (items.count(value) !== length) throw misfit(`a list of ${length}`, value);
  };
  return {
    size: size * length,
    align: element.align,
    flat: repeated(element.flat, length),
    load: (at) => items.load(at, length),
    store: (at, value) => {
      check(value);
      items.store(at, value as Value, length);
    },
    lift: (flat, at) => items.pack(Array.from({ length }, (_, index) => element.lift(flat, at + index * flatSize))),
    lower: (value, flat, at) => {
      check(value);
      let index = 0;
      try {
        for (; index < length; index += 1) element.lower((value as unknown[])[index], flat, at + index * flatSize);
      } catch (error) {
        throw within(error, `[${index}]`);
      }
    },
    target,
  };
}

export function arrayLength(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  throw misfit('an array for list', value);
}
