import type { PrimitiveKind } from '../plan.ts';
import { readCoreType } from './core-types.ts';
import { readAlias } from './alias.ts';
import { invalid, unsupported } from './errors.ts';
import { checkLabel, readName } from './names.ts';
import { hex, type Reader } from './reader.ts';
import type { Declaration, ExternType, FunctionTypeSyntax, TypeSyntax, ValueTypeRef, ValueTypeSyntax } from './syntax.ts';

const PRIMITIVES: Readonly<Record<number, PrimitiveKind>> = {
  0x7f: 'bool',
  0x7e: 's8',
  0x7d: 'u8',
  0x7c: 's16',
  0x7b: 'u16',
  0x7a: 's32',
  0x79: 'u32',
  0x78: 's64',
  0x77: 'u64',
  0x76: 'f32',
  0x75: 'f64',
  0x74: 'char',
  0x73: 'string',
  0x64: 'error-context',
};

/** As many as one i32 has bits. */
const MAX_FLAGS = 32;

export function readType(reader: Reader): TypeSyntax {
  return reader.nested('a type', () => {
    const offset = reader.position;
    const code = reader.byte();
    switch (code) {
      case 0x3f:
        return readResource(reader);
      case 0x40:
      case 0x43:
        return readFunctionType(reader, code === 0x43);
      case 0x41:
        return { kind: 'component', declarations: reader.vector(() => readDeclaration(reader, true)) };
      case 0x42:
        return { kind: 'instance', declarations: reader.vector(() => readDeclaration(reader, false)) };
      default:
        return readValueType(reader, code, offset);
    }
  });
}

function readValueType(reader: Reader, code: number, offset: number): ValueTypeSyntax {
  const primitive = PRIMITIVES[code];
  if (primitive !== undefined) return { kind: 'primitive', primitive };
  switch (code) {
    case 0x72:
      return { kind: 'record', fields: some(readLabelled(reader, 'field'), 'record', 'field', offset) };
    case 0x71:
      return { kind: 'variant', cases: some(readCases(reader), 'variant', 'case', offset) };
    case 0x70:
      return { kind: 'list', element: readTypeRef(reader) };
    case 0x67: {
      const element = readTypeRef(reader);
      const length = reader.u32();
      if (length === 0) throw invalid('a list of fixed length has no items', offset);
      return { kind: 'list', element, length };
    }
    case 0x6f:
      return { kind: 'tuple', items: some(reader.vector(readTypeRef), 'tuple', 'item', offset) };
    case 0x6e: {
      const labels = some(readLabels(reader, 'flag'), 'flags', 'label', offset);
      if (labels.length > MAX_FLAGS) throw invalid(`a flags type has ${labels.length} labels, more than ${MAX_FLAGS}`, offset);
      return { kind: 'flags', labels };
    }
    case 0x6d:
      return { kind: 'enum', labels: some(readLabels(reader, 'enum case'), 'enum', 'case', offset) };
    case 0x6b:
      return { kind: 'option', some: readTypeRef(reader) };
    case 0x6a:
      return { kind: 'result', ok: reader.optional('a type', readTypeRef), error: reader.optional('a type', readTypeRef) };
    case 0x69:
      return { kind: 'own', resource: reader.u32() };
    case 0x68:
      return { kind: 'borrow', resource: reader.u32() };
    case 0x66:
      return { kind: 'stream', element: reader.optional('a type', readTypeRef) };
    case 0x65:
      return { kind: 'future', element: reader.optional('a type', readTypeRef) };
    case 0x63:
      return { kind: 'map', key: readTypeRef(reader), value: readTypeRef(reader) };
    default:
      throw unsupported(`type ${hex(code)}`, offset, 'The specification has no such type.');
  }
}

export function readTypeRef(reader: Reader): ValueTypeRef {
  const offset = reader.position;
  const primitive = PRIMITIVES[reader.peek()];
  if (primitive !== undefined) {
    reader.byte();
    return primitive;
  }
  const index = reader.s33();
  if (index < 0) throw invalid(`${hex(index + 0x80)} is not a value type`, offset);
  return index;
}

