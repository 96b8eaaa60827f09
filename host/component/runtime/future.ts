import type { Pending } from '../host.ts';
import { Trap } from '../trap.ts';
import { COPY, type Copied, type CopyEnd } from './copy.ts';

type End = CopyEnd<Copied>;

/** One value between two ends, each a guest's or the host's. To the host it is a `Pending`. */
export class Future implements Copied, Pending {
  readonly single = true;
  readonly element: number | null;
  readonly #plain: boolean;
  #dropped = false;
  #pending: End | null = null;
  #host: Pending | null;
  #value: { readonly value: unknown } | null = null;
  #want: { readonly done: (value: unknown) => void; readonly dropped: (() => void) | undefined } | null = null;

  /** @param plain whether the value is a number, or there is none */
  constructor(element: number | null, plain: boolean, host: Pending | null) {
    this.element = element;
    this.#plain = plain;
    this.#host = host;
  }

  read(done: End | ((value: unknown) => void), dropped?: () => void): void {
    if (typeof done !== 'function') this.#guestReads(done);
    else if (this.#host !== null) this.#host.read(done, dropped);
    else this.#hostReads(done, dropped);
  }

  cancel(): void {
    this.#want = null;
    this.#host?.cancel();
    this.#drop();
  }

  /** The writer's instance is gone, and the value will never come. */
  abandon(): void {
    const want = this.#want;
    this.cancel();
    want?.dropped?.();
  }

  write(end: End): void {
    if (this.#dropped) {
      end.finish(COPY.dropped);
    } else if (this.#want !== null) {
      const { done } = this.#want;
      this.#want = null;
      const [value] = end.buffer!.drain(1, false);
      end.finish(COPY.completed);
      done(value);
    } else if (this.#pending === null) {
      this.#pending = end;
    } else {
      this.#meet(end, this.#pending);
    }
  }

  cancelCopy(end: End): void {
    // One that is full is done, whether its guest has seen that or not.
    if (this.#pending !== end || (end.pending && end.buffer!.remaining === 0)) return;
    this.#pending = null;
    end.finish(COPY.cancelled);
  }

  reclaim(end: End): void {
    if (this.#pending === end) this.#pending = null;
  }

  dropEnd(end: End): void {
    if (end.writable) {
      if (end.state !== 'done') throw new Trap('The writable end of a future was dropped before its value was written.');
      return;
    }
    this.#host?.cancel();
    this.#drop();
  }

  #hostReads(done: (value: unknown) => void, dropped: (() => void) | undefined): void {
    const writer = this.#pending;
    if (writer === null) {
      this.#want = { done, dropped };
      return;
    }
    this.#pending = null;
    const [value] = writer.buffer!.drain(1, false);
    writer.finish(COPY.completed);
    done(value);
  }

  #guestReads(end: End): void {
    if (this.#value !== null) {
      this.#serve(end, this.#value.value);
    } else if (this.#host !== null) {
      this.#pending = end;
      const host = this.#host;
      this.#host = null;
      host.read((value) => {
        this.#value = { value };
        const reader = this.#pending;
        if (reader === null) return;
        this.#pending = null;
        this.#serve(reader, value);
      });
    } else if (this.#pending === null) {
      this.#pending = end;
    } else {
      this.#meet(this.#pending, end);
    }
  }

  #serve(reader: End, value: unknown): void {
    reader.buffer!.fill([value], 0);
    reader.finish(COPY.completed);
  }

  #meet(writer: End, reader: End): void {
    this.#pending = null;
    if (this.#plain) writer.buffer!.copyTo(reader.buffer!, 1);
    else if (writer.component === reader.component)
      throw new Trap('A component read from itself a future whose value is more than a number.');
    else reader.buffer!.fill(writer.buffer!.drain(1, false), 0);
    writer.finish(COPY.completed);
    reader.finish(COPY.completed);
  }

  #drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    const pending = this.#pending;
    this.#pending = null;
    pending?.finish(COPY.dropped);
  }
}

export function pendingOf(promise: Promise<unknown>): Pending {
  return {
    read(done, dropped) {
      promise.then(done, () => dropped?.());
    },
    cancel() {},
  };
}
