import type { Module } from './module.ts';
import { NAMES_OF_FUNCTIONS, NAMES_OF_LABELS, NAMES_OF_LOCALS, readNames } from './names.ts';
import { patched, type Patch } from './patch.ts';
import type { Reader } from './reader.ts';
import { name as encodeName, section, sized, u32, type Bytes } from './writer.ts';

const BY_FUNCTION: readonly number[] = [NAMES_OF_FUNCTIONS, NAMES_OF_LOCALS, NAMES_OF_LABELS];

/** @returns the name section after `shift` functions came between the imported and the others; null where it is malformed */
export function renumberNames(module: Module, shift: number): Bytes | null {
  const subsections: Bytes[] = [];
  const sound = readNames(module, (id, contents) => {
    const { at: start, end } = contents;
    const patches = BY_FUNCTION.includes(id) ? patchesOf(contents, id, { first: module.imported.function, shift }) : [];
    subsections.push([id], sized(patched({ bytes: module.bytes, start, end, patches })));
  });
  return sound ? section(0, [encodeName('name'), ...subsections]) : null;
}

function patchesOf(contents: Reader, id: number, { first, shift }: { first: number; shift: number }): Patch[] {
  const patches: Patch[] = [];
  for (let count = contents.u32(); count > 0; count--) {
    const start = contents.at;
    const index = contents.u32();
    if (index >= first) patches.push({ start, end: contents.at, bytes: u32(index + shift) });
    if (id === NAMES_OF_FUNCTIONS) contents.skip(contents.u32());
    else skipNames(contents);
  }
  return patches;
}

function skipNames(contents: Reader): void {
  for (let count = contents.u32(); count > 0; count--) {
    contents.u32();
    contents.skip(contents.u32());
  }
}
