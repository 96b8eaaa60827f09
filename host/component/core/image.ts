import { BLOCK } from './reserved.ts';

/** What a memory holds, without the zeros. Its runs begin and end at multiples of BLOCK. */
export interface Image {
  /** Bytes of the memory. */
  readonly size: number;
  readonly runs: readonly Run[];
}

export interface Run {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Zeros that are rather copied than made a gap of: a run costs as much as this many bytes. */
const GAP = 4 * BLOCK;

const WORDS = BLOCK / 4;

export function imageOf(memory: ArrayBuffer): Image {
  const words = new Int32Array(memory);
  const runs: Run[] = [];
  const size = memory.byteLength;
  for (let start = nextUsed(words, 0); start < size;) {
    let end = start + BLOCK;
    let next = nextUsed(words, end);
    for (; next < size && next - end <= GAP; next = nextUsed(words, end)) end = next + BLOCK;
    runs.push({ start, end, bytes: new Uint8Array(memory.slice(start, end)) });
    start = next;
  }
  return { size, runs };
}

/** Whether the memory holds exactly what the image does. */
export function matches({ size, runs }: Image, memory: ArrayBuffer): boolean {
  if (memory.byteLength !== size) return false;
  const words = new Int32Array(memory);
  let at = 0;
  for (const { start, end, bytes } of runs) {
    if (nextUsed(words, at) < start) return false;
    const wanted = new Int32Array(bytes.buffer);
    const first = start / 4;
    for (let place = 0; place < wanted.length; place++) if (words[first + place] !== wanted[place]) return false;
    at = end;
  }
  return nextUsed(words, at) >= size;
}

/** @returns where the next block begins that holds anything but zeros; the memory's size where there is none */
function nextUsed(words: Int32Array, from: number): number {
  for (let block = from / 4; block < words.length; block += WORDS) {
    let bits = 0;
    for (let word = block; word < block + WORDS; word++) bits |= words[word]!;
    if (bits !== 0) return block * 4;
  }
  return words.length * 4;
}
