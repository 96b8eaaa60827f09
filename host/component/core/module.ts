import { walkConstant } from './code.ts';
import { startWalk, type Uses, type Walk } from './uses.ts';
import { Reader, malformed } from './reader.ts';
import {
  readGlobalType,
  readLimits,
  readTableType,
  readTypes,
  readValueType,
  type FunctionType,
  type GlobalType,
  type Limits,
  type TableType,
} from './types.ts';

/** A core module, all but its instructions. Of each index space, what is imported stands first. */
export interface Module {
  readonly bytes: Uint8Array;
  /** In the order in which they stand. */
  readonly sections: readonly Section[];
  /** By index; null for those that are not functions'. */
  readonly types: readonly (FunctionType | null)[];
  readonly imports: readonly Import[];
  /** The index of its type, for each. */
  readonly functions: readonly number[];
  readonly tables: readonly TableType[];
  readonly memories: readonly Limits[];
  readonly globals: readonly GlobalType[];
  /** The index of its type, for each. */
  readonly tags: readonly number[];
  /** How many of each are imported. */
  readonly imported: Readonly<Record<ExternKind, number>>;
  readonly exports: readonly Export[];
  readonly start: number | null;
  readonly customs: readonly CustomSection[];
  /** What the constant expressions use, and each index of a function outside of the code. */
  readonly constants: Uses;
}

export interface Section {
  readonly id: number;
  /** Where its id stands. */
  readonly head: number;
  /** Where its contents begin and end. */
  readonly start: number;
  readonly end: number;
}

export interface CustomSection {
  readonly name: string;
  /** Where what follows its name begins and ends. */
  readonly start: number;
  readonly end: number;
}

export const EXTERN_KINDS = ['function', 'table', 'memory', 'global', 'tag'] as const;

export type ExternKind = (typeof EXTERN_KINDS)[number];

/** `index`: within the index space of its kind. */
export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

/** The order that sections have to stand in. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

interface Draft extends Omit<Mutable<Module>, 'imported' | 'constants'> {
  imported: Record<ExternKind, number>;
  constants: Walk;
}

/**
 * Reads a core module. What it holds is checked as far as what is read needs it; the rest is the engine's to validate.
 *
 * @throws {BrinkError} component-invalid, with the offset in `details`
 */
