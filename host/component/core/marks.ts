import type { Module } from './module.ts';
import type { Patch } from './patch.ts';

import { Reader } from './reader.ts';
import { BEYOND, PIECE_BITS } from './reserved.ts';
import { skipValueType } from './types.ts';
import { WRITTEN, type Uses, type Written } from './uses.ts';
import { concat, s32, sized, u32, type Bytes } from './writer.ts';

/** Of a memory whose writes are marked: the memory of the marks, and the function that marks a range. Both are indices in the rewritten module. */
export interface Marks {
  readonly memory: number;
  readonly range: number;
}

export interface Marked {
  readonly patches: readonly Patch[];
  /** Where instructions come to stand before another one: its offset, and how many; two numbers each. */
  readonly inserted: readonly number[];
}

/** Locals that a function may have; V8 takes no more. */
const MOST_LOCALS = 50_000;

export const NOT_MARKED: Marked = { patches: [], inserted: [] };

/**
 * Puts before each instruction that writes to a memory others, which set the mark of the piece that it writes to. What
 * the instruction needs goes to locals and back meanwhile.
 *
 * @param marks by the index of a memory
 * @returns null where a function would get more locals than there may be
 */
export function markWrites(module: Module, uses: Uses, marks: ReadonlyMap<number, Marks>): Marked | null {
  if (marks.size === 0) return NOT_MARKED;
  const { writes, writers } = uses;
  const patches: Patch[] = [];
  const inserted: number[] = [];
  for (let at = 0; at < writers.length; at += 4) {
    const [start, end, index, first] = [writers[at]!, writers[at + 1]!, writers[at + 2]!, writers[at + 3]!];
    const last = writers[at + 7] ?? writes.length;
    const locals = new Locals(module, { start, end, index });
    const before = patches.length;
    for (let write = first; write < last; write += 4) {
      const of = marks.get(writes[write + 1]!);
      if (of === undefined) continue;
      const { bytes, count } = markingOf(of, { kind: writes[write + 2] as Written, offset: writes[write + 3]! }, locals);
      patches.push({ start: writes[write]!, end: writes[write]!, bytes });
      inserted.push(writes[write]!, count);
    }
    if (patches.length === before) continue;
    if (locals.count > MOST_LOCALS) return null;
    patches.splice(before, 0, ...locals.patches());
  }
  return { patches, inserted };
}

/** (at: i32, length: i32) → (): sets the marks of a range. One that wraps around is none that an instruction could write. */
export function rangeBody({ memory }: Marks): Bytes {
  const [at, length, last] = [0, 1, 2];
  const piece = [...i32(PIECE_BITS), 0x76];
  return sized([
    [1, 1, 0x7f], // locals: last, of i32
    [0x20, length, 0x45, 0x04, 0x40, 0x0f, 0x0b],
    [0x20, at, 0x20, length, 0x6a, ...i32(1), 0x6b, 0x22, last, 0x20, at, 0x49, 0x04, 0x40, 0x0f, 0x0b], // last < at? return
    [0x20, at, ...piece, 0x22, at, ...i32(1), 0x20, last, ...piece, 0x20, at, 0x6b, ...i32(1), 0x6a],
    [0xfc, 0x0b, ...u32(memory), 0x0b],
  ]);
}

interface Write {
  readonly kind: Written;
  readonly offset: number;
}

interface Marking {
  readonly bytes: Uint8Array;
  readonly count: number;
}

function markingOf(marks: Marks, { kind, offset }: Write, locals: Locals): Marking {
  if (kind === WRITTEN.range) return rangeMarking(marks, locals);
  // A piece is put back with some bytes beyond it, so a small offset needs no addition.
  return offset + LARGEST_VALUE <= BEYOND
    ? locals.near(marks.memory * WRITTEN.range + kind, () => storeMarking(marks, kind, locals))
    : storeMarking(marks, kind, locals, offset);
}

function rangeMarking(marks: Marks, locals: Locals): Marking {
  const [address, value, length] = [locals.of(I32, 0), locals.of(I32, 1), locals.of(I32, 2)];
  const mark = [get(address), get(length), [0x10, ...u32(marks.range)]];
  return { bytes: concat([set(length), set(value), tee(address), ...mark, get(value), get(length)]), count: 8 };
}

function storeMarking({ memory }: Marks, kind: Written, locals: Locals, offset = 0): Marking {
  const address = locals.of(I32, 0);
  const values = VALUES[kind]!.map((type, place) => locals.of(type, type === I32 ? place + 1 : place));
  const piece = [...(offset === 0 ? [] : [...i32(offset), 0x6a]), ...i32(PIECE_BITS), 0x76];
  const mark = [...i32(1), 0x3a, 0x40, ...u32(memory), 0];
  return {
    bytes: concat([...values.toReversed().map(set), tee(address), get(address), piece, mark, ...values.map(get)]),
    count: values.length * 2 + (offset === 0 ? 6 : 8),
  };
}

const I32 = 0x7f;

/** Bytes that one store writes. */
const LARGEST_VALUE = 16;

/** Types of the values above the address. */
const VALUES: readonly (readonly number[])[] = [[I32], [0x7e], [0x7d], [0x7c], [0x7b], [I32, I32], [0x7e, 0x7e]];

/** Those that a function gets at the end of its own, as they are asked for. */
class Locals {
  readonly #end: number;
  readonly #start: number;
  readonly #groups: number;
  readonly #groupsEnd: number;
  readonly #types: number[] = [];
  readonly #known = new Map<number, number>();
  readonly #near = new Map<number, Marking>();
  count: number;

  constructor(module: Module, { start, end, index }: { start: number; end: number; index: number }) {
    this.#start = start;
    this.#end = end;
    const reader = new Reader(module.bytes, start, end);
    this.#groups = reader.u32();
    this.#groupsEnd = reader.at;
    this.count = module.types[module.functions[index]!]!.params.length + localsOf(reader, this.#groups);
  }

  /** @param place among those of its type */
  of(type: number, place: number): number {
    const key = type * 4 + place;
    let index = this.#known.get(key);
    if (index === undefined) {
      this.#known.set(key, (index = this.count++));
      this.#types.push(type);
    }
    return index;
  }

  /** One for all alike: there are hundreds of thousands in an engine of JavaScript. */
  near(key: number, make: () => Marking): Marking {
    let marking = this.#near.get(key);
    if (marking === undefined) this.#near.set(key, (marking = make()));
    return marking;
  }

  patches(): Patch[] {
    return [
      { start: this.#start, end: this.#groupsEnd, bytes: u32(this.#groups + this.#types.length) },
      { start: this.#end, end: this.#end, bytes: this.#types.flatMap((type) => [1, type]) },
    ];
  }
}

function localsOf(reader: Reader, groups: number): number {
  let count = 0;
  for (let group = 0; group < groups; group++) {
    count += reader.u32();
    skipValueType(reader);
  }
  return count;
}

function get(local: number): number[] {
  return [0x20, ...u32(local)];
}

function set(local: number): number[] {
  return [0x21, ...u32(local)];
}

function tee(local: number): number[] {
  return [0x22, ...u32(local)];
}

function i32(value: number): number[] {
  return [0x41, ...s32(value)];
}
