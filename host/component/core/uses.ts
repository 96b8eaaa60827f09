import type { Module } from './module.ts';
import { Reader } from './reader.ts';

/** What a module's instructions do, as far as it matters for rewriting and for resetting. Offsets are those in its bytes. */
export interface Uses {
  /** Each `memory.size` and `memory.grow`, in the order in which they stand. */
  readonly pages: PageUse[];
  /** Each index of a function: where it stands, where it ends, and it; three numbers each. Empty unless asked for. */
  readonly functions: number[];
  /** Each instruction that writes to a memory: where it stands, the memory, its `Written`, and its offset; four numbers each. */
  readonly writes: number[];
  /** Each function that writes to a memory: where its locals stand, where they end, its index, and where in `writes` it begins. */
  readonly writers: number[];
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

/** What stands above the address that an instruction writes to. */
export const WRITTEN = { i32: 0, i64: 1, f32: 2, f64: 3, v128: 4, twoI32: 5, twoI64: 6, range: 7 } as const;

export type Written = (typeof WRITTEN)[keyof typeof WRITTEN];

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
    writes: [],
    writers: [],
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
