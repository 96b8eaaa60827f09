/** What a memory holds, without the zeros at its end. */
export interface Image {
  /** Bytes of the memory. */
  readonly size: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function imageOf(memory: ArrayBuffer): Image {
  return { size: memory.byteLength, bytes: new Uint8Array(memory.slice(0, usedOf(memory))) };
}

/** Whether the memory holds exactly what the image does. */
export function matches({ size, bytes }: Image, memory: ArrayBuffer): boolean {
  if (memory.byteLength !== size || usedOf(memory) !== bytes.length) return false;
  const words = new Int32Array(memory, 0, bytes.length / 4);
  const wanted = new Int32Array(bytes.buffer);
  for (let word = 0; word < wanted.length; word++) if (words[word] !== wanted[word]) return false;
  return true;
}

/** @returns bytes up to the last that is not zero, as a multiple of 4 */
function usedOf(memory: ArrayBuffer): number {
  const words = new Int32Array(memory);
  let used = words.length;
  while (used > 0 && words[used - 1] === 0) used--;
  return used * 4;
}
