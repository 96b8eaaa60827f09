import { concat } from '../../bytes.ts';
import { changes, type Changes } from './changes.ts';

/**
 * `asking`: nothing has come. `coming`: the head is there, and the body comes. `whole`: all is there. `alone`: what came
 * is for the one who asked. `broken`: the body has ended too early.
 */
export type FillState = 'asking' | 'coming' | 'whole' | 'alone' | 'broken';

export interface FillOptions<Head, Result> {
  /** Bytes that are kept. */
  readonly most: number;
  /** Whether requests cannot wait for each other's promises. */
  readonly apart: boolean;
  /** Called with the whole body, where it is not too large. */
  readonly filled: (head: Head, body: Uint8Array<ArrayBuffer>) => Result;
}

/** One call of a function that several requests wait for. Its body is read once, and each of them gets all of it. */
export class Fill<Head, Result> {
  readonly #options: FillOptions<Head, Result>;
  readonly #changes: Changes;
  readonly #readers = new Set<{ at: number }>();
  #state: FillState = 'asking';
  #head: Head | null = null;
  #chunks: Uint8Array[] = [];
  /** Of those that are not there any more. */
  #dropped = 0;
  #size = 0;
  #source: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #measured = false;
  #result: Result | null = null;
  /** Who waits besides the one that has asked. */
  followers = 0;

  constructor(options: FillOptions<Head, Result>) {
    this.#options = options;
    this.#changes = changes(options.apart);
  }

  get state(): FillState {
    return this.#state;
  }

  get head(): Head | null {
    return this.#head;
  }

  /** What all of them can be answered with; null where nothing was kept. */
  get result(): Result | null {
    return this.#result;
  }

  /** Whether there is more than is kept, so that nobody can join in. */
  get large(): boolean {
    return this.#dropped > 0 || this.#size > this.#options.most;
  }

  wait(): Promise<void> {
    return this.#changes.wait();
  }

  /** What came is not for others. */
  leave(): void {
    this.#become('alone');
  }

  /** All is there. */
  complete(result: Result): void {
    this.#result = result;
    this.#become('whole');
  }

  /** There is nothing, and will be nothing. */
  fail(): void {
    this.#become('broken');
  }

  /** Reads a body to its end, or until nobody wants what cannot be kept. @param measured whether it says how long it is */
  async run(head: Head, body: ReadableStream<Uint8Array>, measured: boolean): Promise<void> {
    this.#head = head;
    this.#measured = measured;
    this.#source = body.getReader();
    this.#become('coming');
    try {
      for (;;) {
        const { done, value } = await this.#source.read();
        if (done) break;
        if (this.#state !== 'coming') return await this.#abandon();
        this.#chunks.push(value);
        this.#size += value.byteLength;
        this.#changes.tell();
        while (this.large && !this.#trim()) {
          if (this.#readers.size === 0) return await this.#abandon();
          await this.#changes.wait();
        }
      }
      if (!this.large) this.#result = this.#options.filled(head, concat(this.#chunks));
      this.#become('whole');
    } catch {
      this.#become('broken');
    }
  }

  /** All of the body, from its beginning. */
  stream(): ReadableStream<Uint8Array> {
    const reader = { at: 0 };
    this.#readers.add(reader);
    const leave = () => {
      this.#readers.delete(reader);
      this.#changes.tell();
      // It may have no end, and nobody waits for it.
      if (this.#readers.size === 0 && this.#state === 'coming' && !this.#measured) void this.#abandon();
    };
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const began = performance.now();
          while (reader.at - this.#dropped >= this.#chunks.length && this.#state === 'coming') {
            await this.#changes.wait();
            // Of a request that has ended elsewhere nobody tells.
            if (this.#options.apart && performance.now() - began > STALLED) this.#state = 'broken';
          }
          const chunk = this.#chunks[reader.at - this.#dropped];
          if (chunk !== undefined) {
            reader.at++;
            controller.enqueue(chunk);
            this.#changes.tell();
            return;
          }
          leave();
          if (this.#state === 'broken') controller.error(new Error('The response of the function has ended too early.'));
          else controller.close();
        },
        cancel: leave,
      },
      { highWaterMark: 0 },
    );
  }

  /** Where it is too large to be kept, what all have read goes. Says whether there is room for more. */
  #trim(): boolean {
    const slowest = Math.min(...Array.from(this.#readers, ({ at }) => at)) - this.#dropped;
    if (Number.isFinite(slowest) && slowest > 0) {
      this.#chunks.splice(0, slowest);
      this.#dropped += slowest;
    }
    return this.#readers.size > 0 && this.#chunks.length < MOST_AHEAD;
  }

  async #abandon(): Promise<void> {
    this.#become('broken');
    try {
      await this.#source?.cancel();
    } catch {
      // On workerd it is that of another request, which sees by itself that nobody reads.
    }
  }

  #become(state: FillState): void {
    this.#state = state;
    this.#changes.tell();
  }
}

/** In ms. */
const STALLED = 60_000;
/** Chunks that the slowest may be behind, of a body that is not kept. */
const MOST_AHEAD = 16;
