import { BrinkError } from '../../errors.ts';
import { readCoreExternType, readCoreFunctionType, readCoreValueType, readLimits, readMutability } from './core-types.ts';
import { invalid } from './errors.ts';
import { hex, Reader } from './reader.ts';
import type { CoreExternType, CoreExternTypeSyntax, CoreModuleSyntax, CoreSignature, CustomSection } from './syntax.ts';

type Imports = CoreModuleSyntax['imports'];

/** The order that sections of a core module stand in; custom ones stand anywhere. */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/**
 * Reads what a core module asks for and gives, and passes over its code: whether that is valid, the engine says when
 * it compiles it.
 */
export function readCoreModule(reader: Reader): CoreModuleSyntax {
  const start = reader.position;
  readPreamble(reader);
  const sections = new Map<number, Reader>();
  const customs: CustomSection[] = [];
  let last = -1;
  while (!reader.done) {
    const offset = reader.position;
    const id = reader.byte();
    const section = reader.part(reader.u32(), 'a section of a core module');
    if (id === 0) {
      customs.push({ name: section.name(), start: section.position, end: section.end });
      continue;
    }
    const order = ORDER.indexOf(id);
    if (order === -1) throw invalid(`${hex(id)} is not a section of a core module`, offset);
    if (order <= last) throw invalid('a section of a core module is out of order', offset);
    last = order;
    sections.set(id, section);
  }
  return { bytes: reader.bytes.subarray(start, reader.end), customs, ...readInterface(sections) };
}

function readPreamble(reader: Reader): void {
  const offset = reader.position;
  for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) {
    if (reader.byte() !== byte) throw invalid('a core module does not start as one', offset);
  }
}

function readInterface(sections: ReadonlyMap<number, Reader>): Pick<CoreModuleSyntax, 'imports' | 'exports'> {
  const section = <T>(id: number, read: (reader: Reader) => T): T[] => sections.get(id)?.vector(read) ?? [];
  const types = readSignatures(sections.get(1));
  // What is imported comes first in each index space.
  const spaces: Record<CoreExternType['kind'], CoreExternType[]> = { func: [], table: [], memory: [], global: [], tag: [] };
  const add = (type: CoreExternType) => spaces[type.kind].push(type);
  const imports: Imports = section(2, (reader) => ({
    module: reader.name(),
    name: reader.name(),
    type: withSignature(readCoreExternType(reader), types),
  }));
  const imported = new Set<string>();
  for (const { module, name, type } of imports) {
    const key = JSON.stringify([module, name]);
    // Arguments go by name: a component could not tell the two apart.
    if (imported.has(key)) throw invalid(`a core module imports '${module}' '${name}' twice`, sections.get(2)!.end);
    imported.add(key);
    add(type);
  }
  for (const index of section(3, (reader) => reader.u32())) add({ kind: 'func', type: types[index] ?? null });
  for (const limits of section(5, readLimits)) add({ kind: 'memory', limits });
  for (const index of section(13, (reader) => (reader.byte(), reader.u32()))) add({ kind: 'tag', type: types[index] ?? null });
  const exports = section(7, (reader) => {
    const offset = reader.position;
    return { offset, name: reader.name(), kind: reader.byte(), index: reader.u32() };
  });
  // Their initial values have to be read to be passed over, so only where it matters.
  if (exports.some(({ kind }) => kind === 1)) readTables(sections.get(4)).forEach(add);
  if (exports.some(({ kind }) => kind === 3)) readGlobals(sections.get(6)).forEach(add);
  const kinds = ['func', 'table', 'memory', 'global', 'tag'] as const;
  const byName = new Map<string, CoreExternType>();
  for (const { offset, name, kind: code, index } of exports) {
    const kind = kinds[code];
    if (kind === undefined) throw invalid(`${hex(code)} is no kind of core export`, offset);
    if (byName.has(name)) throw invalid(`a core module exports '${name}' twice`, offset);
    const type = spaces[kind][index] ?? (kind === 'table' ? UNKNOWN_TABLE : kind === 'global' ? UNKNOWN_GLOBAL : undefined);
    if (type === undefined) throw invalid(`a core module exports ${kind} ${index}, which it does not have`, offset);
    byName.set(name, type);
  }
  return { imports, exports: byName };
}

