import { Trap } from '../trap.ts';
import { LiftBudget } from './lift-budget.ts';

/** Up to here it takes longer to call `slice` than to copy the bytes one by one (Node 26). */
const SHORT = 64;

/** Told of what the host may write to a memory. */
export interface WriteMarks {
  set(at: number, bytes: number): void;
}

/** A guest's memory. The guest may grow it whenever it runs, which detaches what was taken from here before. */
export class GuestMemory {
  readonly memory: WebAssembly.Memory;
  readonly budget = new LiftBudget();
  readonly #marks: WriteMarks | null;
  #u8: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;

  /** @param marks null where nobody wants to know what is written */
  constructor(memory: WebAssembly.Memory, marks: WriteMarks | null = null) {
    this.memory = memory;
    this.#marks = marks;
    const buffer = memory.buffer as ArrayBuffer;
    this.#u8 = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** All of it, as it is until the guest runs again. */
  get u8(): Uint8Array<ArrayBuffer> {
    this.refresh();
    return this.#u8;
  }

  /** All of it, as it is until the guest runs again. */
  get view(): DataView<ArrayBuffer> {
    this.refresh();
    return this.#view;
  }

  /** Replaces the views where the memory has grown. */
  refresh(): void {
    // A view of a detached buffer has no length. To ask the memory itself would cost a call.
    if (this.#u8.length === 0) this.#reread();
  }

  /**
   * Checks that a piece of memory is there. It counts as written to: what the host writes is checked before.
   *
   * @param pointer as the guest gave it: what core wasm passes as i32 may come signed
   * @returns the pointer, unsigned
   * @throws {Trap} when it is out of range or not aligned
   */
  check(pointer: number, bytes: number, align: number): number {
    const at = pointer >>> 0;
    const { length } = this.u8;
    if ((at & (align - 1)) !== 0) throw new Trap(`A pointer of the guest is not aligned: ${at} is no multiple of ${align}.`);
    if (at + bytes > length) throw new Trap(`A pointer of the guest is out of range: ${bytes} bytes at ${at} of a memory of ${length}.`);
    if (this.#marks !== null && bytes > 0) this.#marks.set(at, bytes);
    return at;
  }

  /** A copy of a piece that has been checked. */
  copy(at: number, bytes: number): Uint8Array<ArrayBuffer> {
    const { u8 } = this;
    if (bytes > SHORT) return u8.slice(at, at + bytes);
    const copy = new Uint8Array(bytes);
    for (let index = 0; index < bytes; index += 1) copy[index] = u8[at + index]!;
    return copy;
  }

  #reread(): void {
    const buffer = this.memory.buffer as ArrayBuffer;
    this.#u8 = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
