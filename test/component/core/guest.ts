import { TYPE, active, encodeModule, exported, i32, imported, leb, passive, variable, type Bytes, type Source } from './encode.ts';

/** The pages that the guest below begins with, and may have at most. */
export const FIRST_PAGES = 2;
export const LAST_PAGES = 8;

const get = (local: number): Bytes => [0x20, local];

/** A program in parts that a test can put together: memory that grows, bytes, globals, segments, a start function. */
export const GUEST: Source = {
  types: [TYPE.get, TYPE.map, TYPE.set2, TYPE.set3, TYPE.nothing, TYPE.set64, TYPE.get64],
  imports: [imported('host', 'start', 'function', leb(4))],
  functions: [0, 1, 1, 2, 3, 0, 5, 6, 2, 4],
  memories: [[1, FIRST_PAGES, LAST_PAGES]],
  globals: [variable(7), [0x7e, 1, 0x42, 5, 0x0b], [0x7f, 0, ...i32(9), 0x0b]],
  exports: [
    exported('memory', 'memory', 0),
    ...['size', 'grow', 'load', 'store', 'fill', 'count', 'setWide', 'wide', 'init'].map((name, index) =>
      exported(name, 'function', index + 1),
    ),
  ],
  start: 10,
  dataCount: 3,
  code: [
    [0, 0x3f, 0],
    [0, ...get(0), 0x40, 0],
    [0, ...get(0), 0x2d, 0, 0],
    [0, ...get(0), ...get(1), 0x3a, 0, 0],
    [0, ...get(0), ...get(1), ...get(2), 0xfc, 11, 0],
    [0, 0x23, 0, ...i32(1), 0x6a, 0x24, 0, 0x23, 0],
    [0, ...get(0), 0x24, 1],
    [0, 0x23, 1],
    [0, ...get(0), ...i32(0), ...get(1), 0xfc, 8, 2, 0],
    [0, 0x10, 0, ...i32(40_000), ...i32(42), 0x3a, 0, 0, ...i32(11), 0x24, 0],
  ],
  data: [active(8, [1, 2, 3]), active(70_000, [4, 5, 6]), passive([7, 8, 9, 10])],
};

export interface Guest {
  readonly memory: WebAssembly.Memory;
  size(): number;
  grow(pages: number): number;
  load(address: number): number;
  store(address: number, byte: number): void;
  fill(address: number, byte: number, length: number): void;
  count(): number;
  setWide(value: bigint): void;
  wide(): bigint;
  /** Copies so many bytes of a segment of four. */
  init(address: number, length: number): void;
}

export function guestOf(bytes: BufferSource): Guest {
  return instantiate(bytes, { host: { start: () => undefined } }) as unknown as Guest;
}

export function instantiate(bytes: BufferSource, imports: WebAssembly.Imports = {}): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
}

export const GUEST_BYTES = encodeModule(GUEST);
