import { describe, expect, it } from 'vitest';
import { readUses } from '../../../host/component/core/code.ts';
import { readModule } from '../../../host/component/core/module.ts';
import { PLAIN, PREFIXED, type Immediates, type Row } from '../../../host/component/core/opcodes.ts';
import { encodeModule, leb, type Bytes } from './encode.ts';

const STORE: readonly Bytes[] = [0, 1, 2, 3, 4].map((log) => [0x40 | log, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]);

/** Values that make each kind valid in `around`; where several are given, one of them has to. */
const IMMEDIATES: Readonly<Record<Immediates, readonly Bytes[]>> = {
  none: [[]],
  index: [[0], [1], [2], [4]],
  'two indices': [
    [0, 0],
    [1, 0],
    [2, 0],
    [5, 0],
  ],
  function: [[0]],
  global: [[0]],
  'global written': [[0]],
  'block type': [[0x40]],
  'branch table': [[1, 0, 0]],
  'value types': [[1, 0x7f]],
  'try table': [[0x40, 4, 0, 0, 0, 1, 0, 1, 2, 0, 3, 1]],
  'heap type': [[0x6e], [0x70]],
  'cast branch': [[0, 0, 0x6e, 0x6c]],
  i32: [[0xff, 0xff, 0xff, 0xff, 0x07]],
  i64: [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]],
  f32: [[0x0b, 0x0b, 0x0b, 0x0b]],
  f64: [[0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b]],
  v128: [Array.from({ length: 16 }, () => 0x0b)],
  lane: [[0]],
  // By alignment; each also with a memory's index and a long offset.
  'memory access': [0, 1, 2, 3, 4].flatMap((log) => [
    [log, 0],
    [0x40 | log, 0, 0xff, 0xff, 0xff, 0xff, 0x0f],
  ]),
  'memory access, lane': [[0x40, 0, 0x80, 0x01, 0]],
  'i32 stored': STORE,
  'i64 stored': STORE,
  'f32 stored': STORE,
  'f64 stored': STORE,
  'v128 stored': STORE,
  'two i32 stored': STORE,
  'two i64 stored': STORE,
  'v128 stored, lane': [[0x40, 0, 0x80, 0x01, 0]],
  'memory filled': [[0]],
  'memory copied': [[0, 0]],
  'memory initialised': [[0, 0]],
  'memory.size': [[0]],
  'memory.grow': [[0]],
  'data dropped': [[0]],
  'element dropped': [[0]],
  'table written': [[0]],
  'two tables, written': [[0, 0]],
  'object written': [[2]],
  'two objects, written': [
    [1, 0],
    [2, 2],
  ],
  'type, data': [[2, 0]],
  'type, data, object written': [[2, 0]],
  'type, element': [[3, 0]],
  'type, element, object written': [[3, 0]],
};

/** What an opcode needs around it beyond a label of its own. */
const AROUND: Readonly<Record<string, (instruction: Bytes) => Bytes>> = {
  '5': (instruction) => [0x00, 0x04, 0x40, ...instruction, 0x0b], // else
  '7': (instruction) => [0x06, 0x40, ...instruction, 0x0b], // catch
  '9': (instruction) => [0x06, 0x40, 0x19, ...instruction, 0x0b], // rethrow
  '18': (instruction) => [0x06, 0x40, ...instruction], // delegate
  '19': (instruction) => [0x06, 0x40, ...instruction, 0x0b], // catch_all
  b: (instruction) => [0x02, 0x40, ...instruction],
  '1f': (instruction) => [0x02, 0x69, 0x02, 0x40, ...instruction, 0x0b, 0x0b, 0x00, 0x0b, 0x1a], // try_table
  'fb 18': (instruction) => [0x02, 0x6e, 0x00, ...instruction, 0x00, 0x0b, 0x1a], // br_on_cast
  'fb 19': (instruction) => [0x02, 0x6e, 0x00, ...instruction, 0x00, 0x0b, 0x1a], // br_on_cast_fail
};

const OPENING: readonly Immediates[] = ['block type'];

