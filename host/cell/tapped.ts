import type { BodyTap } from '../dispatch/cell.ts';

/** The same body, of which a tap is told as it passes: whoever reads it sets the pace. */
export function tapped(body: ReadableStream<Uint8Array>, tap: BodyTap): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) {
          tap.push(value);
          return controller.enqueue(value);
        }
        tap.end();
        controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Has a tap told of a stream that nobody else reads, for as long as it wants more. Never rejects. */
export async function poured(body: ReadableStream<Uint8Array>, tap: BodyTap): Promise<void> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return tap.end();
      if (!tap.push(value)) return await reader.cancel();
    }
  } catch {
    // It has broken off: there is no end to tell of.
  }
}
