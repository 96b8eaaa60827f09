import { Trap } from '../trap.ts';
import type { Codec, FlatType } from './codec.ts';
import { f32FromBits, f32ToBits, f64FromBits, f64ToBits } from './float-bits.ts';
import { alignTo, cut, discriminantSize, joined } from './layout.ts';
import type { GuestMemory } from './memory.ts';
import type { AbiTarget } from './target.ts';

/**
 * What variants, options, results and enums have in common: which case it is, and the case's value. They differ in
 * what they are to the host.
 */
export interface Cases {
  readonly size: number;
  readonly align: number;
  readonly flat: readonly FlatType[];
  /** Of the case's value, in memory. */
  readonly offset: number;
  /** Which case lies here. @throws {Trap} */
  loadCase(at: number): number;
  storeCase(at: number, which: number): void;
  /** Which case comes here. @throws {Trap} */
  liftCase(flat: readonly unknown[], at: number): number;
  /** The value of a case that has one. `at`: of the variant. */
  liftValue(which: number, flat: readonly unknown[], at: number): unknown;
  /** Writes case and value; the value is not looked at where the case has none. */
  lower(which: number, value: unknown, flat: unknown[], at: number): void;
}

/** @param codecs of the cases' values; null where a case has none */
export function casesOf(codecs: readonly (Codec | null)[], target: AbiTarget): Cases {
  const memory = target.memory!;
  const count = codecs.length;
  const tag = discriminantSize(count);
  let align = 1;
  let size = 0;
  for (const codec of codecs) {
    align = Math.max(align, codec?.align ?? 1);
    size = Math.max(size, codec?.size ?? 0);
  }
  const offset = alignTo(tag, align);
  align = Math.max(align, tag);
  const payload = joined(codecs.map((codec) => codec?.flat ?? []));
  const conversions = codecs.map((codec) => conversionsOf(codec?.flat ?? [], payload));
  const zeros = payload.map((type) => (type === 'i64' ? 0n : 0));
  const known = (which: number) => {
    if (which >= count) throw new Trap(`A variant of the guest has no case ${which}: there are ${count}.`);
    return which;
  };
  const loadTag = tagLoader(tag, memory);
  return {
    size: alignTo(offset + size, align),
    align,
    flat: cut(['i32', ...payload]),
    offset,
    loadCase: (at) => known(loadTag(at)),
    storeCase: tagStorer(tag, memory),
    liftCase: (flat, at) => known((flat[at] as number) >>> 0),
    liftValue(which, flat, at) {
      const conversion = conversions[which];
      const codec = codecs[which]!;
      if (conversion === null || conversion === undefined) return codec.lift(flat, at + 1);
      return codec.lift(
        conversion.map(({ lift }, place) => lift(flat[at + 1 + place])),
        0,
      );
    },
    lower(which, value, flat, at) {
      flat[at] = which;
      const codec = codecs[which]!;
      let place = 0;
      if (codec !== null) {
        codec.lower(value, flat, at + 1);
        place = codec.flat.length;
        const conversion = conversions[which];
        if (conversion !== null && conversion !== undefined)
          for (let index = 0; index < place; index += 1) flat[at + 1 + index] = conversion[index]!.lower(flat[at + 1 + index]);
      }
      for (; place < zeros.length; place += 1) flat[at + 1 + place] = zeros[place];
    },
  };
}

/** A flat value of one type where cases join to another. */
interface Conversion {
  lift(value: unknown): unknown;
  lower(value: unknown): unknown;
}

const SAME: Conversion = { lift: (value) => value, lower: (value) => value };

/** `lift_flat_variant` and `lower_flat_variant`, by `joined<type>`. */
const CONVERSIONS: Readonly<Partial<Record<`${FlatType}<${FlatType}`, Conversion>>> = {
  'i32<f32': { lift: (value) => f32FromBits(value as number), lower: (value) => f32ToBits(value as number) },
  'i64<i32': { lift: (value) => Number(BigInt.asIntN(32, value as bigint)), lower: (value) => BigInt((value as number) >>> 0) },
  'i64<f32': {
    lift: (value) => f32FromBits(Number(BigInt.asIntN(32, value as bigint))),
    lower: (value) => BigInt(f32ToBits(value as number)),
  },
  'i64<f64': { lift: (value) => f64FromBits(value as bigint), lower: (value) => f64ToBits(value as number) },
};

/** Null where no value changes. */
function conversionsOf(flat: readonly FlatType[], payload: readonly FlatType[]): readonly Conversion[] | null {
  if (flat.every((type, place) => type === payload[place])) return null;
  return flat.map((type, place) => CONVERSIONS[`${payload[place]!}<${type}`] ?? SAME);
}

function tagLoader(size: 1 | 2 | 4, memory: GuestMemory): (at: number) => number {
  if (size === 1) return (at) => memory.u8[at]!;
  return size === 2 ? (at) => memory.view.getUint16(at, true) : (at) => memory.view.getUint32(at, true);
}

function tagStorer(size: 1 | 2 | 4, memory: GuestMemory): (at: number, which: number) => void {
  if (size === 1) return (at, which) => void (memory.u8[at] = which);
  return size === 2 ? (at, which) => memory.view.setUint16(at, which, true) : (at, which) => memory.view.setUint32(at, which, true);
}
