declare const IdentityTransformStream: new () => ReadableWritablePair<Uint8Array, Uint8Array>;

const Identity = IdentityTransformStream;
const NativeStream = ReadableStream;

/**
 * On its way out of an isolate, a stream that breaks may seem to have ended. So each of its chunks goes behind its length,
 * and a length of 0 says that the end is one.
 */
export function framed(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const frames = new NativeStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read();
        if (!done && value.byteLength === 0) continue;
        controller.enqueue(lengthOf(value));
        if (!done) return controller.enqueue(value);
        return controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  // Calls take streams of bytes alone, which one that JavaScript feeds is not.
  return frames.pipeThrough(new Identity());
}

/** What was framed. Whatever is no such thing breaks it. */
export function unframed(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const head = new Uint8Array(4);
  let filled = 0;
  let left = 0;
  let rest: Uint8Array = new Uint8Array();
  return new NativeStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        if (rest.byteLength === 0) {
          const { done, value } = await reader.read();
          if (done) throw new TypeError('The stream has broken off.');
          rest = value;
        }
        if (left > 0) {
          const piece = rest.subarray(0, left);
          left -= piece.byteLength;
          rest = rest.subarray(piece.byteLength);
          return controller.enqueue(piece);
        }
        const part = rest.subarray(0, 4 - filled);
        head.set(part, filled);
        filled += part.byteLength;
        rest = rest.subarray(part.byteLength);
        if (filled < 4) continue;
        filled = 0;
        left = new DataView(head.buffer).getUint32(0);
        if (left > 0) continue;
        await reader.cancel();
        return controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function lengthOf(bytes: Uint8Array | undefined): Uint8Array {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, bytes?.byteLength ?? 0);
  return head;
}
