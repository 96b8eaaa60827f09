import type { Uses } from './uses.ts';
import type { Module } from './module.ts';
import type { ValueType } from './types.ts';

/** Types whose values cannot be had in JavaScript. */
const UNREADABLE: readonly ValueType[] = ['v128', 'exnref'];

/**
 * Why what a request leaves behind in an instance cannot be put back; null where it can.
 *
 * Tables that are exported are no reason: the host does not write them, and a module that does is fixed itself. Neither
 * are globals of reference types: their values are kept.
 *
 * @param counted whether the pages of a memory, by its index, are counted
 */
export function whyFixed(module: Module, uses: Uses, counted: (memory: number) => boolean): string | null {
  if (uses.unknown !== null) return `it cannot be rewritten: opcode ${uses.unknown.opcode} at offset ${uses.unknown.offset}`;
  for (const { shared, wide } of module.memories) {
    if (shared) return 'it has a memory that is shared between threads';
    if (wide) return 'it has a memory with addresses of 64 bits';
  }
  const foreign = uses.pages.find(({ memory }) => !counted(memory));
  if (foreign !== undefined)
    return `it asks for the pages of a memory of another module, which does not count them, at offset ${foreign.start}`;
  if (uses.tableWritten >= 0) return `it writes a table, at offset ${uses.tableWritten}`;
  if (uses.objectWritten >= 0) return `it writes objects of the garbage-collected heap, at offset ${uses.objectWritten}`;
  const data = common(uses.dataDropped, uses.dataRead);
  if (data !== undefined) return `it drops data segment ${data}, which it also reads`;
  const elements = common(uses.elementsDropped, uses.elementsRead);
  if (elements !== undefined) return `it drops element segment ${elements}, which it also reads`;
  const global = module.globals.findIndex(
    ({ type, mutable }, index) => mutable && index >= module.imported.global && UNREADABLE.includes(type),
  );
  return global < 0 ? null : `its global ${global} holds a ${module.globals[global]!.type}, which the host cannot read`;
}

function common(one: ReadonlySet<number>, other: ReadonlySet<number>): number | undefined {
  return [...one].find((each) => other.has(each));
}
