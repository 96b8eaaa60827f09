/**
 * Every instruction that V8 accepts without flags, with what follows its opcode. Which those are is checked against
 * the engine itself by `test/component/core/opcodes.test.ts`.
 */

/** What follows an opcode, or its number within a prefix. */
export type Immediates =
  | 'none'
  /** One LEB128: a local, a label, a type, a tag… */
  | 'index'
  | 'two indices'
  | 'function'
  | 'global'
  | 'global written'
  | 'block type'
  | 'branch table'
  | 'value types'
  | 'try table'
  | 'heap type'
  | 'cast branch'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'v128'
  | 'lane'
  | 'memory access'
  | 'memory access, lane'
  /** Of a store, by the type of its value; it stands above the address. */
  | 'i32 stored'
  | 'i64 stored'
  | 'f32 stored'
  | 'f64 stored'
  | 'v128 stored'
  | 'v128 stored, lane'
  /** Two values stand above the address. */
  | 'two i32 stored'
  | 'two i64 stored'
  | 'memory filled'
  | 'memory copied'
  | 'memory.size'
  | 'memory.grow'
  | 'memory initialised'
  | 'data dropped'
  | 'element dropped'
  | 'table written'
  | 'two tables, written'
  | 'object written'
  | 'two objects, written'
  | 'type, data'
  | 'type, data, object written'
  | 'type, element'
  | 'type, element, object written';

/** First opcode, last opcode, what follows. */
export type Row = readonly [from: number, to: number, immediates: Immediates];

/** Opcodes of one byte. */
export const PLAIN: readonly Row[] = [
  [0x00, 0x01, 'none'], // unreachable, nop
  [0x02, 0x04, 'block type'], // block, loop, if
  [0x05, 0x05, 'none'], // else
  [0x06, 0x06, 'block type'], // try
  [0x07, 0x09, 'index'], // catch, throw, rethrow
  [0x0a, 0x0b, 'none'], // throw_ref, end
  [0x0c, 0x0d, 'index'], // br, br_if
  [0x0e, 0x0e, 'branch table'],
  [0x0f, 0x0f, 'none'], // return
  [0x10, 0x10, 'function'], // call
  [0x11, 0x11, 'two indices'], // call_indirect
  [0x12, 0x12, 'function'], // return_call
  [0x13, 0x13, 'two indices'], // return_call_indirect
  [0x14, 0x15, 'index'], // call_ref, return_call_ref
  [0x18, 0x18, 'index'], // delegate
  [0x19, 0x1b, 'none'], // catch_all, drop, select
  [0x1c, 0x1c, 'value types'], // select with types
  [0x1f, 0x1f, 'try table'],
  [0x20, 0x22, 'index'], // local.get, local.set, local.tee
  [0x23, 0x23, 'global'],
  [0x24, 0x24, 'global written'],
  [0x25, 0x25, 'index'], // table.get
  [0x26, 0x26, 'table written'],
  [0x28, 0x35, 'memory access'],
  [0x36, 0x36, 'i32 stored'],
  [0x37, 0x37, 'i64 stored'],
  [0x38, 0x38, 'f32 stored'],
  [0x39, 0x39, 'f64 stored'],
  [0x3a, 0x3b, 'i32 stored'], // i32.store8, i32.store16
  [0x3c, 0x3e, 'i64 stored'], // i64.store8 … i64.store32
  [0x3f, 0x3f, 'memory.size'],
  [0x40, 0x40, 'memory.grow'],
  [0x41, 0x41, 'i32'],
  [0x42, 0x42, 'i64'],
  [0x43, 0x43, 'f32'],
  [0x44, 0x44, 'f64'],
  [0x45, 0xc4, 'none'], // comparison, arithmetic, conversion
  [0xd0, 0xd0, 'heap type'], // ref.null
  [0xd1, 0xd1, 'none'], // ref.is_null
  [0xd2, 0xd2, 'function'], // ref.func
  [0xd3, 0xd4, 'none'], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, 'index'], // br_on_null, br_on_non_null
];

