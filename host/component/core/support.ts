import type { FunctionType, ValueType } from './types.ts';
import { concat, name, section, sized, u32, type Bytes } from './writer.ts';

/** A function that a component's core modules import, and that runs in wasm as far as it can. */
export type SupportFunction = Gate | ContextFunction;

/** Calls the host's `try`, and its `wait` only where `late` says that the result is yet to come. */
export interface Gate {
  readonly kind: 'gate';
  readonly index: number;
  readonly type: FunctionType;
}

/** Reads or writes one slot of the running task's context. */
export interface ContextFunction {
  readonly kind: 'get' | 'set';
  readonly index: number;
  /** Its name says whose it is. */
  readonly slot: string;
}

/** Names of what the module imports and exports. Functions go by their index; a slot's name is that of its swap: (i32) → i32. */
export const SUPPORT = { attempt: 'try', wait: 'wait', late: 'late' } as const;

export function slotName(component: number, slot: number): string {
  return `slot${component}.${slot}`;
}

const CODE: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const [FUNCTION, GLOBAL] = [0x00, 0x03];
/** A mutable i32 that begins as 0. */
const ZERO: Bytes = [0x7f, 0x01, 0x41, 0x00, 0x0b];

/**
 * A module between a component and its host. V8 gives up a stack at every import that can suspend it, whether there is
 * something to wait for or not; through a gate only where there is. And a context that is read in wasm needs no call.
 */
export function supportModule(functions: readonly SupportFunction[]): Uint8Array<ArrayBuffer> {
  const types = new Types();
  const gates = functions.filter((each) => each.kind === 'gate');
  const slots = [...new Set(functions.flatMap((each) => (each.kind === 'gate' ? [] : [each.slot])))];
  const imports = gates.flatMap(({ index, type }) => [
    concat([name(SUPPORT.attempt), name(String(index)), [FUNCTION], u32(types.of(type))]),
    concat([name(SUPPORT.wait), name(String(index)), [FUNCTION], u32(types.of({ params: [], results: type.results }))]),
  ]);
  // The first global is `late`.
  const globalOf = (slot: string) => u32(1 + slots.indexOf(slot));
  const defined = [
    ...functions.map((each) => ({ name: String(each.index), type: typeOf(each), body: bodyOf(each) })),
    ...slots.map((slot) => ({ name: slot, type: SWAP, body: swapBody(globalOf(slot)) })),
  ];
  function bodyOf(what: SupportFunction): Bytes {
    return what.kind === 'gate' ? gateBody(what.type, gates.indexOf(what) * 2) : contextBody(what.kind, globalOf(what.slot));
  }
  return concat([
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    // What the types are is known when all that has one has been looked at.
    ...inOrder([2, imports], [3, defined.map(({ type }) => u32(types.of(type)))], [1, types.encoded]),
    list(6, [ZERO, ...slots.map(() => ZERO)]),
    list(7, [
      ...defined.map((each, at) => concat([name(each.name), [FUNCTION], u32(imports.length + at)])),
      concat([name(SUPPORT.late), [GLOBAL, 0]]),
    ]),
    list(
      10,
      defined.map(({ body }) => body),
    ),
  ]);
}

const SWAP: FunctionType = { params: ['i32'], results: ['i32'] };

function typeOf(what: SupportFunction): FunctionType {
  if (what.kind === 'gate') return what.type;
  return what.kind === 'get' ? { params: [], results: ['i32'] } : { params: ['i32'], results: [] };
}

function gateBody({ params, results }: FunctionType, attempt: number): Bytes {
  const result = params.length;
  const keep = results.length === 0 ? [] : [0x21, ...u32(result)];
  return sized([
    results.length === 0 ? [0] : [1, 1, CODE[results[0]!]!],
    ...params.map((_, index) => [0x20, ...u32(index)]),
    [0x10, ...u32(attempt), ...keep],
    [0x23, 0, 0x04, 0x40, 0x10, ...u32(attempt + 1), ...keep, 0x0b], // late? if, wait
    results.length === 0 ? [] : [0x20, ...u32(result)],
    [0x0b],
  ]);
}

function contextBody(kind: 'get' | 'set', global: Bytes): Bytes {
  return sized([[0], kind === 'get' ? [0x23, ...global] : [0x20, 0, 0x24, ...global], [0x0b]]);
}

function swapBody(global: Bytes): Bytes {
  return sized([[0], [0x23, ...global, 0x20, 0, 0x24, ...global], [0x0b]]);
}

/** The types of functions, each once. */
class Types {
  readonly #known = new Map<string, number>();
  readonly encoded: Bytes[] = [];

  of({ params, results }: FunctionType): number {
    const bytes = [0x60, ...values(params), ...values(results)];
    const key = bytes.join();
    let index = this.#known.get(key);
    if (index === undefined) this.#known.set(key, (index = this.encoded.push(bytes) - 1));
    return index;
  }
}

function values(types: readonly ValueType[]): number[] {
  return [...u32(types.length), ...types.map((type) => CODE[type]!)];
}

function inOrder(...sections: readonly [id: number, entries: readonly Bytes[]][]): Bytes[] {
  return sections.toSorted(([a], [b]) => a - b).map(([id, entries]) => list(id, entries));
}

function list(id: number, entries: readonly Bytes[]): Bytes {
  return section(id, [u32(entries.length), ...entries]);
}
