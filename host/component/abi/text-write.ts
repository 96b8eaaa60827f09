import { allocate, type AbiTarget } from './target.ts';
import { UTF16_TAG } from './text-read.ts';

/** Up to here it takes longer to call an encoder than to write the bytes one by one (Node 26). */
const SHORT = 20;

const encoder = new TextEncoder();
/** Where strings are encoded whose length in UTF-8 is yet to be found. Nothing is read here but what was just written. */
const scratch = new Uint8Array(16_384);

/** Where a string was last written; lasts until the next. */
const written = { pointer: 0, units: 0 };

export interface Written {
  readonly pointer: number;
  /** The length as the guest gets it. */
  readonly units: number;
}

/** Lone surrogates become U+FFFD, as everywhere below. */
export function writeUtf8(target: AbiTarget, value: string): Written {
  const { length } = value;
  if (length <= SHORT && isAscii(value)) {
    const pointer = allocate(target, 1, length);
    const { u8 } = target.memory!;
    for (let at = 0; at < length; at += 1) u8[pointer + at] = value.charCodeAt(at);
    return end(pointer, length);
  }
  const bytes = length * 3 <= scratch.length ? scratch.subarray(0, encoder.encodeInto(value, scratch).written) : encoder.encode(value);
  const pointer = allocate(target, 1, bytes.length);
  target.memory!.u8.set(bytes, pointer);
  return end(pointer, bytes.length);
}

export function writeUtf16(target: AbiTarget, value: string): Written {
  const wellFormed = value.toWellFormed();
  const { length } = wellFormed;
  const pointer = allocate(target, 2, length * 2);
  const { view } = target.memory!;
  for (let at = 0; at < length; at += 1) view.setUint16(pointer + at * 2, wellFormed.charCodeAt(at), true);
  return end(pointer, length);
}

export function writeLatin1OrUtf16(target: AbiTarget, value: string): Written {
  const { length } = value;
  for (let at = 0; at < length; at += 1)
    if (value.charCodeAt(at) > 0xff) {
      const { pointer } = writeUtf16(target, value);
      return end(pointer, length + UTF16_TAG);
    }
  const pointer = allocate(target, 2, length);
  const { u8 } = target.memory!;
  for (let at = 0; at < length; at += 1) u8[pointer + at] = value.charCodeAt(at);
  return end(pointer, length);
}

function isAscii(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) if (value.charCodeAt(at) > 0x7f) return false;
  return true;
}

function end(pointer: number, units: number): Written {
  written.pointer = pointer;
  written.units = units;
  return written;
}
