import { invalid, unsupported } from './errors.ts';
import { hex, type Reader } from './reader.ts';
import type { CoreExternTypeSyntax, CoreModuleDeclaration, CoreSignature, CoreTypeSyntax, Limits } from './syntax.ts';

const NUMBER_TYPES: Readonly<Record<number, string>> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128' };
const HEAP_TYPES: Readonly<Record<number, string>> = {
  0x75: 'nocont',
  0x74: 'noexn',
  0x73: 'nofunc',
  0x72: 'noextern',
  0x71: 'none',
  0x70: 'func',
  0x6f: 'extern',
  0x6e: 'any',
  0x6d: 'eq',
  0x6c: 'i31',
  0x6b: 'struct',
  0x6a: 'array',
  0x69: 'exn',
  0x68: 'cont',
};
const MAX_PAGES = 2 ** 16;

/** A value type as text; null for a reference to a type by its index, which is not compared. */
export function readCoreValueType(reader: Reader): string | null {
  const code = reader.byte();
  const number = NUMBER_TYPES[code];
  if (number !== undefined) return number;
  const heap = HEAP_TYPES[code];
  if (heap !== undefined) return `(ref null ${heap})`;
  if (code !== 0x63 && code !== 0x64) throw invalid(`${hex(code)} is not a core value type`, reader.position - 1);
  // A shared heap type has a prefix.
  const shared = reader.peek() === 0x65 && reader.byte() === 0x65;
  const type = reader.s33();
  if (type >= 0 || shared) return null;
  const name = HEAP_TYPES[type + 0x80];
  if (name === undefined) throw invalid(`${type} is not a heap type`, reader.position - 1);
  return `(ref ${code === 0x63 ? 'null ' : ''}${name})`;
}

/** What follows 0x60. */
export function readCoreFunctionType(reader: Reader): CoreSignature {
  const params = reader.vector(readCoreValueType);
  const results = reader.vector(readCoreValueType);
  return params.includes(null) || results.includes(null) ? null : `${params.join(' ')} -> ${results.join(' ')}`;
}

export function readLimits(reader: Reader): Limits {
  const flags = reader.byte();
  if (flags > 0x0f) throw invalid(`${hex(flags)} is no form of limits`, reader.position - 1);
  const address64 = (flags & 4) !== 0;
  const min = address64 ? reader.u64() : reader.u32();
  const max = flags & 1 ? (address64 ? reader.u64() : reader.u32()) : null;
  if (flags & 8) reader.u32();
  return { min, max, shared: (flags & 2) !== 0, address64 };
}

/** A memory of 32 bits has at most 2^16 pages of the common size. */
function readMemoryLimits(reader: Reader): Limits {
  const offset = reader.position;
  const ofOwnPageSize = (reader.peek() & 8) !== 0;
  const limits = readLimits(reader);
  const { min, max, address64 } = limits;
  if (!address64 && !ofOwnPageSize && Math.max(min, max ?? 0) > MAX_PAGES)
    throw invalid(`a memory has more than ${MAX_PAGES} pages`, offset);
  return limits;
}

export function readCoreExternType(reader: Reader): CoreExternTypeSyntax {
  const offset = reader.position;
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      return { kind: 'func', offset, index: reader.u32() };
    case 0x01:
      return { kind: 'table', element: readCoreValueType(reader), limits: readLimits(reader) };
    case 0x02:
      return { kind: 'memory', limits: readMemoryLimits(reader) };
    case 0x03: {
      const type = readCoreValueType(reader);
      return { kind: 'global', type, mutable: readMutability(reader) };
    }
    case 0x04:
      if (reader.byte() !== 0) throw invalid('the attribute of a tag is not 0', reader.position - 1);
      return { kind: 'tag', offset, index: reader.u32() };
    default:
      throw invalid(`${hex(kind)} is no kind of core import or export`, offset);
  }
}

export function readMutability(reader: Reader): boolean {
  const code = reader.byte();
  // 2 and 3: the same, shared.
  if (code > 3) throw invalid(`${hex(code)} is not a mutability`, reader.position - 1);
  return (code & 1) === 1;
}

/** An entry of a component's section of core types. */
export function readCoreType(reader: Reader): CoreTypeSyntax {
  if (reader.peek() !== 0x50) return { kind: 'func', type: readFunctionSubtype(reader, true) };
  reader.byte();
  return { kind: 'module', declarations: reader.vector(readModuleDeclaration) };
}

function readFunctionSubtype(reader: Reader, inComponent: boolean): CoreSignature {
  const offset = reader.position;
  let code = reader.byte();
  if (inComponent && code === 0x00) {
    code = reader.byte();
    if (code !== 0x50) throw invalid(`${hex(code)} is not a core type`, reader.position - 1);
  } else if (code === 0x50) {
    throw invalid('a core module type within a core module type', offset);
  }
  if (code === 0x50 || code === 0x4f) {
    if (reader.vector((part) => part.u32()).length > 0) throw unsupported('a core type with a supertype', offset);
    code = reader.byte();
  }
  if (code === 0x60) return readCoreFunctionType(reader);
  if (code === 0x5e || code === 0x5f || code === 0x4e || code === 0x5d) throw unsupported('a core type of garbage collection', offset);
  throw invalid(`${hex(code)} is not a core type`, offset);
}

function readModuleDeclaration(reader: Reader): CoreModuleDeclaration {
  const offset = reader.position;
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      return { kind: 'import', module: reader.name(), name: reader.name(), type: readCoreExternType(reader) };
    case 0x01:
      return { kind: 'type', type: readFunctionSubtype(reader, false) };
    case 0x02:
      if (reader.byte() !== 0x10) throw invalid('an alias in a core module type is not of a type', reader.position - 1);
      if (reader.byte() !== 0x01) throw invalid('an alias in a core module type is not an outer one', reader.position - 1);
      return { kind: 'alias', offset, count: reader.u32(), index: reader.u32() };
    case 0x03:
      return { kind: 'export', offset, name: reader.name(), type: readCoreExternType(reader) };
    default:
      throw invalid(`${hex(kind)} is not a declaration of a core module type`, offset);
  }
}
