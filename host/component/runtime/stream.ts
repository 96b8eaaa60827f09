import type { Chunk, Source } from '../host.ts';
import type { Plan } from '../plan.ts';
import { COPY, Copied, type CopyEnd, type GuestBuffer } from './copy.ts';

/** What items are to a stream: bytes and other numbers move as they are, all else is lifted and lowered one by one. */
export type ElementKind = 'bytes' | 'plain' | 'values';

/** The host takes so many bytes at once: a guest that offers more waits until these have been used. */
const MAX_READ = 1024 * 1024;
const NUMBERS: ReadonlySet<string> = new Set(['s8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'f32', 'f64']);

/** @param element the type of an item; null where items have no value */
export function elementKind({ types }: Plan, element: number | null): ElementKind {
  if (element === null) return 'plain';
  const { kind } = types[element]!;
  return kind === 'u8' ? 'bytes' : NUMBERS.has(kind) ? 'plain' : 'values';
}

/**
 * A stream between two ends, each a guest's or the host's. A guest's buffer that waits here is either a reader's or a
 * writer's, never both. To the host the stream is a `Source`.
 */
export class Stream extends Copied implements Source {
  readonly single = false;
  readonly #kind: ElementKind;
  #want: ((chunk: Chunk | null) => void) | null = null;
  readonly #host: HostWriter | null;

  /** @param source who writes, where that is the host */
  constructor(element: number | null, kind: ElementKind, source: Source | null) {
    super(element);
    this.#kind = kind;
    this.#host = source === null ? null : new HostWriter(source, () => this.#arrived());
  }

  /** The host's own source, where it writes and nothing has been read of it: it goes back to the host as it came. */
  get untouched(): Source | null {
    return this.#host !== null && !this.#host.used ? this.#host.source : null;
  }

  // --- the host reads

  read(done: CopyEnd | ((chunk: Chunk | null) => void)): void {
    if (typeof done !== 'function') this.#guestReads(done);
    else if (this.#host !== null) this.#host.read(done);
    else this.#hostReads(done);
  }

  cancel(): void {
    this.#want = null;
    this.#host?.cancel();
    this.drop();
  }

  abandon(): void {
    const want = this.#want;
    this.cancel();
    want?.(null);
  }

  #hostReads(done: (chunk: Chunk | null) => void): void {
    const writer = this.pending;
    if (writer !== null) {
      const { remaining } = writer.buffer!;
      this.pending = null;
      if (remaining > 0) {
        const chunk = this.#drain(writer.buffer!);
        writer.finish(COPY.completed);
        done(chunk);
        return;
      }
      writer.finish(COPY.completed);
    }
    if (this.dropped) done(null);
    else this.#want = done;
  }

  #drain(buffer: GuestBuffer): Chunk {
    if (this.#kind !== 'bytes') return buffer.drain(buffer.remaining, false);
    return buffer.drain(Math.min(buffer.remaining, MAX_READ), true);
  }

  // --- guests

  write(end: CopyEnd): void {
    const buffer = end.buffer!;
    if (this.dropped) {
      end.finish(COPY.dropped);
    } else if (this.#want !== null) {
      end.finish(COPY.completed);
      if (buffer.remaining === 0) return;
      const want = this.#want;
      this.#want = null;
      want(this.#drain(buffer));
    } else if (this.pending === null) {
      this.pending = end;
    } else {
      this.#meet(end, end, this.pending);
    }
  }

  dropEnd(end: CopyEnd): void {
    if (end.writable) {
      const want = this.#want;
      this.#want = null;
      this.drop();
      want?.(null);
    } else {
      this.#host?.cancel();
      this.drop();
    }
  }

  #guestReads(end: CopyEnd): void {
    const host = this.#host;
    if (host !== null) {
      if (host.ready) this.#serve(host, end);
      else {
        this.pending = end;
        host.pull();
      }
    } else if (this.dropped) {
      end.finish(COPY.dropped);
    } else if (this.pending === null) {
      this.pending = end;
    } else {
      this.#meet(end, this.pending, end);
    }
  }

  /** Both ends are a guest's: `end` has come, the other has waited. */
  #meet(end: CopyEnd, writer: CopyEnd, reader: CopyEnd): void {
    const waited = end === writer ? reader : writer;
    const from = writer.buffer!;
    const to = reader.buffer!;
    if (waited.buffer!.remaining > 0) {
      if (end.buffer!.remaining > 0) {
        this.transfer(writer, reader, Math.min(from.remaining, to.remaining), this.#kind !== 'values');
        waited.finish(COPY.completed);
      }
      end.finish(COPY.completed);
    } else if (end === writer && from.length === 0 && to.length === 0) {
      end.finish(COPY.completed);
    } else {
      this.pending = end;
      waited.finish(COPY.completed);
    }
  }

  #arrived(): void {
    const reader = this.pending;
    if (reader === null) return;
    this.pending = null;
    this.#serve(this.#host!, reader);
  }

  #serve(host: HostWriter, reader: CopyEnd): void {
    reader.finish(host.fill(reader) ? COPY.completed : COPY.dropped);
  }
}

/** The host's side of a stream that a guest reads: asks for a chunk when one is wanted, and keeps what is left of it. */
class HostWriter {
  readonly source: Source;
  used = false;
  #rest: Chunk | null = null;
  #at = 0;
  #ended = false;
  #pulling = false;
  readonly #arrived: () => void;

  constructor(source: Source, arrived: () => void) {
    this.source = source;
    this.#arrived = arrived;
  }

  get ready(): boolean {
    return this.#rest !== null || this.#ended;
  }

  pull(): void {
    if (this.#pulling) return;
    this.#pulling = true;
    this.used = true;
    this.source.read((chunk) => {
      this.#pulling = false;
      if (chunk !== null && chunk.length === 0) return this.pull();
      this.#rest = chunk;
      this.#at = 0;
      this.#ended = chunk === null;
      this.#arrived();
    });
  }

  /** False at the end. */
  fill(reader: CopyEnd): boolean {
    if (this.#rest === null) return false;
    this.#at += reader.buffer!.fill(this.#rest, this.#at);
    if (this.#at === this.#rest.length) this.#rest = null;
    return true;
  }

  /** The host reads what it, or another part of it, writes. */
  read(done: (chunk: Chunk | null) => void): void {
    const rest = this.#rest;
    if (rest === null) {
      if (this.#ended) done(null);
      else this.source.read(done);
      return;
    }
    this.#rest = null;
    done(this.#at === 0 ? rest : rest instanceof Uint8Array ? rest.subarray(this.#at) : rest.slice(this.#at));
  }

  cancel(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.source.cancel();
  }
}

/** A web stream as a source. One that fails ends early; what carries the trailers or the outcome says why. */
export function sourceOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Source {
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | null = null;
  return {
    read(done) {
      reader ??= stream.getReader();
      reader.read().then(
        ({ value }) => done(value ?? null),
        () => done(null),
      );
    },
    cancel() {
      (reader ?? stream).cancel().catch(() => undefined);
    },
  };
}
