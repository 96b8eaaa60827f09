import { malformed, type Reader } from './reader.ts';

/** `reference`: any other one, as garbage collection and typed function references have them. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref' | 'exnref' | 'reference';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface Limits {
  readonly minimum: number;
  readonly maximum: number | null;
  readonly shared: boolean;
  /** Whether addresses have 64 bits. */
  readonly wide: boolean;
}

export interface TableType extends Limits {
  readonly element: ValueType;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

const NUMERIC: Readonly<Record<number, ValueType>> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128' };

/** Heap types by the byte that also stands for the nullable reference to them. */
const HEAP: Readonly<Record<number, ValueType>> = {
  0x70: 'funcref',
  0x6f: 'externref',
  0x69: 'exnref',
  0x74: 'exnref', // none of them
  0x73: 'reference', // nofunc
  0x72: 'reference', // noextern
  0x71: 'reference', // none
  0x6e: 'reference', // any
  0x6d: 'reference', // eq
  0x6c: 'reference', // i31
  0x6b: 'reference', // struct
  0x6a: 'reference', // array
};

const NULLABLE = 0x63;
const NOT_NULL = 0x64;
const EMPTY_BLOCK = 0x40;

export function readValueType(reader: Reader): ValueType {
  const at = reader.at;
  const byte = reader.byte();
  if (byte === NULLABLE || byte === NOT_NULL) return readHeapType(reader);
  const type = NUMERIC[byte] ?? HEAP[byte];
  if (type === undefined) throw malformed(`0x${byte.toString(16)} is not a type`, at);
  return type;
}

export function skipValueType(reader: Reader): void {
  readValueType(reader);
}

export function skipHeapType(reader: Reader): void {
  readHeapType(reader);
}

/** Nothing, a type, or the index of a function type. */
export function skipBlockType(reader: Reader): void {
  const byte = reader.bytes[reader.at];
  if (byte === EMPTY_BLOCK) reader.skip(1);
  else if (byte !== undefined && (byte === NULLABLE || byte === NOT_NULL || byte in NUMERIC || byte in HEAP)) skipValueType(reader);
  else if (reader.s33() < 0) throw malformed('a block has no such type', reader.at);
}

export function readLimits(reader: Reader): Limits {
  const at = reader.at;
  const flags = reader.byte();
  if (flags > 7) throw malformed(`limits of kind 0x${flags.toString(16)} are not known`, at);
  const wide = (flags & 4) !== 0;
  const minimum = wide ? reader.u64() : reader.u32();
  const maximum = flags & 1 ? (wide ? reader.u64() : reader.u32()) : null;
  return { minimum, maximum, shared: (flags & 2) !== 0, wide };
}

export function readTableType(reader: Reader): TableType {
  const element = readValueType(reader);
  return { element, ...readLimits(reader) };
}

export function readGlobalType(reader: Reader): GlobalType {
  const type = readValueType(reader);
  const mutable = reader.byte();
  if (mutable > 1) throw malformed('a global is neither mutable nor not', reader.at - 1);
  return { type, mutable: mutable === 1 };
}

/** One entry of the type section: a type, or several that refer to each other. Those that are not functions' are null. */
export function readTypes(reader: Reader, types: (FunctionType | null)[]): void {
  if (reader.bytes[reader.at] !== 0x4e) return void types.push(readSubType(reader));
  reader.skip(1);
  for (let count = reader.u32(); count > 0; count--) types.push(readSubType(reader));
}

function readSubType(reader: Reader): FunctionType | null {
  let form = reader.byte();
  if (form === 0x50 || form === 0x4f) {
    for (let count = reader.u32(); count > 0; count--) reader.u32();
    form = reader.byte();
  }
  if (form === 0x60) return { params: readValueTypes(reader), results: readValueTypes(reader) };
  if (form === 0x5e) skipField(reader);
  else if (form === 0x5f) for (let count = reader.u32(); count > 0; count--) skipField(reader);
  else throw malformed(`0x${form.toString(16)} is not a form of type`, reader.at - 1);
  return null;
}

function readValueTypes(reader: Reader): ValueType[] {
  const types: ValueType[] = [];
  for (let count = reader.u32(); count > 0; count--) types.push(readValueType(reader));
  return types;
}

/** Of a struct or an array: may also be packed into 8 or 16 bits. */
function skipField(reader: Reader): void {
  const byte = reader.bytes[reader.at];
  if (byte === 0x78 || byte === 0x77) reader.skip(1);
  else skipValueType(reader);
  reader.skip(1);
}

function readHeapType(reader: Reader): ValueType {
  const at = reader.at;
  const type = reader.s33();
  if (type >= 0) return 'reference';
  const known = HEAP[type + 0x80];
  if (known === undefined) throw malformed('there is no such heap type', at);
  return known;
}
