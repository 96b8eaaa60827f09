import { readModule, type Module } from './module.ts';
import { Reader, malformed } from './reader.ts';

/** Subsections of the name section whose keys are indices of functions. */
export const NAMES_OF_MODULE = 0;
export const NAMES_OF_FUNCTIONS = 1;
export const NAMES_OF_LOCALS = 2;
export const NAMES_OF_LABELS = 3;

/** Where the names of functions stand: their indices in rising order, and where in `bytes` each name begins. */
export interface FunctionNames {
  readonly bytes: Uint8Array;
  readonly indices: Uint32Array;
  readonly offsets: Uint32Array;
}

/** The subsections of the name section, as `read` is called for each; what is malformed ends them, since names are only a help. */
export function readNames(module: Module, read: (id: number, contents: Reader) => void): boolean {
  const section = module.customs.findLast(({ name }) => name === 'name');
  if (section === undefined) return true;
  try {
    const reader = new Reader(module.bytes, section.start, section.end);
    while (reader.more) read(reader.byte(), reader.part(reader.u32()));
    return true;
  } catch {
    return false;
  }
}

/** What the module calls itself, or null. */
export function moduleName(module: Module): string | null {
  let found: string | null = null;
  readNames(module, (id, contents) => {
    if (id === NAMES_OF_MODULE) found = contents.name();
  });
  return found;
}

/** The table to look names up in, for a module that is asked for many. */
export function functionNames(module: Module): FunctionNames {
  const indices: number[] = [];
  const offsets: number[] = [];
  readNames(module, (id, contents) => {
    if (id !== NAMES_OF_FUNCTIONS) return;
    for (let count = contents.u32(); count > 0; count--) {
      const at = contents.at;
      const index = contents.u32();
      if (indices.length > 0 && index <= indices.at(-1)!) throw malformed('names are out of order', at);
      const offset = contents.at;
      contents.skip(contents.u32());
      indices.push(index);
      offsets.push(offset);
    }
  });
  return { bytes: module.bytes, indices: Uint32Array.from(indices), offsets: Uint32Array.from(offsets) };
}

/**
 * The name of a function, as its author or compiler wrote it; null where it has none.
 *
 * @throws {BrinkError} component-invalid, where bytes are given that are not a module
 */
export function functionNameAt(from: Uint8Array | Module | FunctionNames, index: number): string | null {
  const { bytes, indices, offsets } = 'indices' in from ? from : functionNames(from instanceof Uint8Array ? readModule(from) : from);
  let low = 0;
  for (let high = indices.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (indices[middle]! < index) low = middle + 1;
    else high = middle;
  }
  if (indices[low] !== index) return null;
  try {
    return new Reader(bytes, offsets[low]).name();
  } catch {
    return null; // not UTF-8
  }
}
