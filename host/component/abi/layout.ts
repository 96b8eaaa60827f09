import type { Codec, FlatType } from './codec.ts';

/** How many core values pass as such; more go through memory. */
export const MAX_FLAT_PARAMS = 16;
export const MAX_FLAT_RESULTS = 1;
export const MAX_FLAT_ASYNC_PARAMS = 4;

const MAX_FLAT = MAX_FLAT_PARAMS + 1;

/** Values one after another, as in a record. */
export interface Layout {
  readonly size: number;
  readonly align: number;
  readonly flat: readonly FlatType[];
  /** Of each value in memory. */
  readonly offsets: readonly number[];
  /** Of each value among the flat ones; meaningless where there are more than 16. */
  readonly places: readonly number[];
}

export function layoutOf(codecs: readonly Codec[]): Layout {
  const offsets: number[] = [];
  const places: number[] = [];
  let flat: readonly FlatType[] = [];
  let size = 0;
  let align = 1;
  for (const codec of codecs) {
    size = alignTo(size, codec.align);
    offsets.push(size);
    places.push(flat.length);
    flat = cut([...flat, ...codec.flat]);
    size += codec.size;
    align = Math.max(align, codec.align);
  }
  return { size: alignTo(size, align), align, flat, offsets, places };
}

/** The flat types of `count` values of one type. */
export function repeated(flat: readonly FlatType[], count: number): readonly FlatType[] {
  const all: FlatType[] = [];
  while (count > 0 && flat.length > 0 && all.length < MAX_FLAT) {
    all.push(...flat);
    count -= 1;
  }
  return cut(all);
}

/** The discriminant of a variant, in bytes. */
export function discriminantSize(cases: number): 1 | 2 | 4 {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

/** The flat types of values of which there is one at a time. */
export function joined(cases: readonly (readonly FlatType[])[]): readonly FlatType[] {
  const flat: FlatType[] = [];
  for (const types of cases)
    for (const [place, type] of types.entries()) flat[place] = place < flat.length ? join(flat[place]!, type) : type;
  return flat;
}

/** @param align a power of two */
export function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

export function cut(flat: readonly FlatType[]): readonly FlatType[] {
  return flat.length > MAX_FLAT ? flat.slice(0, MAX_FLAT) : flat;
}

function join(one: FlatType, other: FlatType): FlatType {
  if (one === other) return one;
  return (one === 'i32' && other === 'f32') || (one === 'f32' && other === 'i32') ? 'i32' : 'i64';
}
