/** Components as bytes, written down definition by definition (design/mvp/Binary.md of the Component Model). */
export type Bytes = readonly number[];

export function u32(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

export function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...u32(bytes.length), ...bytes];
}

export function vec(items: readonly Bytes[]): number[] {
  return [...u32(items.length), ...items.flat()];
}

function maybe(item: Bytes | null | undefined): number[] {
  return item ? [1, ...item] : [0];
}

export function component(...sections: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00, ...sections.flat()]);
}

export function section(id: number, contents: Bytes): number[] {
  return [id, ...u32(contents.length), ...contents];
}

export const custom = (name: string, contents: Bytes = []) => section(0, [...text(name), ...contents]);
export const coreModuleSection = (module: Uint8Array | Bytes) => section(1, [...module]);
export const coreInstances = (...items: Bytes[]) => section(2, vec(items));
export const coreTypes = (...items: Bytes[]) => section(3, vec(items));
export const nested = (inner: Uint8Array | Bytes) => section(4, [...inner]);
export const instances = (...items: Bytes[]) => section(5, vec(items));
export const aliases = (...items: Bytes[]) => section(6, vec(items));
export const types = (...items: Bytes[]) => section(7, vec(items));
export const canons = (...items: Bytes[]) => section(8, vec(items));
export const imports = (...items: Bytes[]) => section(10, vec(items));
export const exports = (...items: Bytes[]) => section(11, vec(items));

export const SORT = {
  coreFunc: [0x00, 0x00],
  coreTable: [0x00, 0x01],
  coreMemory: [0x00, 0x02],
  coreGlobal: [0x00, 0x03],
  coreModule: [0x00, 0x11],
  func: [0x01],
  type: [0x03],
  component: [0x04],
  instance: [0x05],
} as const satisfies Record<string, Bytes>;

type Sort = keyof typeof SORT;

export const item = (sort: Sort, index: number) => [...SORT[sort], ...u32(index)];
export const externName = (name: string) => [0x00, ...text(name)];

/** Entries of sections. */
export const instantiateModule = (module: number, args: readonly (readonly [string, number])[] = []) => [
  0x00,
  ...u32(module),
  ...vec(args.map(([name, instance]) => [...text(name), 0x12, ...u32(instance)])),
];
/** Core sorts without their leading 0. */
export const bundleCore = (items: readonly (readonly [string, Sort, number])[]) => [
  0x01,
  ...vec(items.map(([name, sort, index]) => [...text(name), ...SORT[sort].slice(1), ...u32(index)])),
];
export const instantiate = (index: number, args: readonly (readonly [string, Sort, number])[] = []) => [
  0x00,
  ...u32(index),
  ...vec(args.map(([name, sort, at]) => [...text(name), ...item(sort, at)])),
];
export const bundle = (items: readonly (readonly [string, Sort, number])[]) => [
  0x01,
  ...vec(items.map(([name, sort, at]) => [...externName(name), ...item(sort, at)])),
];
export const aliasExport = (sort: Sort, instance: number, name: string) => [...SORT[sort], 0x00, ...u32(instance), ...text(name)];
export const aliasCore = (sort: Sort, instance: number, name: string) => [...SORT[sort], 0x01, ...u32(instance), ...text(name)];
export const aliasOuter = (sort: Sort, count: number, index: number) => [...SORT[sort], 0x02, ...u32(count), ...u32(index)];
export const importOf = (name: string, type: Bytes) => [...externName(name), ...type];
export const exportOf = (name: string, sort: Sort, index: number, type?: Bytes) => [
  ...externName(name),
  ...item(sort, index),
  ...maybe(type),
];

/** What an import or a declared export is of. */
export const extern = {
  module: (type: number) => [0x00, 0x11, ...u32(type)],
  func: (type: number) => [0x01, ...u32(type)],
  type: (equal: number) => [0x03, 0x00, ...u32(equal)],
  resource: [0x03, 0x01],
  component: (type: number) => [0x04, ...u32(type)],
  instance: (type: number) => [0x05, ...u32(type)],
};

/** Declarations of component and instance types. */
export const declare = {
  coreType: (type: Bytes) => [0x00, ...type],
  type: (type: Bytes) => [0x01, ...type],
  alias: (alias: Bytes) => [0x02, ...alias],
  import: (name: string, type: Bytes) => [0x03, ...importOf(name, type)],
  export: (name: string, type: Bytes) => [0x04, ...importOf(name, type)],
};

