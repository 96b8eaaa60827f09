import type { Section } from './module.ts';
import { Reader } from './reader.ts';
import { section as encodeSection, sized, u32, type Bytes } from './writer.ts';

/** Other bytes for those from `start` to `end`. */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly bytes: Bytes;
}

export interface Revision {
  /** In order, and none within another. */
  readonly patches?: readonly Patch[];
  /** Entries that are appended. */
  readonly added?: readonly Bytes[];
}

/** @returns a section that is a list of entries, with its header */
export function reviseList(bytes: Uint8Array, section: Section, { patches = [], added = [] }: Revision): Bytes {
  const reader = new Reader(bytes, section.start, section.end);
  const count = reader.u32();
  return encodeSection(section.id, [
    u32(count + added.length),
    ...patched({ bytes, start: reader.at, end: section.end, patches }),
    ...added,
  ]);
}

/** @returns the code section, whose entries begin with their sizes */
export function reviseCode(bytes: Uint8Array, section: Section, { patches = [], added = [] }: Revision): Bytes {
  const reader = new Reader(bytes, section.start, section.end);
  const count = reader.u32();
  const parts: Bytes[] = [u32(count + added.length)];
  let kept = reader.at;
  let next = 0;
  for (let left = count; left > 0 && next < patches.length; left--) {
    const head = reader.at;
    const body = reader.part(reader.u32());
    reader.at = body.end;
    const first = next;
    while (next < patches.length && patches[next]!.start < body.end) next++;
    if (first === next) continue;
    parts.push(bytes.subarray(kept, head), sized(patched({ bytes, start: body.at, end: body.end, patches: patches.slice(first, next) })));
    kept = body.end;
  }
  return encodeSection(section.id, [...parts, bytes.subarray(kept, section.end), ...added]);
}

/** @returns a section that is no list, with its header */
export function reviseWhole(bytes: Uint8Array, { id, start, end }: Section, patches: readonly Patch[]): Bytes {
  return encodeSection(id, patched({ bytes, start, end, patches }));
}

/** @returns what stands from `start` to `end`, in parts */
export function patched(range: { bytes: Uint8Array; start: number; end: number; patches: readonly Patch[] }): Bytes[] {
  const parts: Bytes[] = [];
  let at = range.start;
  for (const { start, end, bytes } of range.patches) {
    parts.push(range.bytes.subarray(at, start), bytes);
    at = end;
  }
  return [...parts, range.bytes.subarray(at, range.end)];
}

/** @returns a section that the module did not have */
export function newList(id: number, added: readonly Bytes[]): Bytes {
  return encodeSection(id, [u32(added.length), ...added]);
}
