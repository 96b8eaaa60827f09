/** Globals that Workers has and Node has not. https://developers.cloudflare.com/workers/runtime-apis/streams/ */

export class IdentityTransformStream extends TransformStream<Uint8Array, Uint8Array> {}

/** A stream of so many bytes: more or fewer are an error. */
export class FixedLengthStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor(expectedLength: number | bigint) {
    const expected = Number(expectedLength);
    if (!Number.isSafeInteger(expected) || expected < 0)
      throw new TypeError('The length of a FixedLengthStream is a number of bytes, 0 or more.');
    let written = 0;
    super({
      transform(chunk, controller) {
        written += chunk.byteLength;
        if (written > expected) throw new TypeError(`Attempt to write ${written} bytes into a FixedLengthStream of ${expected}.`);
        controller.enqueue(chunk);
      },
      flush() {
        if (written < expected)
          throw new TypeError(`FixedLengthStream did not see all ${expected} bytes before close(): there were ${written}.`);
      },
    });
  }
}

/** `scheduler.wait()`: a timer that can be awaited, and aborted. */
export const scheduler = {
  wait(delay: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = () => {
        clearTimeout(timer);
        reject(signal!.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, delay);
      signal?.addEventListener('abort', abort, { once: true });
      return undefined;
    });
  },
};
