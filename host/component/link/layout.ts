import type { ValueType } from '../plan.ts';

export type FlatType = 'i32' | 'i64' | 'f32' | 'f64';

/** The most that is ever passed flat, by lift, lower or task.return. */
export const MAX_FLAT = 16;

export interface Layout {
  /** As core values; null where there are more than `MAX_FLAT`. */
  readonly flat: readonly FlatType[] | null;
  /** In a memory of 64 bits, which is where the specification sets its limit. */
  readonly size: number;
  readonly align: number;
}

const SCALARS: Readonly<Partial<Record<ValueType['kind'], readonly [flat: FlatType, size: number]>>> = {
  bool: ['i32', 1],
  s8: ['i32', 1],
  u8: ['i32', 1],
  s16: ['i32', 2],
  u16: ['i32', 2],
  s32: ['i32', 4],
  u32: ['i32', 4],
  s64: ['i64', 8],
  u64: ['i64', 8],
  f32: ['f32', 4],
  f64: ['f64', 8],
  char: ['i32', 4],
  'error-context': ['i32', 4],
  own: ['i32', 4],
  borrow: ['i32', 4],
  stream: ['i32', 4],
  future: ['i32', 4],
};

const POINTER: Layout = { flat: ['i32', 'i32'], size: 16, align: 8 };

/** design/mvp/CanonicalABI.md: "Flattening", "Alignment", "Element Size". */
export function layout(type: ValueType, of: (index: number) => Layout): Layout {
  const scalar = SCALARS[type.kind];
  if (scalar) return { flat: [scalar[0]], size: scalar[1], align: scalar[1] };
  switch (type.kind) {
    case 'list':
      return type.length === undefined ? POINTER : repeat(of(type.element), type.length);
    case 'record':
      return sequence(type.fields.map(([, field]) => of(field)));
    case 'tuple':
      return sequence(type.items.map(of));
    case 'flags': {
      const size = type.labels.length <= 8 ? 1 : type.labels.length <= 16 ? 2 : 4;
      return { flat: ['i32'], size, align: size };
    }
    case 'enum':
      return cases(type.labels.map(() => null));
    case 'variant':
      return cases(type.cases.map(([, payload]) => (payload === null ? null : of(payload))));
    case 'option':
      return cases([null, of(type.some)]);
    case 'result':
      return cases([type.ok, type.error].map((part) => (part === null ? null : of(part))));
    default: // string, map
      return POINTER;
  }
}

function repeat(element: Layout, length: number): Layout {
  const fits = element.flat !== null && element.flat.length * length <= MAX_FLAT;
  const flat = fits ? Array.from({ length }, () => element.flat!).flat() : null;
  return { flat, size: element.size * length, align: element.align };
}

function sequence(parts: readonly Layout[]): Layout {
  let flat: FlatType[] | null = [];
  let size = 0;
  let align = 1;
  for (const part of parts) {
    if (flat !== null) flat = part.flat === null || flat.length + part.flat.length > MAX_FLAT ? null : [...flat, ...part.flat];
    size = alignTo(size, part.align) + part.size;
    align = Math.max(align, part.align);
  }
  return { flat, size: alignTo(size, align), align };
}

function cases(parts: readonly (Layout | null)[]): Layout {
  const discriminant = parts.length <= 0x100 ? 1 : parts.length <= 0x10000 ? 2 : 4;
  const joined: FlatType[] = [];
  let fits = true;
  let size = 0;
  let align = 1;
  for (const part of parts) {
    if (part === null) continue;
    size = Math.max(size, part.size);
    align = Math.max(align, part.align);
    if (part.flat === null) fits = false;
    else part.flat.forEach((type, i) => (joined[i] = i < joined.length ? join(joined[i]!, type) : type));
  }
  const whole = Math.max(align, discriminant);
  return {
    flat: fits && joined.length < MAX_FLAT ? ['i32', ...joined] : null,
    size: alignTo(alignTo(discriminant, align) + size, whole),
    align: whole,
  };
}

function join(a: FlatType, b: FlatType): FlatType {
  if (a === b) return a;
  const pair = [a, b];
  return pair.includes('i32') && pair.includes('f32') ? 'i32' : 'i64';
}

function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}
