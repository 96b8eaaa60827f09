import type { Module, Section } from './module.ts';
import { PLAIN, PREFIXED, type Immediates, type Row } from './opcodes.ts';
import { Reader, malformed } from './reader.ts';
import { skipBlockType, skipHeapType, skipValueType } from './types.ts';

/** What a module's instructions do, as far as it matters for rewriting and for resetting. Offsets are those in its bytes. */
export interface Uses {
  /** Each `memory.size` and `memory.grow`, in the order in which they stand. */
  readonly pages: PageUse[];
  /** Each index of a function: where it stands, where it ends, and it; three numbers each. Empty unless asked for. */
  readonly functions: number[];
  readonly globalsWritten: Set<number>;
  /** Segments that instructions read, and those that they drop. */
  readonly dataRead: Set<number>;
  readonly dataDropped: Set<number>;
  readonly elementsRead: Set<number>;
  readonly elementsDropped: Set<number>;
  /** Where a table, or an object of the garbage-collected heap, is written for the first time; -1 for never. */
  tableWritten: number;
  objectWritten: number;
  /** The first instruction that is not known. Nothing that stands after it has been read. */
  unknown: { readonly opcode: string; readonly offset: number } | null;
}

export interface PageUse {
  readonly grows: boolean;
  readonly memory: number;
  readonly start: number;
  readonly end: number;
}

export interface Walk extends Uses {
  readonly module: Module;
  reader: Reader;
  /** Whether `functions` is wanted. */
  readonly listing: boolean;
}

/** @param listing whether `functions` is wanted */
export function startWalk(module: Module, listing: boolean): Walk {
  return {
    module,
    reader: new Reader(module.bytes),
    listing,
    pages: [],
    functions: [],
    globalsWritten: new Set(),
    dataRead: new Set(),
    dataDropped: new Set(),
    elementsRead: new Set(),
    elementsDropped: new Set(),
    tableWritten: -1,
    objectWritten: -1,
    unknown: null,
  };
}

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
  for (let count = reader.u32(); count > 0; count--) {
    const size = reader.u32();
    const end = reader.at + size;
    if (end > section.end) throw malformed('a function runs past the code section', reader.at);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      skipValueType(reader);
    }
    while (reader.at < end) {
      offsets?.push(reader.at);
      if (walkInstruction(walk) < 0) return;
    }
    if (reader.at !== end) throw malformed('an instruction runs past its function', end);
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
  memory: ({ reader, module }) => void reader.index(module.memories.length, 'memory'),
  'two memories': ({ reader, module }) => {
    reader.index(module.memories.length, 'memory');
    reader.index(module.memories.length, 'memory');
  },
  'memory.size': (walk, start) => notePages(walk, start, false),
  'memory.grow': (walk, start) => notePages(walk, start, true),
  'data, memory': (walk) => {
    walk.dataRead.add(walk.reader.u32());
    walk.reader.index(walk.module.memories.length, 'memory');
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
