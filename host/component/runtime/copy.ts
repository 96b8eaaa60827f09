import type { Codec } from '../abi/codec.ts';
import type { GuestMemory } from '../abi/memory.ts';
import type { Chunk } from '../host.ts';
import { Trap } from '../trap.ts';
import { Waitable } from './waitable.ts';

/** How a copy ended, as guests get it. */
export const COPY = { completed: 0, dropped: 1, cancelled: 2 } as const;
/** What a built-in returns that could not end at once. */
export const BLOCKED = -1;

const MAX_LENGTH = 2 ** 28 - 1;

/** A guest's piece of memory that a stream or future reads into or writes from. */
export class GuestBuffer {
  readonly #codec: Codec | null;
  readonly #memory: GuestMemory | null;
  readonly #pointer: number;
  readonly length: number;
  progress = 0;

  /** @param codec of one item; null where items have no value */
  constructor(codec: Codec | null, memory: GuestMemory | null, pointer: number, length: number) {
    if (length > MAX_LENGTH) throw new Trap(`A stream copies at most ${MAX_LENGTH} items at a time, and not ${length}.`);
    this.#codec = codec;
    this.#memory = memory;
    this.#pointer = codec !== null && length > 0 ? memory!.check(pointer, length * codec.size, codec.align) : 0;
    this.length = length;
  }

  get remaining(): number {
    return this.length - this.progress;
  }

  /** Takes up to `remaining` items of a chunk, from `at` on. Returns how many. */
  fill(chunk: Chunk, at: number): number {
    const count = Math.min(this.remaining, chunk.length - at);
    const start = this.#at();
    if (chunk instanceof Uint8Array) {
      this.#memory!.u8.set(at === 0 && count === chunk.length ? chunk : chunk.subarray(at, at + count), start);
    } else if (this.#codec !== null) {
      for (let item = 0; item < count; item += 1) this.#codec.store(start + item * this.#codec.size, chunk[at + item]);
    }
    this.progress += count;
    return count;
  }

  /** Takes `count` items out, copied. */
  drain(count: number, bytes: boolean): Chunk {
    const start = this.#at();
    this.progress += count;
    if (bytes) return this.#memory!.copy(start, count);
    const codec = this.#codec;
    const items: unknown[] = [];
    for (let item = 0; item < count; item += 1) items.push(codec === null ? undefined : codec.load(start + item * codec.size));
    return items;
  }

  /** Takes one item out. */
  take(): unknown {
    const start = this.#at();
    this.progress += 1;
    return this.#codec === null ? undefined : this.#codec.load(start);
  }

  /** Moves items straight from one memory into another, where they are numbers. */
  copyTo(target: GuestBuffer, count: number): void {
    const size = this.#codec?.size ?? 0;
    if (size > 0) {
      const from = this.#memory!;
      const to = target.#memory!;
      to.u8.set(from.u8.subarray(this.#at(), this.#at() + count * size), target.#at());
    }
    this.progress += count;
    target.progress += count;
  }

  #at(): number {
    return this.#pointer + this.progress * (this.#codec?.size ?? 0);
  }
}

/** A guest's end of a stream or a future. */
export class CopyEnd extends Waitable {
  readonly shared: Copied;
  readonly event: number;
  readonly writable: boolean;
  /** The instance of a component that holds the end. */
  readonly component: number;
  state: 'idle' | 'copying' | 'cancelling' | 'done' = 'idle';
  buffer: GuestBuffer | null = null;
  #result = 0;

  constructor(shared: Copied, event: number, writable: boolean, component: number) {
    super();
    this.shared = shared;
    this.event = event;
    this.writable = writable;
    this.component = component;
  }

  /** The copy is over, or has come on (`completed`, with the buffer left in place until the guest sees it). */
  finish(result: number): void {
    this.#result = result;
    this.notify();
  }

  override take(): number {
    this.pending = false;
    this.shared.reclaim(this);
    const { progress } = this.buffer!;
    this.buffer = null;
    this.state = this.#result === COPY.dropped || (this.shared.single && this.#result === COPY.completed) ? 'done' : 'idle';
    return this.shared.single ? this.#result : (this.#result | (progress << 4)) >>> 0;
  }
}

/** What the two ends of a stream or a future share. */
export abstract class Copied {
  /** Carries one value, and is done with it. */
  abstract readonly single: boolean;
  readonly element: number | null;
  /** One of the ends is gone. */
  protected dropped = false;
  /** A guest's end whose buffer waits here for the other: a reader's or a writer's. */
  protected pending: CopyEnd | null = null;

  constructor(element: number | null) {
    this.element = element;
  }

  abstract read(end: CopyEnd): void;
  abstract write(end: CopyEnd): void;
  /** An end is gone. */
  abstract dropEnd(end: CopyEnd): void;
  /** A guest's instance is gone, and its end with it. */
  abstract abandon(): void;

  /** An end wants its buffer back. */
  cancelCopy(end: CopyEnd): void {
    // One that is full is done, whether its guest has seen that or not.
    if (this.pending !== end || (end.pending && end.buffer!.remaining === 0)) return;
    this.pending = null;
    end.finish(COPY.cancelled);
  }

  /** An end's event is taken: its buffer is not used any more. */
  reclaim(end: CopyEnd): void {
    if (this.pending === end) this.pending = null;
  }

  protected drop(): void {
    if (this.dropped) return;
    this.dropped = true;
    const { pending } = this;
    this.pending = null;
    pending?.finish(COPY.dropped);
  }

  /** Moves items from one guest to another: numbers as they are, all else lifted and lowered. */
  protected transfer(writer: CopyEnd, reader: CopyEnd, count: number, plain: boolean): void {
    if (plain) writer.buffer!.copyTo(reader.buffer!, count);
    else if (writer.component === reader.component)
      throw new Trap(
        this.single
          ? 'A component read from itself a future whose value is more than a number.'
          : 'A component read from itself a stream whose items are more than numbers.',
      );
    else reader.buffer!.fill(writer.buffer!.drain(count, false), 0);
  }
}
