import { imageOf, matches, type Image } from './image.ts';
import { BEYOND, PAGE, PIECE_BITS, globalName, memoryNames } from './reserved.ts';

/** What the instances of one component held when none of its code had served a request yet, and the way to put it back. */
export interface Snapshot {
  readonly memories: readonly MemoryState[];
  readonly globals: readonly { readonly global: WebAssembly.Global; readonly value: unknown }[];
}

interface MemoryState {
  readonly memory: WebAssembly.Memory;
  /** Four to a word. */
  readonly marks: Int32Array;
  readonly image: Image;
  /** A view of the memory's buffer, which growth replaces. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Exports of an instance of a module that `rewriteModule` has rewritten. */
export type Exports = Readonly<Record<string, unknown>>;

export interface ResetOptions {
  /** Bytes that a memory may have grown since the snapshot. */
  readonly spare?: number;
}

const SPARE = 16 << 20;

/**
 * Takes the snapshot of an instance of a component, when it is instantiated and initialised. From now on its pages are
 * counted.
 *
 * @param instances all core instances that the component is made of; each module's `reset` is a plan
 * @param earlier of another instance of the same component: what they have in common is kept once
 */
export function snapshotOf(instances: readonly Exports[], earlier?: Snapshot): Snapshot {
  const memories: MemoryState[] = [];
  const globals: { global: WebAssembly.Global; value: unknown }[] = [];
  const keep = (global: WebAssembly.Global) => globals.push({ global, value: global.value });
  for (const exports of instances)
    for (const name of Object.keys(exports)) {
      if (GLOBAL.test(name)) keep(exports[name] as WebAssembly.Global);
      const index = MEMORY.exec(name)?.[1];
      if (index === undefined) continue;
      const { memory, pages, marks: kept } = partsOf(exports, Number(index));
      pages.value = memory.buffer.byteLength / PAGE;
      keep(pages);
      const known = earlier?.memories[memories.length]?.image;
      const image = known !== undefined && matches(known, memory.buffer) ? known : imageOf(memory.buffer);
      const marks = new Int32Array(kept.buffer);
      marks.fill(0);
      memories.push({ memory, marks, image, bytes: new Uint8Array(memory.buffer) });
    }
  return { memories, globals };
}

/**
 * Puts an instance back to its snapshot. All of each memory is made as it was, also what the guest wrote to pages that it
 * had not been given; only that it could have been done is a difference to a fresh instance.
 *
 * @returns `too-large` where a memory has grown so much that a fresh instance is cheaper; nothing is put back then
 */
export function reset({ memories, globals }: Snapshot, { spare = SPARE }: ResetOptions = {}): 'done' | 'too-large' {
  for (const state of memories) {
    const { buffer } = state.memory;
    if (state.bytes.buffer !== buffer) state.bytes = new Uint8Array(buffer);
    if (buffer.byteLength - state.image.size > spare) return 'too-large';
  }
  for (const state of memories) putBack(state);
  for (const { global, value } of globals) global.value = value;
  return 'done';
}

/** What is marked, and takes the marks away. */
function putBack({ marks, image, bytes }: MemoryState): void {
  const words = bytes.length >> (PIECE_BITS + 2);
  let start = -1;
  for (let word = 0; word < words; word++) {
    const set = marks[word]!;
    if (set === 0) {
      if (start >= 0) copy(image, bytes, start, word << (PIECE_BITS + 2));
      start = -1;
      continue;
    }
    marks[word] = 0;
    for (let piece = 0; piece < 4; piece++) {
      const at = (word << (PIECE_BITS + 2)) + (piece << PIECE_BITS);
      const marked = ((set >> (piece * 8)) & 0xff) !== 0;
      if (marked && start < 0) start = at;
      else if (!marked && start >= 0) {
        copy(image, bytes, start, at);
        start = -1;
      }
    }
  }
  if (start >= 0) copy(image, bytes, start, bytes.length);
}

/** What is between, and some bytes beyond. */
function copy({ bytes: from }: Image, to: Uint8Array, start: number, marked: number): void {
  const end = Math.min(marked + BEYOND, to.length);
  const known = Math.min(end, from.length);
  if (start < known) to.set(from.subarray(start, known), start);
  if (end > known) to.fill(0, Math.max(start, known), end);
}

/** Sets how many pages each memory may have. Those that have more already keep what they have. */
export function limitMemory(instances: readonly Exports[], pages: number): void {
  for (const exports of instances)
    for (const name of Object.keys(exports)) {
      const index = MEMORY.exec(name)?.[1];
      if (index !== undefined) partsOf(exports, Number(index)).limit.value = pages;
    }
}

const GLOBAL = new RegExp(`^${globalName(0).replace('0', '\\d+')}$`);
const MEMORY = new RegExp(`^${memoryNames(0).memory.replace('0', '(\\d+)')}$`);

interface Parts {
  readonly memory: WebAssembly.Memory;
  readonly pages: WebAssembly.Global;
  readonly limit: WebAssembly.Global;
  readonly marks: WebAssembly.Memory;
}

/** As `assemble` made them. */
function partsOf(exports: Exports, index: number): Parts {
  return Object.fromEntries(Object.entries(memoryNames(index)).map(([part, name]) => [part, exports[name]])) as unknown as Parts;
}