export function readModule(bytes: Uint8Array): Module {
  const draft = {
    bytes,
    sections: [],
    types: [],
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    tags: [],
    imported: { function: 0, table: 0, memory: 0, global: 0, tag: 0 },
    exports: [],
    start: null,
    customs: [],
  } as Omit<Draft, 'constants'> as Draft;
  draft.constants = startWalk(draft, true);
  const reader = new Reader(bytes);
  MAGIC.forEach((byte, at) => {
    if (bytes[at] !== byte) throw malformed('it is not a core module of version 1', at);
  });
  reader.skip(MAGIC.length);
  for (let last = -1; reader.more;) last = readSection(reader, draft, last);
  const bodies = draft.sections.find(({ id }) => id === 10);
  const count = bodies === undefined ? 0 : new Reader(bytes, bodies.start, bodies.end).u32();
  if (count !== draft.functions.length - draft.imported.function)
    throw malformed(`${count} functions have code`, bodies?.start ?? reader.at);
  return draft;
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** @returns its place in the order of sections, or that of the one before where it is a custom section */
function readSection(reader: Reader, draft: Draft, last: number): number {
  const at = reader.at;
  const id = reader.byte();
  const contents = reader.part(reader.u32());
  draft.sections.push({ id, head: at, start: contents.at, end: contents.end });
  if (id === 0) {
    draft.customs.push({ name: contents.name(), start: contents.at, end: contents.end });
    return last;
  }
  const place = SECTION_ORDER.indexOf(id);
  if (place < 0) throw malformed(`there is no section ${id}`, at);
  if (place <= last) throw malformed(`section ${id} stands in the wrong place`, at);
  const read = SECTIONS[id];
  if (read !== undefined) {
    read(contents, draft);
    contents.finish(`section ${id}`);
  }
  return place;
}

/** By id. What stands in code and in data is not read here. */
const SECTIONS: Readonly<Record<number, (reader: Reader, draft: Draft) => void>> = {
  1: each((reader, { types }) => readTypes(reader, types)),
  2: each(readImport),
  3: each((reader, { functions, types }) => functions.push(reader.index(types.length, 'type'))),
  4: each(readTable),
  5: each((reader, { memories }) => memories.push(readLimits(reader))),
  13: each((reader, { tags }) => tags.push(readTag(reader))),
  6: each((reader, draft) => {
    const type = readGlobalType(reader);
    skipConstant(reader, draft);
    draft.globals.push(type);
  }),
  7: each((reader, draft) => {
    const name = reader.name();
    const kind = readKind(reader);
    draft.exports.push({
      name,
      kind,
      index: kind === 'function' ? noteFunction(reader, draft) : reader.index(draft[SPACES[kind]].length, kind),
    });
  }),
  8: (reader, draft) => void (draft.start = noteFunction(reader, draft)),
  9: each(skipElements),
};

const SPACES = { function: 'functions', table: 'tables', memory: 'memories', global: 'globals', tag: 'tags' } as const;

function each(read: (reader: Reader, draft: Draft) => unknown): (reader: Reader, draft: Draft) => void {
  return (reader, draft) => {
    for (let count = reader.u32(); count > 0; count--) read(reader, draft);
  };
}

function readImport(reader: Reader, draft: Draft): void {
  const module = reader.name();
  const name = reader.name();
  const kind = readKind(reader);
  const index = draft[SPACES[kind]].length;
  if (kind === 'function') draft.functions.push(reader.index(draft.types.length, 'type'));
  else if (kind === 'table') draft.tables.push(readTableType(reader));
  else if (kind === 'memory') draft.memories.push(readLimits(reader));
  else if (kind === 'global') draft.globals.push(readGlobalType(reader));
  else draft.tags.push(readTag(reader));
  draft.imports.push({ module, name, kind, index });
  draft.imported[kind]++;
}

function readKind(reader: Reader): ExternKind {
  const kind = EXTERN_KINDS[reader.byte()];
  if (kind === undefined) throw malformed('nothing of this kind can be imported or exported', reader.at - 1);
  return kind;
}

/** A table may begin with what its elements are at first. */
function readTable(reader: Reader, draft: Draft): void {
  const initialised = reader.bytes[reader.at] === 0x40;
  if (initialised) reader.skip(2);
  draft.tables.push(readTableType(reader));
  if (initialised) skipConstant(reader, draft);
}

function readTag(reader: Reader): number {
  reader.skip(1);
  return reader.u32();
}

/** The bits of an element segment's kind. */
const PASSIVE = 1;
const EXPLICIT = 2;
const EXPRESSIONS = 4;

function skipElements(reader: Reader, draft: Draft): void {
  const kind = reader.u32();
  if (kind > 7) throw malformed('an element segment has no such kind', reader.at);
  if (!(kind & PASSIVE)) {
    if (kind & EXPLICIT) reader.index(draft.tables.length, 'table');
    skipConstant(reader, draft);
  }
  if (kind & (PASSIVE | EXPLICIT)) {
    if (kind & EXPRESSIONS) readValueType(reader);
    else reader.skip(1);
  }
  for (let count = reader.u32(); count > 0; count--) {
    if (kind & EXPRESSIONS) skipConstant(reader, draft);
    else noteFunction(reader, draft);
  }
}

function skipConstant(reader: Reader, { constants }: Draft): void {
  constants.reader = reader;
  if (walkConstant(constants)) return;
  const { opcode, offset } = constants.unknown!;
  throw malformed(`opcode ${opcode} is not known`, offset);
}

function noteFunction(reader: Reader, { constants, functions }: Draft): number {
  const at = reader.at;
  const index = reader.index(functions.length, 'function');
  constants.functions.push(at, reader.at, index);
  return index;
}
