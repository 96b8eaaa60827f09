/**
 * Rewrites a core module so that the host can put an instance of it back after a request, and limit its memory.
 *
 * What a rewritten module exports beyond its own (the names are built in `reserved.ts`, and begin with NUL):
 *
 * - `\0g<i>`: mutable global `i`, for each that it defines and that anyone can write;
 * - for each memory `i` that it defines: `\0m<i>:memory`, `\0m<i>:pages` and `\0m<i>:limit` (mutable i32, in pages),
 *   `\0m<i>:clear`;
 * - for each memory that it exports as `n`, its own or an imported one: `\0size:n` and `\0grow:n`, functions that stand for
 *   `memory.size` and `memory.grow`.
 *
 * What it imports beyond its own: for each row `{ module, name }` of `shares`, the functions `\0size:<name>` and
 * `\0grow:<name>`, from the same `module`. Whoever links it takes them from where the memory comes from: if the memory
 * `(module, name)` is export `n` of an instance, they are that instance's exports `\0size:n` and `\0grow:n`. They are there
 * if that instance's module has been rewritten with `counted`; so modules are rewritten in the order in which they are
 * instantiated, and `sharable` is asked for each memory that is imported.
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
import { readUses, type Uses } from './code.ts';
import { whyFixed } from './fixed.ts';
import { HELPER_TYPES, clearBody, growBody, sizeBody } from './helpers.ts';
import { assemble, type Additions } from './assemble.ts';
import { readModule, type Module } from './module.ts';
import { MOST_PAGES, RESERVED, UNCOUNTED, globalName, growName, memoryNames, sizeName, type MemoryNames } from './reserved.ts';
import { concat, name as encodeName, s32, u32, type Bytes } from './writer.ts';

export interface RewriteOptions {
  /** The pages that each memory may have until the host says otherwise; as many as there can be by default. */
  readonly limit?: number;
  /** Whether the linker can supply `\0size:<name>` and `\0grow:<name>` for a memory that is imported; it can by default. */
  readonly sharable?: (memory: ImportedMemory) => boolean;
}

export interface ImportedMemory {
  readonly module: string;
  readonly name: string;
}

export interface Rewritten {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly reset: ResetPlan | { readonly impossible: string };
  /** The imported memories whose two functions the module imports as well. */
  readonly shares: readonly ImportedMemory[];
  /** Whether pages are counted, and limited, wherever the module can grow a memory. */
  readonly counted: boolean;
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
  if (uses.unknown !== null) return { bytes, reset: { impossible: why! }, shares: [], counted: false };

  const globals = writableGlobals(module, uses);
  const limit = Math.min(options.limit ?? MOST_PAGES, MOST_PAGES);
  const layout = { module, shared, own: [...own], globals, limit };
  return {
    bytes: assemble(module, uses, additionsOf(layout)),
    reset: why === null ? { globals: globals.map(globalName), memories: [...own].map(memoryNames) } : { impossible: why },
    shares: [...shared.values()],
    counted:
      module.memories.every(({ wide, shared: threads }) => !wide && !threads) &&
      uses.pages.every(({ grows, memory }) => !grows || counted(memory)),
  };
}

function refuseReserved({ imports, exports }: Module): void {
  for (const { name } of [...imports, ...exports])
    if (name.startsWith(RESERVED))
      throw new BrinkError(
        'component-unsupported',
        `A core module has the name ${JSON.stringify(name)}: names that begin with NUL are the host's. Rename it.`,
      );
}

/** Those that are imported and whose pages the module asks for, or lets others ask for. */
function sharedMemories(module: Module, uses: Uses, { sharable = () => true }: RewriteOptions): Map<number, ImportedMemory> {
  if (uses.unknown !== null) return new Map();
  const asked = new Set(uses.pages.map(({ memory }) => memory));
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

/** How many functions, and globals, each memory of the module gets. */
const FUNCTIONS = 3;
const GLOBALS = 2;

function additionsOf({ module, shared, own, globals, limit }: Layout): Additions {
  const [sizeType, growType, clearType] = [module.types.length, module.types.length + 1, module.types.length + 2];
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
    importOf(from.module, sizeName(from.name), sizeType),
    importOf(from.module, growName(from.name), growType),
  ]);
  const exports = [
    ...globals.map((index) => exportOf(globalName(index), GLOBAL, index)),
    ...counters.flatMap(({ memory, pages, limit: most, size }) => {
      const names = memoryNames(memory);
      return [
        exportOf(names.memory, MEMORY, memory),
        exportOf(names.pages, GLOBAL, pages),
        exportOf(names.limit, GLOBAL, most),
        exportOf(names.clear, FUNCTION, size + 2),
      ];
    }),
    ...module.exports.flatMap(({ name, kind, index }) => {
      const size = kind === 'memory' ? sizes.get(index) : undefined;
      return size === undefined ? [] : [exportOf(sizeName(name), FUNCTION, size), exportOf(growName(name), FUNCTION, size + 1)];
    }),
  ];
  return {
    types: sizes.size > 0 ? HELPER_TYPES : [],
    imports,
    functions: counters.flatMap(() => [u32(sizeType), u32(growType), u32(clearType)]),
    globals: counters.flatMap(() => [counterOf(UNCOUNTED), counterOf(limit)]),
    exports,
    code: counters.flatMap((counter) => [sizeBody(counter), growBody(counter, counter.size), clearBody(counter)]),
    sizes,
  };
}

const FUNCTION = 0;
const MEMORY = 2;
const GLOBAL = 3;

function importOf(module: string, name: string, type: number): Bytes {
  return concat([encodeName(module), encodeName(name), [FUNCTION], u32(type)]);
}

function exportOf(name: string, kind: number, index: number): Bytes {
  return concat([encodeName(name), [kind], u32(index)]);
}

/** A mutable i32. */
function counterOf(value: number): Bytes {
  return [0x7f, 1, 0x41, ...s32(value), 0x0b];
}
