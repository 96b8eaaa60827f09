/**
 * Rewrites a core module so that the host can put an instance of it back after a request, and limit its memory.
 *
 * What a rewritten module exports beyond its own (the names are built in `reserved.ts`, and begin with NUL):
 *
 * - `\0g<i>`: mutable global `i`, for each that it defines and that anyone can write;
 * - for each memory `i` that it defines: `\0m<i>:memory`, `\0m<i>:pages` and `\0m<i>:limit` (mutable i32, in pages),
 *   and with `marks` `\0m<i>:marks`, a memory;
 * - for each memory that it exports as `n`, its own or an imported one: `\0size:n` and `\0grow:n`, functions that stand for
 *   `memory.size` and `memory.grow`, and with `marks` `\0marks:n`, the memory of its marks.
 *
 * What it imports beyond its own: for each row `{ module, name }` of `shares`, the functions `\0size:<name>` and
 * `\0grow:<name>`, and with `marks` the memory `\0marks:<name>`, from the same `module`. Whoever links it takes them from
 * where the memory comes from: if the memory `(module, name)` is export `n` of an instance, they are that instance's
 * exports `\0size:n`, `\0grow:n` and `\0marks:n`. They are there if that instance's module has been rewritten with
 * `counted`; so modules are rewritten in the order in which they are instantiated, and `sharable` is asked for each memory
 * that is imported.
 *
 * With `marks`, each instruction that writes to a memory first sets the mark of the piece that it writes to, a byte for
 * 4 KiB. So a reset puts back what has been written, and not all there is. Marks are a memory of their own, which no
 * instruction of the guest reaches. The host marks what it writes itself.
 *
 * All of a component's modules are rewritten, or none is reset: a module that grows a memory for real while another counts
 * its pages would be handed pages twice. Until a snapshot is taken the counter is UNCOUNTED, and both functions work on
 * the memory's real size; instances that are never reset may therefore mix with modules that are not rewritten.
 *
 * The limit holds from the start: it begins as `options.limit`. The host may write `\0m<i>:limit` at any time, and best
 * does so before it makes the instances that import the memory.
 *
 * New types, globals and functions stand at the end of their index spaces, so that nothing has to be renumbered. Only a
 * module with `shares` gets its functions renumbered, in all places, the name section too.
 */

import { BrinkError } from '../../errors.ts';
import { readUses } from './code.ts';
import type { Uses } from './uses.ts';
import { whyFixed } from './fixed.ts';
import { HELPER_TYPES, growBody, sizeBody } from './helpers.ts';
import { NOT_MARKED, markWrites, rangeBody, type Marks } from './marks.ts';
import { assemble, type Additions } from './assemble.ts';
import { readModule, type Module } from './module.ts';
import {
  MARK_PAGES,
  MOST_PAGES,
  RESERVED,
  UNCOUNTED,
  globalName,
  growName,
  marksName,
  memoryNames,
  sizeName,
  type MemoryNames,
} from './reserved.ts';
import { concat, name as encodeName, s32, u32, type Bytes } from './writer.ts';

export interface RewriteOptions {
  /** The pages that each memory may have until the host says otherwise; as many as there can be by default. */
  readonly limit?: number;
  /** Whether the linker can supply `\0size:<name>` and `\0grow:<name>` for a memory that is imported; it can by default. */
  readonly sharable?: (memory: ImportedMemory) => boolean;
  /** Whether writes are marked, which costs the guest time and which a reset needs; they are by default. */
  readonly marks?: boolean;
}

export interface ImportedMemory {
  readonly module: string;
  readonly name: string;
}

export interface Rewritten {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly reset: ResetPlan | { readonly impossible: string };
  /** The imported memories of which the module imports what counts and marks them as well. */
  readonly shares: readonly ImportedMemory[];
  /** Whether pages are counted, and limited, wherever the module can grow a memory. */
  readonly counted: boolean;
  /** `Marked.inserted` */
  readonly inserted: readonly number[];
}

/** What `reset.ts` puts back, by the names under which it is exported. */
export interface ResetPlan {
  readonly globals: readonly string[];
  readonly memories: readonly MemoryNames[];
}

