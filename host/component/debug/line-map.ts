import { instructionOffsets } from '../core/code.ts';
import { readModule } from '../core/module.ts';
import { MOST_NAMES } from './line-header.ts';
import { readLineTable, type LineRow } from './line-table.ts';
import { sourceMapOf } from './source-map.ts';

/** A larger one would cost an artifact more than it helps. */
const MAX_BYTES = 16 * 1024 * 1024;

const NONE = new Uint8Array(0);

export interface RewrittenCode {
  readonly original: Uint8Array;
  readonly rewritten: Uint8Array;
  /** `Marked.inserted` */
  readonly inserted: readonly number[];
}

/**
 * A source map of a core module's byte offsets, made of the DWARF of the module that it was rewritten from. null where
 * there is none that can be read: debug information is a help, and never a reason to refuse a component.
 *
 * @param debug the sections of the original by name
 */
export function lineMap(debug: ReadonlyMap<string, Uint8Array>, code: RewrittenCode): string | null {
  const line = debug.get('.debug_line');
  if (line === undefined) return null;
  const strings = debug.get('.debug_str') ?? NONE;
  const rows = readLineTable({ line, lineStrings: debug.get('.debug_line_str') ?? NONE, strings, budget: MOST_NAMES });
  const places = moved(rows, code);
  if (places.length === 0) return null;
  const map = sourceMapOf(places);
  return map.length > MAX_BYTES ? null : map;
}

/** The rows where their instructions are now: they stand in the same order, with those between that were inserted. */
function moved(rows: readonly LineRow[], { original, rewritten, inserted }: RewrittenCode): LineRow[] {
  const module = readModule(original);
  const code = module.sections.find(({ id }) => id === 10);
  const from = instructionOffsets(module);
  const to = instructionOffsets(readModule(rewritten));
  if (code === undefined || from === null || to === null) return [];
  const result: LineRow[] = [];
  let [next, before, insertion] = [0, 0, 0];
  for (const row of rows) {
    const offset = code.start + row.address;
    // A function's lines begin at its head, before its first instruction.
    while (next < from.length && from[next]! < offset) next += 1;
    if (next === from.length) break;
    for (; insertion < inserted.length && inserted[insertion]! <= from[next]!; insertion += 2) before += inserted[insertion + 1]!;
    result.push({ ...row, address: to[next + before]! });
  }
  return result;
}