/** Opcodes of a prefix byte and a number. */
export const PREFIXED: Readonly<Record<number, readonly Row[]>> = {
  // garbage collection
  0xfb: [
    [0x00, 0x01, 'index'], // struct.new, struct.new_default
    [0x02, 0x04, 'two indices'], // struct.get
    [0x05, 0x05, 'two objects, written'], // struct.set
    [0x06, 0x07, 'index'], // array.new, array.new_default
    [0x08, 0x08, 'two indices'], // array.new_fixed
    [0x09, 0x09, 'type, data'], // array.new_data
    [0x0a, 0x0a, 'type, element'], // array.new_elem
    [0x0b, 0x0d, 'index'], // array.get
    [0x0e, 0x0e, 'object written'], // array.set
    [0x0f, 0x0f, 'none'], // array.len
    [0x10, 0x10, 'object written'], // array.fill
    [0x11, 0x11, 'two objects, written'], // array.copy
    [0x12, 0x12, 'type, data, object written'], // array.init_data
    [0x13, 0x13, 'type, element, object written'], // array.init_elem
    [0x14, 0x17, 'heap type'], // ref.test, ref.cast
    [0x18, 0x19, 'cast branch'], // br_on_cast, br_on_cast_fail
    [0x1a, 0x1e, 'none'], // any.convert_extern … i31.get_u
  ],
  // saturating conversion, bulk memory, tables
  0xfc: [
    [0x00, 0x07, 'none'],
    [0x08, 0x08, 'memory initialised'],
    [0x09, 0x09, 'data dropped'],
    [0x0a, 0x0a, 'memory copied'],
    [0x0b, 0x0b, 'memory filled'],
    [0x0c, 0x0c, 'two tables, written'], // table.init: a segment and a table
    [0x0d, 0x0d, 'element dropped'],
    [0x0e, 0x0e, 'two tables, written'], // table.copy
    [0x0f, 0x0f, 'table written'], // table.grow
    [0x10, 0x10, 'index'], // table.size
    [0x11, 0x11, 'table written'], // table.fill
  ],
  // vectors
  0xfd: [
    [0x00, 0x0a, 'memory access'],
    [0x0b, 0x0b, 'v128 stored'],
    [0x0c, 0x0d, 'v128'], // v128.const, i8x16.shuffle
    [0x0e, 0x14, 'none'],
    [0x15, 0x22, 'lane'],
    [0x23, 0x53, 'none'],
    [0x54, 0x57, 'memory access, lane'],
    [0x58, 0x5b, 'v128 stored, lane'],
    [0x5c, 0x5d, 'memory access'],
    [0x5e, 0x99, 'none'],
    [0x9b, 0xa1, 'none'],
    [0xa3, 0xa4, 'none'],
    [0xa7, 0xae, 'none'],
    [0xb1, 0xb1, 'none'],
    [0xb5, 0xba, 'none'],
    [0xbc, 0xc1, 'none'],
    [0xc3, 0xc4, 'none'],
    [0xc7, 0xce, 'none'],
    [0xd1, 0xd1, 'none'],
    [0xd5, 0xe1, 'none'],
    [0xe3, 0xed, 'none'],
    [0xef, 0x113, 'none'], // up to the relaxed ones
  ],
  // atomics
  0xfe: [
    [0x00, 0x02, 'memory access'],
    [0x03, 0x03, 'lane'], // atomic.fence and its reserved byte
    [0x10, 0x16, 'memory access'],
    [0x17, 0x17, 'i32 stored'], // store
    [0x18, 0x18, 'i64 stored'],
    [0x19, 0x1a, 'i32 stored'],
    [0x1b, 0x1d, 'i64 stored'],
    [0x1e, 0x1e, 'i32 stored'], // add
    [0x1f, 0x1f, 'i64 stored'],
    [0x20, 0x21, 'i32 stored'],
    [0x22, 0x24, 'i64 stored'],
    [0x25, 0x25, 'i32 stored'], // sub
    [0x26, 0x26, 'i64 stored'],
    [0x27, 0x28, 'i32 stored'],
    [0x29, 0x2b, 'i64 stored'],
    [0x2c, 0x2c, 'i32 stored'], // and
    [0x2d, 0x2d, 'i64 stored'],
    [0x2e, 0x2f, 'i32 stored'],
    [0x30, 0x32, 'i64 stored'],
    [0x33, 0x33, 'i32 stored'], // or
    [0x34, 0x34, 'i64 stored'],
    [0x35, 0x36, 'i32 stored'],
    [0x37, 0x39, 'i64 stored'],
    [0x3a, 0x3a, 'i32 stored'], // xor
    [0x3b, 0x3b, 'i64 stored'],
    [0x3c, 0x3d, 'i32 stored'],
    [0x3e, 0x40, 'i64 stored'],
    [0x41, 0x41, 'i32 stored'], // xchg
    [0x42, 0x42, 'i64 stored'],
    [0x43, 0x44, 'i32 stored'],
    [0x45, 0x47, 'i64 stored'],
    [0x48, 0x48, 'two i32 stored'], // cmpxchg
    [0x49, 0x49, 'two i64 stored'],
    [0x4a, 0x4b, 'two i32 stored'],
    [0x4c, 0x4e, 'two i64 stored'],
  ],
};
