import type { Module, Section } from './module.ts';
import { PLAIN, PREFIXED, type Immediates, type Row } from './opcodes.ts';
import { malformed } from './reader.ts';
import { skipBlockType, skipHeapType, skipValueType } from './types.ts';
import { WRITTEN, startWalk, type Uses, type Walk, type Written } from './uses.ts';

/**
 * Walks the bodies of all functions.
 *
 * @param options.functions whether the uses of functions are listed
 * @throws {BrinkError} component-invalid
 */
export function readUses(module: Module, options: { readonly functions?: boolean } = {}): Uses {
  const walk = startWalk(module, options.functions ?? false);
  const section = module.sections.find(({ id }) => id === 10);
  if (section !== undefined) walkBodies(walk, section);
  return walk;
}

/** Where each instruction begins, function by function; null where one is not known. */
export function instructionOffsets(module: Module): Uint32Array | null {
  const walk = startWalk(module, false);
  const section = module.sections.find(({ id }) => id === 10);
  const offsets: number[] = [];
  if (section !== undefined) walkBodies(walk, section, offsets);
  return walk.unknown === null ? Uint32Array.from(offsets) : null;
}

function walkBodies(walk: Walk, section: Section, offsets: number[] | null = null): void {
  const { reader } = walk;
  reader.at = section.start;
  const count = reader.u32();
  for (let body = 0; body < count; body++) {
    const size = reader.u32();
    const end = reader.at + size;
    if (end > section.end) throw malformed('a function runs past the code section', reader.at);
    const locals = reader.at;
    const written = walk.writes.length;
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      skipValueType(reader);
    }
    const code = reader.at;
    while (reader.at < end) {
      offsets?.push(reader.at);
      if (walkInstruction(walk) < 0) return;
    }
    if (reader.at !== end) throw malformed('an instruction runs past its function', end);
    if (walk.writes.length > written) walk.writers.push(locals, code, walk.module.imported.function + body, written);
  }
  if (reader.at !== section.end) throw malformed('the code section has bytes too many', reader.at);
}

/** Walks a constant expression, which ends with its first `end`: there are no blocks in one. @returns whether all of it is known */
export function walkConstant(walk: Walk): boolean {
  for (;;) {
    const opcode = walkInstruction(walk);
    if (opcode === END) return true;
    if (opcode < 0) return false;
  }
}

const END = 0x0b;

/** @returns the first byte of the instruction, or -1 where it is not known */
function walkInstruction(walk: Walk): number {
  const { reader } = walk;
  const start = reader.at;
  const opcode = reader.byte();
  const read = READERS[opcode];
  // Most instructions are of the first two kinds, which are here to be inlined.
  if (read === NOTHING) return opcode;
  if (read === INDEX) {
    reader.skipLeb(5);
    return opcode;
  }
  if (read !== undefined) {
    read(walk, start);
    return opcode;
  }
  const prefixed = PREFIXED_READERS.get(opcode);
  const number = prefixed === undefined ? 0 : reader.u32();
  const readPrefixed = prefixed?.[number];
  if (readPrefixed === undefined) {
    walk.unknown = { opcode: `0x${opcode.toString(16)}${prefixed === undefined ? '' : ` 0x${number.toString(16)}`}`, offset: start };
    return -1;
  }
  readPrefixed(walk, start);
  return opcode;
}

type Read = (walk: Walk, start: number) => void;

const NOTHING: Read = () => undefined;

const INDEX: Read = ({ reader }) => reader.skipLeb(5);

