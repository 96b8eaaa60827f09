import { UNCOUNTED } from './reserved.ts';
import { s32, sized, u32, type Bytes } from './writer.ts';

/** Where the functions below find what they work on: indices in the rewritten module. */
export interface Counter {
  readonly memory: number;
  readonly pages: number;
  readonly limit: number;
}

/** Function types, as they are appended. */
export const HELPER_TYPES: readonly Bytes[] = [
  [0x60, 0, 1, 0x7f], // size: () → i32
  [0x60, 1, 0x7f, 1, 0x7f], // grow: (i32) → i32
  [0x60, 2, 0x7f, 0x7f, 0], // range: (i32, i32) → ()
];

/** @returns the body of what stands for `memory.size` */
export function sizeBody({ memory, pages }: Counter): Bytes {
  return sized([
    [0], // no locals
    [...globalGet(pages), ...i32(UNCOUNTED), 0x46, 0x04, 0x7f], // pages == UNCOUNTED? if, of i32
    [0x3f, ...u32(memory), 0x05, ...globalGet(pages), 0x0b], // memory.size, else pages
    [0x0b],
  ]);
}

/**
 * @param size the index of the function with `sizeBody`
 * @returns the body of what stands for `memory.grow`
 */
export function growBody({ memory, pages, limit }: Counter, size: number): Bytes {
  const [delta, before, after] = [0, 1, 2];
  return sized([
    [2, 1, 0x7f, 1, 0x7e], // locals: before, of i32; after, of i64
    [0x10, ...u32(size), 0x21, before],
    // Nothing asked for is given also beyond the limit, as `memory.grow` does.
    [0x20, delta, 0x45, 0x04, 0x40, 0x20, before, 0x0f, 0x0b],
    [0x20, before, 0xad, 0x20, delta, 0xad, 0x7c, 0x22, after], // after = before + delta, in 64 bits
    [...globalGet(limit), 0xad, 0x56, ...failIf()], // after > limit
    // What the memory has already was handed out before a reset, which cleared it.
    [0x20, after, 0x3f, ...u32(memory), 0xad, 0x56, 0x04, 0x40],
    [0x20, after, 0xa7, 0x3f, ...u32(memory), 0x6b, 0x40, ...u32(memory), ...i32(-1), 0x46, ...failIf(), 0x0b],
    [...globalGet(pages), ...i32(UNCOUNTED), 0x47, 0x04, 0x40, 0x20, after, 0xa7, 0x24, ...u32(pages), 0x0b],
    [0x20, before, 0x0b],
  ]);
}

function failIf(): number[] {
  return [0x04, 0x40, ...i32(-1), 0x0f, 0x0b];
}

function globalGet(index: number): number[] {
  return [0x23, ...u32(index)];
}

function i32(value: number): number[] {
  return [0x41, ...s32(value)];
}
