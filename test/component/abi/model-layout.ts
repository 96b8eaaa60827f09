import type { Type } from './types.ts';

/** Alignment, size and flat types, as definitions.py of the Component Model computes them. */
export type Flat = 'i32' | 'i64' | 'f32' | 'f64';

export type Simple =
  | Exclude<Type, { kind: 'tuple' | 'enum' | 'option' | 'result' | 'map' | 'variant' }>
  | { readonly kind: 'variant'; readonly cases: readonly (readonly [string, Type | null])[] };

export function despecialize(type: Type): Simple {
  switch (type.kind) {
    case 'tuple':
      return { kind: 'record', fields: type.items.map((item, index) => [String(index), item] as const) };
    case 'enum':
      return { kind: 'variant', cases: type.labels.map((label) => [label, null] as const) };
    case 'option':
      return {
        kind: 'variant',
        cases: [
          ['none', null],
          ['some', type.some],
        ],
      };
    case 'result':
      return {
        kind: 'variant',
        cases: [
          ['ok', type.ok],
          ['err', type.error],
        ],
      };
    case 'map':
      return { kind: 'list', element: { kind: 'tuple', items: [type.key, type.value] } };
    default:
      return type;
  }
}

const BYTES: Readonly<Record<string, number>> = {
  bool: 1,
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  s64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
  char: 4,
  'error-context': 4,
  own: 4,
  borrow: 4,
  stream: 4,
  future: 4,
};

export function alignment(type: Type): number {
  const simple = despecialize(type);
  switch (simple.kind) {
    case 'string':
      return 4;
    case 'list':
      return simple.length === undefined ? 4 : alignment(simple.element);
    case 'record':
      return Math.max(1, ...simple.fields.map(([, field]) => alignment(field)));
    case 'variant':
      return Math.max(discriminantBytes(simple.cases.length), maxCaseAlignment(simple.cases));
    case 'flags':
      return simple.labels.length <= 8 ? 1 : simple.labels.length <= 16 ? 2 : 4;
    default:
      return BYTES[simple.kind]!;
  }
}

export function elemSize(type: Type): number {
  const simple = despecialize(type);
  switch (simple.kind) {
    case 'string':
      return 8;
    case 'list':
      return simple.length === undefined ? 8 : simple.length * elemSize(simple.element);
    case 'record': {
      let size = 0;
      for (const [, field] of simple.fields) size = alignTo(size, alignment(field)) + elemSize(field);
      return alignTo(size, alignment(type));
    }
    case 'variant': {
      const start = alignTo(discriminantBytes(simple.cases.length), maxCaseAlignment(simple.cases));
      const payload = Math.max(0, ...simple.cases.map(([, value]) => (value === null ? 0 : elemSize(value))));
      return alignTo(start + payload, alignment(type));
    }
    case 'flags': {
      const count = simple.labels.length;
      return count <= 8 ? 1 : count <= 16 ? 2 : 4 * Math.ceil(count / 32);
    }
    default:
      return BYTES[simple.kind]!;
  }
}

export function flattenType(type: Type): Flat[] {
  const simple = despecialize(type);
  switch (simple.kind) {
    case 's64':
    case 'u64':
      return ['i64'];
    case 'f32':
      return ['f32'];
    case 'f64':
      return ['f64'];
    case 'string':
      return ['i32', 'i32'];
    case 'list':
      if (simple.length === undefined) return ['i32', 'i32'];
      return Array.from({ length: simple.length }, () => flattenType(simple.element)).flat();
    case 'record':
      return simple.fields.flatMap(([, field]) => flattenType(field));
    case 'variant':
      return ['i32', ...flattenCases(simple.cases)];
    case 'flags':
      return Array.from({ length: Math.ceil(simple.labels.length / 32) }, () => 'i32' as const);
    default:
      return ['i32'];
  }
}

export function flattenCases(cases: readonly (readonly [string, Type | null])[]): Flat[] {
  const flat: Flat[] = [];
  for (const [, value] of cases) {
    if (value === null) continue;
    flattenType(value).forEach((type, index) => {
      if (index >= flat.length) flat.push(type);
      else flat[index] = join(flat[index]!, type);
    });
  }
  return flat;
}

/** ceil(log2(n) / 8) bytes, but 4 instead of 3. */
export function discriminantBytes(count: number): number {
  return [1, 1, 2, 4][Math.ceil(Math.log2(count) / 8)]!;
}

export function maxCaseAlignment(cases: readonly (readonly [string, Type | null])[]): number {
  return Math.max(1, ...cases.map(([, value]) => (value === null ? 1 : alignment(value))));
}

export function alignTo(pointer: number, to: number): number {
  return Math.ceil(pointer / to) * to;
}

function join(a: Flat, b: Flat): Flat {
  if (a === b) return a;
  if ((a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32')) return 'i32';
  return 'i64';
}
