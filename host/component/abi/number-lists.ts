import type { PrimitiveKind } from '../plan.ts';
import { canonical } from './float-bits.ts';
import { arrayLength, type Items } from './lists.ts';
import type { GuestMemory } from './memory.ts';
import { within } from './misfit.ts';
import { fit } from './numbers.ts';

export type NumberKind = Exclude<PrimitiveKind, 'bool' | 'u8' | 'char' | 'string' | 'error-context'>;

/** What a number comes to in an array of the host, in bytes. */
const ITEM_COST = 8;

/** Lists of numbers. Each kind has loops of its own: a call for each number would take four times as long. */
export function numbers(kind: NumberKind, memory: GuestMemory): Items<unknown[]> {
  const { size, load, store } = LOOPS[kind];
  return {
    size,
    align: size,
    load(at, count) {
      memory.budget.enter(count * ITEM_COST);
      memory.budget.leave();
      const list: unknown[] = [];
      load(memory.view, at, list, count);
      return list;
    },
    count: arrayLength,
    store(at, list, count) {
      try {
        store(memory.view, at, list, count);
      } catch (error) {
        throw within(error, `[${list.findIndex((item) => !fits(kind, item))}]`);
      }
    },
    pack: (list) => list,
  };
}

type Load = (view: DataView, at: number, into: unknown[], count: number) => void;
type Store = (view: DataView, at: number, from: readonly unknown[], count: number) => void;

const LOOPS: Readonly<Record<NumberKind, { readonly size: number; readonly load: Load; readonly store: Store }>> = {
  s8: {
    size: 1,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = view.getInt8(at + index);
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setInt8(at + index, fit.s8(from[index]));
    },
  },
  u16: {
    size: 2,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = view.getUint16(at + index * 2, true);
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setUint16(at + index * 2, fit.u16(from[index]), true);
    },
  },
  s16: {
    size: 2,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = view.getInt16(at + index * 2, true);
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setInt16(at + index * 2, fit.s16(from[index]), true);
    },
  },
  u32: {
    size: 4,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = view.getUint32(at + index * 4, true);
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setUint32(at + index * 4, fit.u32(from[index]), true);
    },
  },
  s32: {
    size: 4,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = view.getInt32(at + index * 4, true);
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setInt32(at + index * 4, fit.s32(from[index]), true);
    },
  },
  u64: {
    size: 8,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = view.getBigUint64(at + index * 8, true);
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setBigUint64(at + index * 8, fit.u64(from[index]), true);
    },
  },
  s64: {
    size: 8,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = view.getBigInt64(at + index * 8, true);
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setBigInt64(at + index * 8, fit.s64(from[index]), true);
    },
  },
  f32: {
    size: 4,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = canonical(view.getFloat32(at + index * 4, true));
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setFloat32(at + index * 4, fit.f32(from[index]), true);
    },
  },
  f64: {
    size: 8,
    load(view, at, into, count) {
      for (let index = 0; index < count; index += 1) into[index] = canonical(view.getFloat64(at + index * 8, true));
    },
    store(view, at, from, count) {
      for (let index = 0; index < count; index += 1) view.setFloat64(at + index * 8, fit.f64(from[index]), true);
    },
  },
};

function fits(kind: NumberKind, item: unknown): boolean {
  try {
    fit[kind](item);
    return true;
  } catch {
    return false;
  }
}
