import type { PrimitiveKind, ValueType } from '../../../host/component/plan.ts';

/** Types as a tree, for tests to write and to make at random. */
export type Type =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [string, Type])[] }
  | { readonly kind: 'variant'; readonly cases: readonly (readonly [string, Type | null])[] }
  | { readonly kind: 'list'; readonly element: Type; readonly length?: number }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'tuple'; readonly items: readonly Type[] }
  | { readonly kind: 'flags'; readonly labels: readonly string[] }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | { readonly kind: 'option'; readonly some: Type }
  | { readonly kind: 'result'; readonly ok: Type | null; readonly error: Type | null }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }
  | { readonly kind: 'stream' | 'future'; readonly element: Type | null };

/** Adds a type to a plan's types, after those that it is made of. Returns its index. */
export function addType(types: ValueType[], type: Type): number {
  const add = (of: Type) => addType(types, of);
  const maybe = (of: Type | null) => (of === null ? null : add(of));
  switch (type.kind) {
    case 'record':
      return types.push({ kind: 'record', fields: type.fields.map(([name, field]) => [name, add(field)] as const) }) - 1;
    case 'variant':
      return types.push({ kind: 'variant', cases: type.cases.map(([name, value]) => [name, maybe(value)] as const) }) - 1;
    case 'list':
      return types.push({ kind: 'list', element: add(type.element), ...(type.length === undefined ? {} : { length: type.length }) }) - 1;
    case 'map':
      return types.push({ kind: 'map', key: add(type.key), value: add(type.value) }) - 1;
    case 'tuple':
      return types.push({ kind: 'tuple', items: type.items.map(add) }) - 1;
    case 'option':
      return types.push({ kind: 'option', some: add(type.some) }) - 1;
    case 'result':
      return types.push({ kind: 'result', ok: maybe(type.ok), error: maybe(type.error) }) - 1;
    case 'stream':
    case 'future':
      return types.push({ kind: type.kind, element: maybe(type.element) }) - 1;
    default:
      return types.push(type) - 1;
  }
}

export function typesOf(type: Type): { types: ValueType[]; index: number } {
  const types: ValueType[] = [];
  const index = addType(types, type);
  return { types, index };
}

export const t = (kind: PrimitiveKind): Type => ({ kind });
export const list = (element: Type, length?: number): Type => ({ kind: 'list', element, ...(length === undefined ? {} : { length }) });
export const tuple = (...items: Type[]): Type => ({ kind: 'tuple', items });
export const option = (some: Type): Type => ({ kind: 'option', some });
export const result = (ok: Type | null, error: Type | null): Type => ({ kind: 'result', ok, error });
export const record = (fields: Readonly<Record<string, Type>>): Type => ({ kind: 'record', fields: Object.entries(fields) });
export const variant = (cases: Readonly<Record<string, Type | null>>): Type => ({ kind: 'variant', cases: Object.entries(cases) });
export const labels = (count: number): string[] => Array.from({ length: count }, (_, label) => `l${label}`);
