/** In pieces, so that who reads slowly is not handed all of it at once. */
export function streamOf(bytes: Uint8Array, piece = 64 * 1024): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (at < bytes.byteLength) controller.enqueue(new Uint8Array(bytes.subarray(at, (at += piece))));
      if (at >= bytes.byteLength) {
        controller.close();
        controller.byobRequest?.respond(0);
      }
    },
  });
}
