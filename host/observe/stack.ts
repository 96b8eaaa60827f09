import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { Module } from '../registry/artifact.ts';

/** A guest writes this text, so the work on it is bounded. */
const MAX_LINE = 1_000;
const MAX_TEXT = 64_000;
/** It may begin only where a name does: else a long run of letters would be tried at each of them. */
const FRAME = /(?<![\w@./-])(?:brink:\/\/\/)?((?:[\w@.-]+\/)*[\w@.-]+\.m?js):(\d+):(\d+)/g;
/** A place in wasm: the column of a line that is the module. */
const WASM_FRAME = /(?<![\w@./-])((?:[\w@.-]+\/)*[\w@.-]+\.wasm):0x([0-9a-f]{1,8})(?![0-9a-f])/g;
const parsed = new WeakMap<Module, TraceMap>();
const text = new TextDecoder();

/** A stack (or any text with frames in it) with the author's files, lines and columns, by the source maps of an artifact. */
export function mapStack(stack: string, modules: Readonly<Record<string, Module>>): string {
  return stack
    .slice(0, MAX_TEXT)
    .split('\n')
    .map((line) => (line.length > MAX_LINE ? line : mapLine(line, modules)))
    .join('\n');
}

function mapLine(text: string, modules: Readonly<Record<string, Module>>): string {
  return mapWasm(text, modules).replace(FRAME, (frame, name: string, line: string, column: string) => {
    const map = traceMap(modules, name);
    if (map === undefined) return frame.replace('brink:///', '');
    const { source, line: original, column: at } = originalPositionFor(map, { line: Number(line), column: Number(column) - 1 });
    return source === null ? `${name}:${line}:${column}` : `${source}:${original}:${(at ?? 0) + 1}`;
  });
}

function mapWasm(text: string, modules: Readonly<Record<string, Module>>): string {
  return text.replace(WASM_FRAME, (frame, name: string, offset: string) => {
    const map = traceMap(modules, name);
    if (map === undefined) return frame;
    const { source, line, column } = originalPositionFor(map, { line: 1, column: Number.parseInt(offset, 16) });
    return source === null ? frame : `${source}:${line}:${column + 1}`;
  });
}

function traceMap(modules: Readonly<Record<string, Module>>, name: string): TraceMap | undefined {
  const module = Object.hasOwn(modules, `${name}.map`) ? modules[`${name}.map`] : undefined;
  if (module?.type !== 'map') return undefined;
  const known = parsed.get(module);
  if (known) return known;
  try {
    const map = new TraceMap(text.decode(module.bytes));
    parsed.set(module, map);
    return map;
  } catch {
    // A map that cannot be read is as good as none: the frame keeps its place in the module.
    return undefined;
  }
}
