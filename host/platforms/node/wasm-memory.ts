import { concat } from '../../bytes.ts';

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65_536;
const MEMORY_SECTION = 5;
const HEADER = 8;

/**
 * A core module whose own memories grow to `most` bytes at most: their declared maximum is lowered, or put there, so that
 * `memory.grow` gives -1 beyond. What is no module, or has none, stays as it is, for the compiler to judge.
 *
 * @throws {RangeError} where a memory is larger from its beginning
 */
export function capMemories(bytes: Uint8Array<ArrayBuffer>, most: number): Uint8Array<ArrayBuffer> {
  const pages = Math.floor(most / PAGE);
  for (let at = HEADER; at < bytes.byteLength;) {
    const [size, start] = number(bytes, at + 1);
    if (start + size > bytes.byteLength) return bytes;
    if (bytes[at] === MEMORY_SECTION) {
      const section = capped(bytes.subarray(start, start + size), pages);
      const whole = [MEMORY_SECTION, ...encoded(section.length), ...section];
      return concat([bytes.subarray(0, at), new Uint8Array(whole), bytes.subarray(start + size)]);
    }
    at = start + size;
  }
  return bytes;
}

/** https://webassembly.github.io/spec/core/binary/modules.html#memory-section */
function capped(section: Uint8Array, pages: number): number[] {
  let [count, at] = number(section, 0);
  const out = [...encoded(count)];
  for (; count > 0; count--) {
    const flags = section[at]!;
    const [min, next] = number(section, at + 1);
    const [max, end] = (flags & 1) === 1 ? number(section, next) : [Infinity, next];
    if (min > pages)
      throw new RangeError(`its memory begins with ${min} pages of 64 KiB, more than the ${pages} that limits.memory_mb allows`);
    out.push(flags | 1, ...encoded(min), ...encoded(Math.min(max, pages)));
    at = end;
  }
  return out;
}

/** Unsigned LEB128: the number, and where the next byte is. Beyond the end there are zeros: the compiler refuses those. */
function number(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

function encoded(value: number): number[] {
  const out: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) out.push((value % 0x80) | 0x80);
  return [...out, value];
}
