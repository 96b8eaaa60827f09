/** Bytes of a core module on their way. */
export type Bytes = Uint8Array | readonly number[];

const UTF8 = new TextEncoder();

/** An unsigned LEB128 of up to 32 bits. */
export function u32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** A signed LEB128 of 32 bits, as `i32.const` has. */
export function s32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (; rest < -0x40 || rest > 0x3f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest & 0x7f];
}

export function name(text: string): Bytes {
  return sized([UTF8.encode(text)]);
}

/** With their length before them. */
export function sized(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return concat([u32(lengthOf(parts)), ...parts]);
}

export function section(id: number, parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return concat([[id], sized(parts)]);
}

export function concat(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function lengthOf(parts: readonly Bytes[]): number {
  return parts.reduce((length, part) => length + part.length, 0);
}
