import { latin1Text } from '../latin1.ts';
import { Trap } from '../trap.ts';
import type { GuestMemory } from './memory.ts';

/** The bit of a length in latin1+utf16 that says UTF-16. */
export const UTF16_TAG = 0x80000000;

const MAX_STRING_BYTES = 2 ** 28 - 1;
/** Up to here it takes longer to call a decoder than to read the bytes one by one (Node 26). */
const SHORT = 40;
/** How many characters `String.fromCharCode` gets at a time: engines bound the number of arguments. */
const CHUNK = 4096;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const { fromCharCode } = String;

export function readUtf8(memory: GuestMemory, pointer: number, bytes: number): string {
  check(memory, pointer, bytes, 1);
  const { u8 } = memory;
  if (bytes <= SHORT) {
    const value = readAscii(u8, pointer, bytes);
    if (value !== null) return value;
  }
  try {
    return decoder.decode(u8.subarray(pointer, pointer + bytes));
  } catch (error) {
    throw new Trap('A string of the guest is not valid UTF-8.', { cause: error });
  }
}

export function readUtf16(memory: GuestMemory, pointer: number, units: number): string {
  check(memory, pointer, units * 2, 2);
  const { view } = memory;
  const codes: number[] = [];
  let value = '';
  for (let at = 0; at < units; at += CHUNK) {
    const count = Math.min(CHUNK, units - at);
    codes.length = count;
    for (let unit = 0; unit < count; unit += 1) codes[unit] = view.getUint16(pointer + (at + unit) * 2, true);
    value += fromCharCode.apply(null, codes);
  }
  if (!value.isWellFormed()) throw new Trap('A string of the guest is not valid UTF-16.');
  return value;
}

export function readLatin1OrUtf16(memory: GuestMemory, pointer: number, tagged: number): string {
  if (tagged >= UTF16_TAG) return readUtf16(memory, pointer, tagged - UTF16_TAG);
  check(memory, pointer, tagged, 2);
  // A TextDecoder for latin1 is one for windows-1252.
  const { u8 } = memory;
  let value = '';
  for (let at = 0; at < tagged; at += CHUNK)
    value += fromCharCode.apply(null, u8.subarray(pointer + at, pointer + Math.min(at + CHUNK, tagged)) as unknown as number[]);
  return value;
}

/** Null where the bytes are more than ASCII. */
function readAscii(u8: Uint8Array, start: number, bytes: number): string | null {
  const end = start + bytes;
  let bits = 0;
  for (let at = start; at < end; at += 1) bits |= u8[at]!;
  return bits > 0x7f ? null : latin1Text(u8, start, end);
}

function check(memory: GuestMemory, pointer: number, bytes: number, align: number): void {
  if (bytes > MAX_STRING_BYTES) throw new Trap(`A string of the guest is longer than ${MAX_STRING_BYTES} bytes: ${bytes}.`);
  memory.check(pointer, bytes, align);
  memory.budget.spend(bytes);
}