const UNKNOWN_TABLE: CoreExternType = { kind: 'table', element: null, limits: { min: 0, max: null, shared: false, address64: false } };
const UNKNOWN_GLOBAL: CoreExternType = { kind: 'global', type: null, mutable: false };

export function withSignature(type: CoreExternTypeSyntax, types: readonly CoreSignature[]): CoreExternType {
  return 'index' in type ? { kind: type.kind, type: types[type.index] ?? null } : type;
}

/** The function types of a module by their index; null for one of another kind, or beyond one that is not known here. */
function readSignatures(reader: Reader | undefined): CoreSignature[] {
  const types: CoreSignature[] = [];
  if (reader === undefined) return types;
  leniently(() => {
    reader.vector(() => {
      if (reader.peek() === 0x4e) {
        reader.byte();
        reader.vector(() => types.push(readSubtype(reader)));
      } else types.push(readSubtype(reader));
    });
  });
  return types;
}

function readSubtype(reader: Reader): CoreSignature {
  let code = reader.byte();
  if (code === 0x50 || code === 0x4f) {
    // What has supertypes is compared by the engine alone.
    const supertypes = reader.vector(() => reader.u32());
    code = reader.byte();
    if (code === 0x60) {
      const type = readCoreFunctionType(reader);
      return supertypes.length > 0 ? null : type;
    }
  }
  if (code === 0x60) return readCoreFunctionType(reader);
  const field = () => {
    const packed = reader.peek();
    if (packed === 0x78 || packed === 0x77) reader.byte();
    else readCoreValueType(reader);
    readMutability(reader);
  };
  if (code === 0x5e) field();
  else if (code === 0x5f) reader.vector(field);
  else throw invalid(`${hex(code)} is not a core type`, reader.position - 1);
  return null;
}

function readTables(reader: Reader | undefined): CoreExternType[] {
  const tables: CoreExternType[] = [];
  leniently(() => {
    reader?.vector(() => {
      const initialized = reader.peek() === 0x40;
      if (initialized) reader.part(2, 'a table');
      tables.push({ kind: 'table', element: readCoreValueType(reader), limits: readLimits(reader) });
      if (initialized) skipExpression(reader);
    });
  });
  return tables;
}

function readGlobals(reader: Reader | undefined): CoreExternType[] {
  const globals: CoreExternType[] = [];
  leniently(() => {
    reader?.vector(() => {
      globals.push({ kind: 'global', type: readCoreValueType(reader), mutable: readMutability(reader) });
      skipExpression(reader);
    });
  });
  return globals;
}

/** Passes over a constant expression. */
function skipExpression(reader: Reader): void {
  for (;;) {
    const opcode = reader.byte();
    switch (opcode) {
      case 0x0b:
        return;
      case 0x41: // i32.const
      case 0x42: // i64.const
        while (reader.byte() >= 0x80);
        break;
      case 0x43: // f32.const
        reader.part(4, 'a number');
        break;
      case 0x44: // f64.const
        reader.part(8, 'a number');
        break;
      case 0x23: // global.get
      case 0xd2: // ref.func
        reader.u32();
        break;
      case 0xd0: // ref.null
        reader.s33();
        break;
      case 0x6a: // add, sub and mul of i32 and i64
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      case 0xfd: // v128.const
        reader.part(17, 'a vector');
        break;
      default:
        throw invalid(`${hex(opcode)} is not an opcode of a constant expression`, reader.position - 1);
    }
  }
}

/** Runs until something is met that is not known here: what was read up to there stands, the engine judges the rest. */
function leniently(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof BrinkError)) throw error;
  }
}
