import { PIECE_BITS, marksName } from './reserved.ts';

/** Marks what the host writes to a memory of a guest, as the guest's own instructions are marked. */
export class HostMarks {
  readonly #pieces: Uint8Array;

  constructor(marks: WebAssembly.Memory) {
    this.#pieces = new Uint8Array(marks.buffer);
  }

  /** @param bytes at least one */
  set(at: number, bytes: number): void {
    const first = at >>> PIECE_BITS;
    const last = (at + bytes - 1) >>> PIECE_BITS;
    this.#pieces[first] = 1;
    if (last > first) this.#pieces.fill(1, first + 1, last + 1);
  }
}

/** Of the memory that an instance exports by this name; null where its module was made without. */
export function hostMarksOf(exports: WebAssembly.Exports, name: string): HostMarks | null {
  const marks = exports[marksName(name)];
  return marks instanceof WebAssembly.Memory ? new HostMarks(marks) : null;
}
