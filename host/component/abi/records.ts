import type { Codec } from './codec.ts';
import { layoutOf } from './layout.ts';
import { misfit, within } from './misfit.ts';
import type { AbiTarget } from './target.ts';

/** Objects by the names of the fields. */
export function record(names: readonly string[], codecs: readonly Codec[], target: AbiTarget): Codec {
  const { size, align, flat: types, offsets, places } = layoutOf(codecs);
  const count = codecs.length;
  return {
    size,
    align,
    flat: types,
    load: (at) => {
      const value: Record<string, unknown> = {};
      for (let index = 0; index < count; index += 1) value[names[index]!] = codecs[index]!.load(at + offsets[index]!);
      return value;
    },
    store: (at, value) => {
      const fields = fieldsOf(value);
      let index = 0;
      try {
        for (; index < count; index += 1) codecs[index]!.store(at + offsets[index]!, fields[names[index]!]);
      } catch (error) {
        throw within(error, names[index]!);
      }
    },
    lift: (flat, at) => {
      const value: Record<string, unknown> = {};
      for (let index = 0; index < count; index += 1) value[names[index]!] = codecs[index]!.lift(flat, at + places[index]!);
      return value;
    },
    lower: (value, flat, at) => {
      const fields = fieldsOf(value);
      let index = 0;
      try {
        for (; index < count; index += 1) codecs[index]!.lower(fields[names[index]!], flat, at + places[index]!);
      } catch (error) {
        throw within(error, names[index]!);
      }
    },
    target,
  };
}

/** Arrays. */
export function tuple(codecs: readonly Codec[], target: AbiTarget): Codec {
  const { size, align, flat: types, offsets, places } = layoutOf(codecs);
  const count = codecs.length;
  return {
    size,
    align,
    flat: types,
    load: (at) => {
      const value: unknown[] = [];
      for (let index = 0; index < count; index += 1) value[index] = codecs[index]!.load(at + offsets[index]!);
      return value;
    },
    store: (at, value) => {
      const items = itemsOf(value, count);
      let index = 0;
      try {
        for (; index < count; index += 1) codecs[index]!.store(at + offsets[index]!, items[index]);
      } catch (error) {
        throw within(error, `[${index}]`);
      }
    },
    lift: (flat, at) => {
      const value: unknown[] = [];
      for (let index = 0; index < count; index += 1) value[index] = codecs[index]!.lift(flat, at + places[index]!);
      return value;
    },
    lower: (value, flat, at) => {
      const items = itemsOf(value, count);
      let index = 0;
      try {
        for (; index < count; index += 1) codecs[index]!.lower(items[index], flat, at + places[index]!);
      } catch (error) {
        throw within(error, `[${index}]`);
      }
    },
    target,
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw misfit('an object for record', value);
  return value as Readonly<Record<string, unknown>>;
}

function itemsOf(value: unknown, count: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== count) throw misfit(`an array of ${count} for tuple`, value);
  return value;
}