const READ: Readonly<Record<Immediates, Read>> = {
  none: NOTHING,
  index: INDEX,
  'two indices': skipTwo,
  function: (walk) => {
    const { reader, module } = walk;
    const at = reader.at;
    const index = reader.index(module.functions.length, 'function');
    if (walk.listing) walk.functions.push(at, reader.at, index);
  },
  global: ({ reader, module }) => void reader.index(module.globals.length, 'global'),
  'global written': ({ reader, module, globalsWritten }) => void globalsWritten.add(reader.index(module.globals.length, 'global')),
  'block type': ({ reader }) => skipBlockType(reader),
  'branch table': ({ reader }) => {
    for (let count = reader.u32(); count >= 0; count--) reader.skipLeb(5);
  },
  'value types': ({ reader }) => {
    for (let count = reader.u32(); count > 0; count--) skipValueType(reader);
  },
  'try table': ({ reader }) => {
    skipBlockType(reader);
    for (let count = reader.u32(); count > 0; count--) {
      const catchesAll = reader.byte() >= 2;
      if (!catchesAll) reader.skipLeb(5);
      reader.skipLeb(5);
    }
  },
  'heap type': ({ reader }) => skipHeapType(reader),
  'cast branch': ({ reader }) => {
    reader.skip(1);
    reader.skipLeb(5);
    skipHeapType(reader);
    skipHeapType(reader);
  },
  i32: INDEX,
  i64: ({ reader }) => reader.skipLeb(10),
  f32: ({ reader }) => reader.skip(4),
  f64: ({ reader }) => reader.skip(8),
  v128: ({ reader }) => reader.skip(16),
  lane: ({ reader }) => reader.skip(1),
  'memory access': skipAccess,
  'memory access, lane': (walk) => {
    skipAccess(walk);
    walk.reader.skip(1);
  },
  'i32 stored': (walk, start) => noteStore(walk, start, WRITTEN.i32),
  'i64 stored': (walk, start) => noteStore(walk, start, WRITTEN.i64),
  'f32 stored': (walk, start) => noteStore(walk, start, WRITTEN.f32),
  'f64 stored': (walk, start) => noteStore(walk, start, WRITTEN.f64),
  'v128 stored': (walk, start) => noteStore(walk, start, WRITTEN.v128),
  'v128 stored, lane': (walk, start) => {
    noteStore(walk, start, WRITTEN.v128);
    walk.reader.skip(1);
  },
  'two i32 stored': (walk, start) => noteStore(walk, start, WRITTEN.twoI32),
  'two i64 stored': (walk, start) => noteStore(walk, start, WRITTEN.twoI64),
  'memory filled': (walk, start) => noteRange(walk, start),
  'memory copied': (walk, start) => {
    noteRange(walk, start);
    walk.reader.index(walk.module.memories.length, 'memory');
  },
  'memory.size': (walk, start) => notePages(walk, start, false),
  'memory.grow': (walk, start) => notePages(walk, start, true),
  'memory initialised': (walk, start) => {
    walk.dataRead.add(walk.reader.u32());
    noteRange(walk, start);
  },
  'data dropped': ({ reader, dataDropped }) => void dataDropped.add(reader.u32()),
  'element dropped': ({ reader, elementsDropped }) => void elementsDropped.add(reader.u32()),
  'table written': (walk, start) => {
    walk.reader.skipLeb(5);
    noteTable(walk, start);
  },
  'two tables, written': (walk, start) => {
    skipTwo(walk);
    noteTable(walk, start);
  },
  'object written': (walk, start) => {
    walk.reader.skipLeb(5);
    noteObject(walk, start);
  },
  'two objects, written': (walk, start) => {
    skipTwo(walk);
    noteObject(walk, start);
  },
  'type, data': readData,
  'type, data, object written': (walk, start) => {
    readData(walk);
    noteObject(walk, start);
  },
  'type, element': readElements,
  'type, element, object written': (walk, start) => {
    readElements(walk);
    noteObject(walk, start);
  },
};

const READERS = readersOf(PLAIN);
const PREFIXED_READERS = new Map(Object.entries(PREFIXED).map(([prefix, rows]) => [Number(prefix), readersOf(rows)]));

function readersOf(rows: readonly Row[]): readonly (Read | undefined)[] {
  const readers: (Read | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [from, to, immediates] of rows) for (let opcode = from; opcode <= to; opcode++) readers[opcode] = READ[immediates];
  return readers;
}

function skipTwo({ reader }: Walk): void {
  reader.skipLeb(5);
  reader.skipLeb(5);
}

/** Alignment, whose sixth bit says that a memory's index follows; then the offset, of 64 bits for such a memory. */
function skipAccess({ reader, module }: Walk): void {
  const alignment = reader.u32();
  if (alignment & 0x40) reader.index(module.memories.length, 'memory');
  reader.skipLeb(10);
}

function noteStore({ reader, module, writes }: Walk, start: number, written: Written): void {
  const alignment = reader.u32();
  const memory = alignment & 0x40 ? reader.index(module.memories.length, 'memory') : 0;
  writes.push(start, memory, written, reader.u64());
}

function noteRange({ reader, module, writes }: Walk, start: number): void {
  writes.push(start, reader.index(module.memories.length, 'memory'), WRITTEN.range, 0);
}

function notePages({ reader, module, pages }: Walk, start: number, grows: boolean): void {
  const memory = reader.index(module.memories.length, 'memory');
  pages.push({ grows, memory, start, end: reader.at });
}

function noteTable(walk: Walk, start: number): void {
  if (walk.tableWritten < 0) walk.tableWritten = start;
}

function noteObject(walk: Walk, start: number): void {
  if (walk.objectWritten < 0) walk.objectWritten = start;
}

function readData({ reader, dataRead }: Walk): void {
  reader.skipLeb(5);
  dataRead.add(reader.u32());
}

function readElements({ reader, elementsRead }: Walk): void {
  reader.skipLeb(5);
  elementsRead.add(reader.u32());
}