/**
 * The same bytes give the same module. A module that cannot be reset is rewritten nonetheless, for its limit, unless it
 * holds an instruction that is not known.
 *
 * @throws {BrinkError} component-invalid for what is not a core module; component-unsupported for one with reserved names
 */
export function rewriteModule(bytes: Uint8Array<ArrayBuffer>, options: RewriteOptions = {}): Rewritten {
  const module = readModule(bytes);
  refuseReserved(module);
  const uses = readUses(module, { functions: module.imported.memory > 0 });
  const shared = sharedMemories(module, uses, options);
  const own = new Set(uses.unknown === null ? ownMemories(module) : []);
  const counted = (memory: number) => shared.has(memory) || own.has(memory);
  const why = whyFixed(module, uses, counted);
  if (uses.unknown !== null) return { bytes, reset: { impossible: why! }, shares: [], counted: false, inserted: [] };

  const globals = writableGlobals(module, uses);
  const limit = Math.min(options.limit ?? MOST_PAGES, MOST_PAGES);
  const layout = { module, shared, own: [...own], globals, limit };
  const unmarked = why ?? whyUnmarked(layout, uses, options);
  const marks = unmarked === null ? marksOf(layout) : NO_MARKS;
  const marked = markWrites(module, uses, marks);
  const impossible = marked === null ? 'a function of it has too many locals' : unmarked;
  const { patches, inserted } = marked ?? NOT_MARKED;
  return {
    bytes: assemble(module, uses, { ...additionsOf(layout, marked === null ? NO_MARKS : marks), patches }),
    reset: impossible === null ? { globals: globals.map(globalName), memories: [...own].map(memoryNames) } : { impossible },
    shares: [...shared.values()],
    counted:
      module.memories.every(({ wide, shared: threads }) => !wide && !threads) &&
      uses.pages.every(({ grows, memory }) => !grows || counted(memory)),
    inserted,
  };
}

const NO_MARKS: ReadonlyMap<number, Marks> = new Map();

function refuseReserved({ imports, exports }: Module): void {
  for (const { name } of [...imports, ...exports])
    if (name.startsWith(RESERVED))
      throw new BrinkError(
        'component-unsupported',
        `A core module has the name ${JSON.stringify(name)}: names that begin with NUL are the host's. Rename it.`,
      );
}

/** Those that are imported and whose pages the module asks for, or that it writes to, or lets others do so. */
function sharedMemories(module: Module, uses: Uses, { sharable = () => true, marks = true }: RewriteOptions): Map<number, ImportedMemory> {
  if (uses.unknown !== null) return new Map();
  const asked = new Set(uses.pages.map(({ memory }) => memory));
  if (marks) for (let at = 1; at < uses.writes.length; at += 4) asked.add(uses.writes[at]!);
  for (const { kind, index } of module.exports) if (kind === 'memory') asked.add(index);
  return new Map(
    module.imports
      .filter(({ kind, index }) => kind === 'memory' && asked.has(index) && countable(module, index))
      .filter(sharable)
      .map(({ index, module: from, name }) => [index, { module: from, name }]),
  );
}

function ownMemories(module: Module): number[] {
  return [...module.memories.keys()].filter((index) => index >= module.imported.memory && countable(module, index));
}

function countable({ memories }: Module, index: number): boolean {
  const { shared, wide } = memories[index]!;
  return !shared && !wide;
}

/** Those that the module defines, and that itself or another module may write. */
function writableGlobals(module: Module, { globalsWritten }: Uses): number[] {
  const exported = new Set(module.exports.filter(({ kind }) => kind === 'global').map(({ index }) => index));
  return [...module.globals.keys()].filter(
    (index) => index >= module.imported.global && module.globals[index]!.mutable && (globalsWritten.has(index) || exported.has(index)),
  );
}

interface Layout {
  readonly module: Module;
  readonly shared: ReadonlyMap<number, ImportedMemory>;
  readonly own: readonly number[];
  readonly globals: readonly number[];
  readonly limit: number;
}

/** Why a module that could be reset otherwise is not; null where it is. */
function whyUnmarked({ shared, own }: Layout, { writes }: Uses, { marks = true }: RewriteOptions): string | null {
  if (!marks) return 'what it writes is not marked';
  if (shared.size > 0 && own.length > 0) return 'it has a memory of its own beside that of another module';
  for (let at = 0; at < writes.length; at += 4)
    if (!shared.has(writes[at + 1]!) && !own.includes(writes[at + 1]!))
      return `it writes to a memory of another module, which does not mark that, at offset ${writes[at]!}`;
  return null;
}

