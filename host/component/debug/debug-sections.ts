import { Reader } from '../core/reader.ts';
import { concat, name as encodeName, section, sized, type Bytes } from '../core/writer.ts';

/** A custom section of a core module. */
interface Custom {
  readonly name: string;
  /** Where it begins with its header, where what follows its name begins, and where both end. */
  readonly head: number;
  readonly start: number;
  readonly end: number;
}

const HEADER_BYTES = 8;
const NAMES = 'name';

/** Debug information by the names of its sections; empty where a module has none. */
export function debugSections(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  return new Map(
    customsOf(bytes)
      .filter(isDebug)
      .map(({ name, start, end }) => [name, bytes.subarray(start, end)]),
  );
}

/** The module without debug information: a cell has no use for it. */
export function withoutDebug(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return without(bytes, customsOf(bytes).filter(isDebug));
}

/**
 * The module under another name, which engines show in stacks: `wasm://wasm/<name>-<hash>`.
 *
 * @param bytes a module whose code may not move: the names follow it
 */
export function withModuleName(bytes: Uint8Array<ArrayBuffer>, name: string): Uint8Array<ArrayBuffer> {
  const old = customsOf(bytes).findLast((custom) => custom.name === NAMES);
  const others: Bytes[] = old === undefined ? [] : subsectionsOf(new Reader(bytes, old.start, old.end));
  const names = section(0, [encodeName(NAMES), [0], sized([encodeName(name)]), ...others]);
  return concat([without(bytes, old === undefined ? [] : [old]), names]);
}

function subsectionsOf(reader: Reader): Bytes[] {
  const parts: Bytes[] = [];
  try {
    while (reader.more) {
      const { at } = reader;
      const id = reader.byte();
      reader.part(reader.u32());
      if (id !== 0) parts.push(reader.bytes.subarray(at, reader.at));
    }
  } catch {
    // Names are a help: what can be read of them is kept.
  }
  return parts;
}

/** Only the headers of sections are read. */
function customsOf(bytes: Uint8Array): Custom[] {
  const customs: Custom[] = [];
  const reader = new Reader(bytes, HEADER_BYTES);
  while (reader.more) {
    const head = reader.at;
    const id = reader.byte();
    const contents = reader.part(reader.u32());
    if (id === 0) customs.push({ name: contents.name(), head, start: contents.at, end: contents.end });
  }
  return customs;
}

function isDebug({ name }: Custom): boolean {
  return name.startsWith('.debug_') || name === 'sourceMappingURL' || name === 'external_debug_info';
}

function without(bytes: Uint8Array<ArrayBuffer>, customs: readonly Custom[]): Uint8Array<ArrayBuffer> {
  if (customs.length === 0) return bytes;
  const parts: Bytes[] = [];
  let at = 0;
  for (const { head, end } of customs) {
    parts.push(bytes.subarray(at, head));
    at = end;
  }
  return concat([...parts, bytes.subarray(at)]);
}
