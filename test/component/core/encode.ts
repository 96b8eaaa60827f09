/** Core modules as bytes, written down section by section. */
export interface Source {
  readonly types?: readonly Bytes[];
  readonly imports?: readonly Bytes[];
  /** The index of its type, for each. */
  readonly functions?: readonly number[];
  readonly tables?: readonly Bytes[];
  readonly memories?: readonly Bytes[];
  readonly tags?: readonly Bytes[];
  readonly globals?: readonly Bytes[];
  readonly exports?: readonly Bytes[];
  readonly start?: number;
  readonly elements?: readonly Bytes[];
  readonly dataCount?: number;
  /** Locals and instructions, without the `end`. */
  readonly code?: readonly Bytes[];
  readonly data?: readonly Bytes[];
  /** They stand last. */
  readonly customs?: readonly (readonly [name: string, contents: Bytes])[];
}

export type Bytes = readonly number[];

/** What each module begins with. */
export const HEADER: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const I32 = 0x7f;
const I64 = 0x7e;
const END = 0x0b;

export const TYPE = {
  nothing: [0x60, 0, 0],
  get: [0x60, 0, 1, I32],
  map: [0x60, 1, I32, 1, I32],
  set: [0x60, 1, I32, 0],
  set2: [0x60, 2, I32, I32, 0],
  set3: [0x60, 3, I32, I32, I32, 0],
  get64: [0x60, 0, 1, I64],
  set64: [0x60, 1, I64, 0],
} as const satisfies Record<string, Bytes>;

const KINDS = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

export function encodeModule(source: Source): Uint8Array<ArrayBuffer> {
  const {
    types,
    imports,
    functions,
    tables,
    memories,
    tags,
    globals,
    exports,
    start,
    elements,
    dataCount,
    code,
    data,
    customs = [],
  } = source;
  return new Uint8Array([
    ...HEADER,
    ...list(1, types),
    ...list(2, imports),
    ...list(3, functions?.map(leb)),
    ...list(4, tables),
    ...list(5, memories),
    ...list(13, tags),
    ...list(6, globals),
    ...list(7, exports),
    ...(start === undefined ? [] : section(8, leb(start))),
    ...list(9, elements),
    ...(dataCount === undefined ? [] : section(12, leb(dataCount))),
    ...list(
      10,
      code?.map((body) => sized([...body, END])),
    ),
    ...list(11, data),
    ...customs.flatMap(([name, contents]) => section(0, [...text(name), ...contents])),
  ]);
}

export function imported(module: string, name: string, kind: keyof typeof KINDS, type: Bytes): Bytes {
  return [...text(module), ...text(name), KINDS[kind], ...type];
}

export function exported(name: string, kind: keyof typeof KINDS, index: number): Bytes {
  return [...text(name), KINDS[kind], ...leb(index)];
}

/** A mutable i32. */
export function variable(value: number): Bytes {
  return [I32, 1, ...i32(value), END];
}

/** A data segment that is copied to memory 0 at once. */
export function active(offset: number, bytes: Bytes): Bytes {
  return [0, ...i32(offset), END, ...sized(bytes)];
}

export function passive(bytes: Bytes): Bytes {
  return [1, ...sized(bytes)];
}

/** A subsection of the name section that names things by their index. */
export function nameMap(id: number, names: readonly (readonly [index: number, name: string])[]): Bytes {
  return [id, ...sized([...leb(names.length), ...names.flatMap(([index, name]) => [...leb(index), ...text(name)])])];
}

/** `i32.const`. */
export function i32(value: number): Bytes {
  return [0x41, ...signed(value)];
}

export function text(value: string): Bytes {
  return sized([...new TextEncoder().encode(value)]);
}

export function sized(bytes: Bytes): Bytes {
  return [...leb(bytes.length), ...bytes];
}

export function leb(value: number): Bytes {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...leb(Math.floor(value / 0x80))];
}

function signed(value: number): Bytes {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

function list(id: number, entries: readonly Bytes[] | undefined): Bytes {
  return entries === undefined ? [] : section(id, [...leb(entries.length), ...entries.flat()]);
}

export function section(id: number, contents: Bytes): Bytes {
  return [id, ...sized(contents)];
}