/** What a function gives back; named results are of the past. */
export function readResult(reader: Reader): ValueTypeRef | null {
  const offset = reader.position;
  const code = reader.byte();
  if (code === 0x00) return readTypeRef(reader);
  if (code !== 0x01) throw invalid(`${hex(code)} is no form of a result`, offset);
  if (reader.byte() !== 0x00) throw invalid('a function has named results', offset);
  return null;
}

function readFunctionType(reader: Reader, async: boolean): FunctionTypeSyntax {
  return { kind: 'func', async, params: readLabelled(reader, 'parameter'), result: readResult(reader) };
}

function readResource(reader: Reader): TypeSyntax {
  const offset = reader.position;
  const representation = reader.byte();
  if (representation === 0x7e) throw unsupported('a resource with (rep i64)', offset);
  if (representation !== 0x7f) throw invalid('the representation of a resource is not i32', offset);
  return { kind: 'resource', destructor: reader.optional('a destructor', (part) => part.u32()) };
}

function readLabelled(reader: Reader, what: string): [string, ValueTypeRef][] {
  const seen = new Set<string>();
  return reader.vector(() => [readLabel(reader, what, seen), readTypeRef(reader)]);
}

function readCases(reader: Reader): [string, ValueTypeRef | null][] {
  const seen = new Set<string>();
  return reader.vector(() => {
    const label = readLabel(reader, 'case', seen);
    const type = reader.optional('a type', readTypeRef);
    if (reader.byte() !== 0) throw invalid('a case of a variant does not end with 0', reader.position - 1);
    return [label, type];
  });
}

function readLabels(reader: Reader, what: string): string[] {
  const seen = new Set<string>();
  return reader.vector(() => readLabel(reader, what, seen));
}

function readLabel(reader: Reader, what: string, seen: Set<string>): string {
  const offset = reader.position;
  const label = reader.name();
  checkLabel(label, what, offset);
  const key = label.toLowerCase();
  if (seen.has(key)) throw invalid(`two of a type's names for a ${what} are '${label}' or differ by case alone`, offset);
  seen.add(key);
  return label;
}

function some<T>(items: T[], type: string, what: string, offset: number): T[] {
  if (items.length === 0) throw invalid(`a ${type} type has no ${what}`, offset);
  return items;
}

export function readDeclaration(reader: Reader, ofComponent: boolean): Declaration {
  const offset = reader.position;
  const code = reader.byte();
  switch (code) {
    case 0x00:
      return { kind: 'core type', offset, type: readCoreType(reader) };
    case 0x01:
      return { kind: 'type', offset, type: readType(reader) };
    case 0x02:
      return readAlias(reader);
    case 0x03:
      if (!ofComponent) throw invalid('an instance type has an import', offset);
      return { kind: 'import', offset, name: readName(reader), type: readExternType(reader) };
    case 0x04:
      return { kind: 'declared export', offset, name: readName(reader), type: readExternType(reader) };
    default:
      throw invalid(`${hex(code)} is not a declaration of a type`, offset);
  }
}

export function readExternType(reader: Reader): ExternType {
  const offset = reader.position;
  const code = reader.byte();
  switch (code) {
    case 0x00:
      if (reader.byte() !== 0x11) throw invalid('a core sort other than a module is imported or exported', offset);
      return { sort: 'core module', type: reader.u32() };
    case 0x01:
      return { sort: 'func', type: reader.u32() };
    case 0x02:
      throw unsupported('a value import or export', offset);
    case 0x03: {
      const bound = reader.byte();
      if (bound > 1) throw invalid(`${hex(bound)} is not a bound of a type`, offset + 1);
      return { sort: 'type', type: bound === 0 ? reader.u32() : null };
    }
    case 0x04:
      return { sort: 'component', type: reader.u32() };
    case 0x05:
      return { sort: 'instance', type: reader.u32() };
    default:
      throw invalid(`${hex(code)} is no kind of import or export`, offset);
  }
}
