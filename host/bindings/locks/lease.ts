import type { Claim } from './record.ts';

/** What became of a claim when it was made. */
export type Answer = { readonly fence: number } | { readonly waiting: true };

const utf8 = new TextEncoder();

/**
 * A claim that someone on this host has, from the moment that it is asked for. Its stream says what becomes of it, in
 * lines, and lives as long as it does: `granted 42` where it had to wait, `lost` with a reason where it ends without
 * having been released.
 */
export class Lease {
  readonly claim: Claim;
  readonly stream: ReadableStream<Uint8Array>;
  /** Until when it is certain: as it was last written. */
  expires: number;
  /** Whether the store has it. */
  entered = false;
  #fence: number | undefined;
  #answered = false;
  #controller: ReadableByteStreamController | undefined;

  /** @param left is called where the holder wants it no more, or has gone */
  constructor(claim: Claim, left: () => void) {
    this.claim = claim;
    this.expires = claim.expires;
    this.stream = new ReadableStream({
      type: 'bytes',
      start: (controller) => void (this.#controller = controller),
      cancel: () => {
        this.#controller = undefined;
        left();
      },
    });
  }

  get granted(): boolean {
    return this.#fence !== undefined;
  }

  /** As it is now; the stream tells of what comes later. */
  answer(): Answer {
    this.#answered = true;
    return this.#fence === undefined ? { waiting: true } : { fence: this.#fence };
  }

  grant(fence: number): void {
    if (this.#fence !== undefined) return;
    this.#fence = fence;
    if (this.#answered) this.#say(`granted ${fence}`);
  }

  lose(reason: string): void {
    this.#say(`lost ${reason}`);
    this.end();
  }

  end(): void {
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.close();
  }

  #say(line: string): void {
    this.#controller?.enqueue(utf8.encode(`${line}\n`));
  }
}
