import type { RowRule } from '../../../registry/change-rules.ts';

/**
 * What goes through the pipes of a database process: two parts, behind their lengths. A request is `Asked` and queries, an
 * answer is `ok`, `told`, `failed` or `unavailable`, and the results or a message. `told`: its outbox has something.
 */
export interface Frame {
  readonly head: string;
  readonly body: Uint8Array;
}

/** The head of a request, as JSON. */
export interface Asked {
  /** Of the database. */
  readonly path: string;
  /** Who is told of what the queries change; where it is not there, nobody is and nobody was. */
  readonly rules?: readonly RowRule[];
  /** Something else than queries: its answer is JSON. */
  readonly outbox?: OutboxCall;
}

export type OutboxCall =
  | { readonly what: 'queues' }
  | { readonly what: 'first'; readonly queue: string; readonly limit: number }
  | { readonly what: 'remove'; readonly queue: string; readonly seqs: readonly number[] };

interface Sink {
  write(bytes: Uint8Array): unknown;
  cork(): void;
  uncork(): void;
}

const PREFIX = 8;

export function writeFrame(sink: Sink, { head, body }: Frame): void {
  const first = Buffer.from(head);
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32LE(first.byteLength, 0);
  prefix.writeUInt32LE(body.byteLength, 4);
  sink.cork();
  for (const part of [prefix, first, body]) sink.write(part);
  sink.uncork();
}

/** Puts together what comes through a pipe. The other side sends a frame only when this one has answered the last. */
export class FrameReader {
  #parts: Buffer[] = [];
  #size = 0;

  /** The frame that is whole with these bytes, in memory of its own. */
  push(bytes: Buffer): Frame | undefined {
    this.#parts.push(bytes);
    this.#size += bytes.byteLength;
    if (this.#size < PREFIX) return undefined;
    if (this.#parts[0]!.byteLength < PREFIX) this.#parts = [Buffer.concat(this.#parts)];
    const start = PREFIX + this.#parts[0]!.readUInt32LE(0);
    if (this.#size < start + this.#parts[0]!.readUInt32LE(4)) return undefined;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return { head: whole.toString('utf8', PREFIX, start), body: new Uint8Array(whole.subarray(start)) };
  }
}
