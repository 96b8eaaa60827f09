/** What the names begin with that a rewritten module exports and imports beyond its own. No module may bring such a name. */
export const RESERVED = '\0';

/** A mutable global of the module, by its index. */
export function globalName(index: number): string {
  return `${RESERVED}g${index}`;
}

/** What belongs to a memory that the module defines, by its index. */
export interface MemoryNames {
  /** The memory itself. */
  readonly memory: string;
  /** Mutable i32: how many pages the guest believes to have; UNCOUNTED until a snapshot is taken. */
  readonly pages: string;
  /** Mutable i32: how many pages it may have. */
  readonly limit: string;
  /** (from: i32, blocks: i32) → (): writes zeros over blocks of BLOCK bytes that hold something else. */
  readonly clear: string;
}

export function memoryNames(index: number): MemoryNames {
  const of = (what: string) => `${RESERVED}m${index}:${what}`;
  return { memory: of('memory'), pages: of('pages'), limit: of('limit'), clear: of('clear') };
}

/** () → i32: stands for `memory.size` of the memory that is exported, or imported, as `name`. */
export function sizeName(name: string): string {
  return `${RESERVED}size:${name}`;
}

/** (i32) → i32: stands for `memory.grow` of the memory that is exported, or imported, as `name`. */
export function growName(name: string): string {
  return `${RESERVED}grow:${name}`;
}

/** The page counter before the first snapshot: the memory's real size is what counts. */
export const UNCOUNTED = -1;

/** Bytes that are compared, and cleared, at once. */
export const BLOCK = 256;

export const PAGE = 65_536;

/** As many pages as a memory with addresses of 32 bits can have. */
export const MOST_PAGES = 65_536;