const PRIMITIVES = ['bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'f32', 'f64', 'char', 'string'] as const;

/** A primitive by its name, or the index of a type. */
export type TypeRef = (typeof PRIMITIVES)[number] | 'error-context' | number;

export function ref(type: TypeRef): number[] {
  if (typeof type === 'string') return [type === 'error-context' ? 0x64 : 0x7f - PRIMITIVES.indexOf(type)];
  const bytes: number[] = [];
  for (; type > 0x3f; type >>>= 7) bytes.push((type & 0x7f) | 0x80);
  return [...bytes, type];
}

const maybeRef = (type: TypeRef | null | undefined) => maybe(type === null || type === undefined ? null : ref(type));
const labelled = (items: Readonly<Record<string, TypeRef>>) =>
  vec(Object.entries(items).map(([name, type]) => [...text(name), ...ref(type)]));

export const type = {
  primitive: ref,
  record: (fields: Readonly<Record<string, TypeRef>>) => [0x72, ...labelled(fields)],
  variant: (cases: Readonly<Record<string, TypeRef | null>>) => [
    0x71,
    ...vec(Object.entries(cases).map(([name, payload]) => [...text(name), ...maybeRef(payload), 0x00])),
  ],
  list: (element: TypeRef) => [0x70, ...ref(element)],
  fixedList: (element: TypeRef, length: number) => [0x67, ...ref(element), ...u32(length)],
  map: (key: TypeRef, value: TypeRef) => [0x63, ...ref(key), ...ref(value)],
  tuple: (...items: TypeRef[]) => [0x6f, ...vec(items.map(ref))],
  flags: (...labels: string[]) => [0x6e, ...vec(labels.map(text))],
  enum: (...labels: string[]) => [0x6d, ...vec(labels.map(text))],
  option: (some: TypeRef) => [0x6b, ...ref(some)],
  result: (ok?: TypeRef | null, error?: TypeRef | null) => [0x6a, ...maybeRef(ok), ...maybeRef(error)],
  own: (resource: number) => [0x69, ...u32(resource)],
  borrow: (resource: number) => [0x68, ...u32(resource)],
  stream: (element?: TypeRef) => [0x66, ...maybeRef(element)],
  future: (element?: TypeRef) => [0x65, ...maybeRef(element)],
  func: (params: Readonly<Record<string, TypeRef>> = {}, result?: TypeRef, async = false) => [
    async ? 0x43 : 0x40,
    ...labelled(params),
    ...(result === undefined ? [0x01, 0x00] : [0x00, ...ref(result)]),
  ],
  component: (...declarations: Bytes[]) => [0x41, ...vec(declarations)],
  instance: (...declarations: Bytes[]) => [0x42, ...vec(declarations)],
  resource: (destructor?: number) => [0x3f, 0x7f, ...(destructor === undefined ? [0] : [1, ...u32(destructor)])],
};

/** Options of canonical definitions. */
export const option = {
  utf8: [0x00],
  utf16: [0x01],
  latin1: [0x02],
  memory: (index: number) => [0x03, ...u32(index)],
  realloc: (index: number) => [0x04, ...u32(index)],
  postReturn: (index: number) => [0x05, ...u32(index)],
  async: [0x06],
  callback: (index: number) => [0x07, ...u32(index)],
};

export const canon = {
  lift: (core: number, functionType: number, ...options: Bytes[]) => [0x00, 0x00, ...u32(core), ...vec(options), ...u32(functionType)],
  lower: (index: number, ...options: Bytes[]) => [0x01, 0x00, ...u32(index), ...vec(options)],
  resourceNew: (resource: number) => [0x02, ...u32(resource)],
  resourceDrop: (resource: number) => [0x03, ...u32(resource)],
  resourceRep: (resource: number) => [0x04, ...u32(resource)],
  taskReturn: (result: TypeRef | null, ...options: Bytes[]) => [0x09, ...(result === null ? [1, 0] : [0, ...ref(result)]), ...vec(options)],
  /** Any other, by its bytes. */
  of: (...bytes: number[]) => bytes,
};

const CORE_TYPES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** `'i32 i32 -> i32'` */
export function coreSignature(signature: string): number[] {
  const [params, results] = signature
    .split('->')
    .map((side) => vec(side.split(' ').flatMap((name) => (name ? [[CORE_TYPES[name]!]] : []))));
  return [0x60, ...params!, ...results!];
}

export interface CoreModuleSource {
  /** By `module field`, signature. */
  readonly imports?: readonly (readonly [module: string, field: string, signature: string])[];
  /** By the name that each is exported under; every one traps. */
  readonly functions?: Readonly<Record<string, string>>;
  /** The name that it is exported under. */
  readonly memory?: string;
}

const PREAMBLE: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A core module that has the interface that a test needs, and does nothing. */
export function coreModule({ imports: imported = [], functions = {}, memory }: CoreModuleSource = {}): number[] {
  const defined = Object.entries(functions);
  const signatures = [...imported.map(([, , signature]) => signature), ...defined.map(([, signature]) => signature)];
  const exported = defined.map(([name], i) => [...text(name), 0x00, ...u32(imported.length + i)]);
  if (memory !== undefined) exported.push([...text(memory), 0x02, 0x00]);
  return [
    ...PREAMBLE,
    ...section(1, vec(signatures.map(coreSignature))),
    ...section(2, vec(imported.map(([module, field], i) => [...text(module), ...text(field), 0x00, ...u32(i)]))),
    ...section(3, vec(defined.map((_, i) => u32(imported.length + i)))),
    ...(memory === undefined ? [] : section(5, vec([[0x00, 0x01]]))),
    ...section(7, vec(exported)),
    ...section(10, vec(defined.map(() => [3, 0x00, 0x00, 0x0b]))),
  ];
}