/** How many functions, and globals, each memory of the module gets. */
const FUNCTIONS = 2;
const GLOBALS = 2;

function marksOf({ module, shared, own }: Layout): Map<number, Marks> {
  const firstRange = module.functions.length + shared.size * 2 + own.length * FUNCTIONS;
  return new Map(
    [...shared.keys(), ...own].map((memory, place) => [memory, { memory: module.memories.length + place, range: firstRange + place }]),
  );
}

function additionsOf({ module, shared, own, globals, limit }: Layout, marks: ReadonlyMap<number, Marks>): Omit<Additions, 'patches'> {
  const [sizeType, growType, rangeType] = [module.types.length, module.types.length + 1, module.types.length + 2];
  const shift = shared.size * 2;
  const firstFunction = module.functions.length + shift;
  const counters = own.map((memory, place) => ({
    memory,
    pages: module.globals.length + place * GLOBALS,
    limit: module.globals.length + place * GLOBALS + 1,
    size: firstFunction + place * FUNCTIONS,
  }));
  const sizes = new Map([
    ...[...shared.keys()].map((memory, place) => [memory, module.imported.function + place * 2] as const),
    ...counters.map(({ memory, size }) => [memory, size] as const),
  ]);
  const imports = [...shared.values()].flatMap((from) => [
    importOf(from, sizeName(from.name), [FUNCTION, ...u32(sizeType)]),
    importOf(from, growName(from.name), [FUNCTION, ...u32(growType)]),
  ]);
  const exportMarks = (memory: number, name: string) => {
    const of = marks.get(memory);
    return of === undefined ? [] : [exportOf(name, MEMORY, of.memory)];
  };
  const exports = [
    ...globals.map((index) => exportOf(globalName(index), GLOBAL, index)),
    ...counters.flatMap(({ memory, pages, limit: most }) => {
      const names = memoryNames(memory);
      return [
        exportOf(names.memory, MEMORY, memory),
        exportOf(names.pages, GLOBAL, pages),
        exportOf(names.limit, GLOBAL, most),
        ...exportMarks(memory, names.marks),
      ];
    }),
    ...module.exports.flatMap(({ name, kind, index }) => {
      const size = kind === 'memory' ? sizes.get(index) : undefined;
      if (size === undefined) return [];
      return [
        exportOf(sizeName(name), FUNCTION, size),
        exportOf(growName(name), FUNCTION, size + 1),
        ...exportMarks(index, marksName(name)),
      ];
    }),
  ];
  return {
    types: sizes.size > 0 ? HELPER_TYPES : [],
    imports: [
      ...imports,
      ...(marks.size > 0 ? [...shared.values()].map((from) => importOf(from, marksName(from.name), [MEMORY, ...MARKS_TYPE])) : []),
    ],
    shift,
    functions: [...counters.flatMap(() => [u32(sizeType), u32(growType)]), ...[...marks.values()].map(() => u32(rangeType))],
    memories: marks.size > 0 ? own.map(() => MARKS_TYPE) : [],
    globals: counters.flatMap(() => [counterOf(UNCOUNTED), counterOf(limit)]),
    exports,
    code: [
      ...counters.flatMap((counter) => [sizeBody(counter), growBody(counter, counter.size)]),
      ...[...marks.values()].map((each) => rangeBody(each)),
    ],
    sizes,
  };
}

const FUNCTION = 0;
const MEMORY = 2;
const GLOBAL = 3;

/** As small as it may become, and no larger. */
const MARKS_TYPE: Bytes = [1, ...u32(MARK_PAGES), ...u32(MARK_PAGES)];

function importOf({ module }: ImportedMemory, name: string, type: Bytes): Bytes {
  return concat([encodeName(module), encodeName(name), type]);
}

function exportOf(name: string, kind: number, index: number): Bytes {
  return concat([encodeName(name), [kind], u32(index)]);
}

/** A mutable i32. */
function counterOf(value: number): Bytes {
  return [0x7f, 1, 0x41, ...s32(value), 0x0b];
}