describe('the table of instructions', () => {
  const prefixed = Object.entries(PREFIXED).map(([prefix, rows]) => [Number(prefix), rows] as const);

  it('has each one that the engine accepts, with what follows it', () => {
    const wrong: string[] = [];
    const check = (rows: readonly Row[], prefix?: number) => {
      for (const [from, to, immediates] of rows)
        for (let opcode = from; opcode <= to; opcode++) if (!isRight(opcode, immediates, prefix)) wrong.push(nameOf(opcode, prefix));
    };
    check(PLAIN);
    for (const [prefix, rows] of prefixed) check(rows, prefix);
    expect(wrong).toEqual([]);
  });

  it('lacks none that the engine knows', () => {
    const missing: string[] = [];
    for (let opcode = 0; opcode < 0x100; opcode++)
      if (!(opcode in PREFIXED) && !has(PLAIN, opcode) && isKnown([opcode])) missing.push(nameOf(opcode));
    for (const [prefix, rows] of prefixed)
      for (let opcode = 0; opcode < 0x200; opcode++)
        if (!has(rows, opcode) && isKnown([prefix, ...leb(opcode)])) missing.push(nameOf(opcode, prefix));
    expect(missing).toEqual([]);
  });

  it.each([
    [[0x27], '0x27'],
    [[0xfc, 0x7f], '0xfc 0x7f'],
    [[0xfd, 0x9a, 0x01], '0xfd 0x9a'],
    [[0xe0], '0xe0'],
  ])('an unknown one is named with its offset: %j', (instruction, opcode) => {
    const bytes = around(instruction);
    const { unknown } = readUses(readModule(bytes));
    expect(unknown).toEqual({ opcode, offset: findIn(bytes, [0x00, ...instruction]) + 1 });
  });
});

function isRight(opcode: number, immediates: Immediates, prefix?: number): boolean {
  const head = prefix === undefined ? [opcode] : [prefix, ...leb(opcode)];
  return IMMEDIATES[immediates].some((values) => {
    const instruction = [...head, ...values];
    const wrap = AROUND[nameOf(opcode, prefix)];
    const bytes = around(wrap?.(instruction) ?? (OPENING.includes(immediates) ? [...instruction, 0x0b] : instruction));
    return WebAssembly.validate(bytes) && readUses(readModule(bytes)).unknown === null;
  });
}

/** Between two `unreachable`, where operands may have any types. */
function around(instruction: Bytes): Uint8Array<ArrayBuffer> {
  return encodeModule({
    types: [
      [0x60, 0, 0],
      [0x5f, 1, 0x7f, 1],
      [0x5e, 0x7f, 1],
      [0x5e, 0x70, 1],
      [0x5e, 0x78, 1],
      [0x5f, 1, 0x78, 1],
    ],
    functions: [0],
    tables: [[0x70, 0, 1]],
    memories: [[3, 1, 1]],
    tags: [[0, 0]],
    globals: [[0x7f, 1, 0x41, 0, 0x0b]],
    elements: [[1, 0, 1, 0]],
    dataCount: 1,
    code: [[1, 3, 0x7f, 0x00, ...instruction, 0x00]],
    data: [[1, 0]],
  });
}

/** `struct.new_desc` is decoded, and then asks for a type with a descriptor, which there is only behind a flag. */
function isKnown(head: Bytes): boolean {
  try {
    new WebAssembly.Module(around([...head, 1]));
    return true;
  } catch (error) {
    return !/invalid (?:\w+ )?opcode|without descriptor/i.test((error as Error).message);
  }
}

function has(rows: readonly Row[], opcode: number): boolean {
  return rows.some(([from, to]) => opcode >= from && opcode <= to);
}

function nameOf(opcode: number, prefix?: number): string {
  return `${prefix === undefined ? '' : `${prefix.toString(16)} `}${opcode.toString(16)}`;
}

function findIn(bytes: Uint8Array, wanted: Bytes): number {
  return bytes.findIndex((_, start) => wanted.every((byte, at) => bytes[start + at] === byte));
}
