import type { Uses } from './uses.ts';
import { SECTION_ORDER, type Module, type Section } from './module.ts';
import { renumberNames } from './renumber.ts';
import { newList, reviseCode, reviseList, reviseWhole, type Patch } from './patch.ts';
import { concat, u32, type Bytes } from './writer.ts';

/** What a module gets beyond its own, encoded entry by entry. */
export interface Additions {
  readonly types: readonly Bytes[];
  /** Which stand after those that are imported already. */
  readonly imports: readonly Bytes[];
  /** How many of them are functions. */
  readonly shift: number;
  readonly functions: readonly Bytes[];
  readonly memories: readonly Bytes[];
  readonly globals: readonly Bytes[];
  readonly exports: readonly Bytes[];
  readonly code: readonly Bytes[];
  /** By the index of a memory: the function that stands for `memory.size`; the next one stands for `memory.grow`. */
  readonly sizes: ReadonlyMap<number, number>;
  /** Of the code, beyond those that follow from the above. */
  readonly patches: readonly Patch[];
}

const CUSTOM = 0;
const START = 8;
const CODE = 10;

/** @returns the module with the additions, `memory.size` and `memory.grow` replaced by calls, and all else as it was */
export function assemble(module: Module, uses: Uses, additions: Additions): Uint8Array<ArrayBuffer> {
  const { shift } = additions;
  const outside = renumbered(module, module.constants.functions, shift);
  const inside = [...additions.patches, ...renumbered(module, uses.functions, shift), ...calls(uses, additions.sizes)].sort(
    (a, b) => a.start - b.start,
  );
  const added = new Map<number, readonly Bytes[]>([
    [1, additions.types],
    [2, additions.imports],
    [3, additions.functions],
    [5, additions.memories],
    [6, additions.globals],
    [7, additions.exports],
    [CODE, additions.code],
  ]);

  const revise = (section: Section): Bytes => {
    const entries = added.get(section.id) ?? [];
    if (section.id === CODE && (inside.length > 0 || entries.length > 0))
      return reviseCode(module.bytes, section, { patches: inside, added: entries });
    const patches = outside.filter(({ start }) => start >= section.start && start < section.end);
    if (section.id === START && patches.length > 0) return reviseWhole(module.bytes, section, patches);
    if (entries.length > 0 || patches.length > 0) return reviseList(module.bytes, section, { patches, added: entries });
    return asItIs(module, section);
  };

  const parts: Bytes[] = [module.bytes.subarray(0, 8)];
  const missing = SECTION_ORDER.filter((id) => (added.get(id)?.length ?? 0) > 0 && !module.sections.some((section) => section.id === id));
  const addMissing = (before: number) => {
    while (missing.length > 0 && place(missing[0]!) < before) {
      const id = missing.shift()!;
      parts.push(newList(id, added.get(id)!));
    }
  };
  const last = module.sections.findLast(({ id }) => id !== CUSTOM);
  const customs = module.customs.values();
  for (const section of module.sections) {
    if (section.id === CUSTOM) {
      const { name } = customs.next().value!;
      const custom = reviseCustom(module, { ...section, name }, { shift, codeMoved: inside.length > 0 });
      if (custom !== null) parts.push(custom);
      continue;
    }
    addMissing(place(section.id));
    parts.push(revise(section));
    if (section === last) addMissing(SECTION_ORDER.length);
  }
  return concat(parts);
}

function place(id: number): number {
  return SECTION_ORDER.indexOf(id);
}

/** The indices of functions that the additional imports move. */
function renumbered({ imported }: Module, functions: readonly number[], shift: number): Patch[] {
  const patches: Patch[] = [];
  if (shift === 0) return patches;
  for (let at = 0; at < functions.length; at += 3) {
    const [start, end, index] = [functions[at]!, functions[at + 1]!, functions[at + 2]!];
    if (index >= imported.function) patches.push({ start, end, bytes: u32(index + shift) });
  }
  return patches;
}

function calls({ pages }: Uses, sizes: ReadonlyMap<number, number>): Patch[] {
  return pages.flatMap(({ start, end, memory, grows }) => {
    const size = sizes.get(memory);
    return size === undefined ? [] : [{ start, end, bytes: [0x10, ...u32(grows ? size + 1 : size)] }];
  });
}

/** The section as it is to be, or null where it would now say what is wrong. */
function reviseCustom(module: Module, section: Section & { name: string }, { shift, codeMoved }: { shift: number; codeMoved: boolean }) {
  // Branch hints and the like name instructions by their offsets.
  if (section.name.startsWith('metadata.code.') && codeMoved) return null;
  if (section.name === 'name' && shift > 0) return renumberNames(module, shift);
  return asItIs(module, section);
}

function asItIs({ bytes }: Module, { head, end }: Section): Bytes {
  return bytes.subarray(head, end);
}
