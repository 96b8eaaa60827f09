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
  /** A memory whose bytes are not 0 where a piece of this one has been written to. */
  readonly marks: string;
}

export function memoryNames(index: number): MemoryNames {
  const of = (what: string) => `${RESERVED}m${index}:${what}`;
  return { memory: of('memory'), pages: of('pages'), limit: of('limit'), marks: of('marks') };
}

/** () → i32: stands for `memory.size` of the memory that is exported, or imported, as `name`. */
export function sizeName(name: string): string {
  return `${RESERVED}size:${name}`;
}

/** (i32) → i32: stands for `memory.grow` of the memory that is exported, or imported, as `name`. */
export function growName(name: string): string {
  return `${RESERVED}grow:${name}`;
}

/** The marks of the memory that is exported, or imported, as `name`. */
export function marksName(name: string): string {
  return `${RESERVED}marks:${name}`;
}

/** Memory is marked as written to in pieces of two to the power of this many bytes. */
export const PIECE_BITS = 12;

/** Bytes behind a marked piece that may have been written to as well. */
export const BEYOND = 256;

/** The page counter before the first snapshot: the memory's real size is what counts. */
export const UNCOUNTED = -1;

export const PAGE = 65_536;

/** As many pages as a memory with addresses of 32 bits can have. */
export const MOST_PAGES = 65_536;

/** Of marks, for a memory of MOST_PAGES. */
export const MARK_PAGES = MOST_PAGES >> PIECE_BITS;
