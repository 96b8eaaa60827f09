import { invalid } from '../binary/errors.ts';
import type { PrimitiveKind, Signature, ValueType } from '../plan.ts';
import { layout, type Layout } from './layout.ts';

/** Types within types; what interprets them may be recursive up to here. */
const MAX_DEPTH = 100;
/** Written out, with everything that they are made of. */
const MAX_NODES = 1_000_000;
/** design/mvp/Binary.md: bytes of a value in a memory of 64 bits. */
const MAX_BYTES = 2 ** 28;

/** What is known of a type, so that nothing has to be walked again. */
export interface TypeInfo extends Layout {
  readonly type: ValueType;
  readonly depth: number;
  readonly nodes: number;
  /** It holds a list or a string somewhere. */
  readonly pointers: boolean;
  readonly borrows: boolean;
  readonly resources: boolean;
}

/** Every value type once: two are equal where their indices are. A resource is referred to by its `id`. */
export class TypePool {
  readonly #types: TypeInfo[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #signatures: Signature[] = [];
  readonly #signatureByKey = new Map<string, number>();

  info(index: number): TypeInfo {
    return this.#types[index]!;
  }

  signature(index: number): Signature {
    return this.#signatures[index]!;
  }

  primitive(kind: PrimitiveKind): number {
    return this.intern({ kind }, 0);
  }

  /** @throws {BrinkError} `component-invalid` where it is too deep or too large */
  intern(type: ValueType, offset: number): number {
    const key = JSON.stringify(type);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const parts = partsOf(type).map((index) => this.info(index));
    const depth = 1 + Math.max(0, ...parts.map((part) => part.depth));
    if (depth > MAX_DEPTH) throw invalid(`a type is nested more than ${MAX_DEPTH} deep`, offset);
    const nodes = parts.reduce((sum, part) => sum + part.nodes, 1);
    if (nodes > MAX_NODES) throw invalid(`a type is made of more than ${MAX_NODES} others`, offset);
    const laidOut = layout(type, (index) => this.info(index));
    if (laidOut.size >= MAX_BYTES) throw invalid(`a value of a type takes ${laidOut.size} bytes, and may not take ${MAX_BYTES}`, offset);
    const index = this.#types.length;
    const handle = type.kind === 'own' || type.kind === 'borrow';
    this.#types.push({
      type,
      depth,
      nodes,
      ...laidOut,
      pointers:
        type.kind === 'string' ||
        type.kind === 'map' ||
        (type.kind === 'list' && type.length === undefined) ||
        (!isEndOfCopy(type) && parts.some((part) => part.pointers)),
      borrows: type.kind === 'borrow' || parts.some((part) => part.borrows),
      resources: handle || parts.some((part) => part.resources),
    });
    this.#byKey.set(key, index);
    return index;
  }

  internSignature(signature: Signature): number {
    const key = JSON.stringify(signature);
    const known = this.#signatureByKey.get(key);
    if (known !== undefined) return known;
    this.#signatures.push(signature);
    this.#signatureByKey.set(key, this.#signatures.length - 1);
    return this.#signatures.length - 1;
  }
}

function isEndOfCopy(type: ValueType): boolean {
  return type.kind === 'stream' || type.kind === 'future';
}

/** The types that a type is made of. */
function partsOf(type: ValueType): number[] {
  const parts: number[] = [];
  withParts(type, (part) => parts.push(part));
  return parts;
}

/** The type with each type that it is made of replaced, first to last. */
export function withParts(type: ValueType, replace: (part: number) => number): ValueType {
  const maybe = (part: number | null) => (part === null ? null : replace(part));
  switch (type.kind) {
    case 'record':
      return { kind: type.kind, fields: type.fields.map(([name, field]) => [name, replace(field)]) };
    case 'variant':
      return { kind: type.kind, cases: type.cases.map(([name, payload]) => [name, maybe(payload)]) };
    case 'list':
      return { ...type, element: replace(type.element) };
    case 'map':
      return { kind: type.kind, key: replace(type.key), value: replace(type.value) };
    case 'tuple':
      return { kind: type.kind, items: type.items.map(replace) };
    case 'option':
      return { kind: type.kind, some: replace(type.some) };
    case 'result':
      return { kind: type.kind, ok: maybe(type.ok), error: maybe(type.error) };
    case 'stream':
    case 'future':
      return { kind: type.kind, element: maybe(type.element) };
    default:
      return type;
  }
}
