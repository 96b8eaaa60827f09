import type { Pending } from '../host.ts';
import { Trap } from '../trap.ts';
import { COPY, Copied, type CopyEnd } from './copy.ts';

/** One value between two ends, each a guest's or the host's. To the host it is a `Pending`. */
export class Future extends Copied implements Pending {
  readonly single = true;
  readonly #plain: boolean;
  #host: Pending | null;
  #value: { readonly value: unknown } | null = null;
  #want: { readonly done: (value: unknown) => void; readonly dropped: (() => void) | undefined } | null = null;

  /** @param plain whether the value is a number, or there is none */
  constructor(element: number | null, plain: boolean, host: Pending | null) {
    super(element);
    this.#plain = plain;
    this.#host = host;
  }

  read(done: CopyEnd | ((value: unknown) => void), dropped?: () => void): void {
    if (typeof done !== 'function') this.#guestReads(done);
    else if (this.#host !== null) this.#host.read(done, dropped);
    else this.#hostReads(done, dropped);
  }

  cancel(): void {
    this.#want = null;
    this.#host?.cancel();
    this.drop();
  }

  /** The writer's instance is gone, and the value will never come. */
  abandon(): void {
    const want = this.#want;
    this.cancel();
    want?.dropped?.();
  }

  write(end: CopyEnd): void {
    if (this.dropped) {
      end.finish(COPY.dropped);
    } else if (this.#want !== null) {
      const { done } = this.#want;
      this.#want = null;
      const value = end.buffer!.take();
      end.finish(COPY.completed);
      done(value);
    } else if (this.pending === null) {
      this.pending = end;
    } else {
      this.#meet(end, this.pending);
    }
  }

  dropEnd(end: CopyEnd): void {
    if (end.writable) {
      if (end.state !== 'done') throw new Trap('The writable end of a future was dropped before its value was written.');
      return;
    }
    this.#host?.cancel();
    this.drop();
  }

  #hostReads(done: (value: unknown) => void, dropped: (() => void) | undefined): void {
    const writer = this.pending;
    if (writer === null) {
      this.#want = { done, dropped };
      return;
    }
    this.pending = null;
    const value = writer.buffer!.take();
    writer.finish(COPY.completed);
    done(value);
  }

  #guestReads(end: CopyEnd): void {
    if (this.#value !== null) {
      this.#serve(end, this.#value.value);
    } else if (this.#host !== null) {
      this.pending = end;
      const host = this.#host;
      this.#host = null;
      host.read((value) => {
        this.#value = { value };
        const reader = this.pending;
        if (reader === null) return;
        this.pending = null;
        this.#serve(reader, value);
      });
    } else if (this.pending === null) {
      this.pending = end;
    } else {
      this.#meet(this.pending, end);
    }
  }

  #serve(reader: CopyEnd, value: unknown): void {
    reader.buffer!.fill([value], 0);
    reader.finish(COPY.completed);
  }

  #meet(writer: CopyEnd, reader: CopyEnd): void {
    this.pending = null;
    this.transfer(writer, reader, 1, this.#plain);
    writer.finish(COPY.completed);
    reader.finish(COPY.completed);
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
