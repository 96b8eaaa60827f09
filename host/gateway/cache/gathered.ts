import { concat } from '../../bytes.ts';
import type { Whole } from './messages.ts';

/** In ms: what takes longer is meant to come in pieces, and goes on without an ETag. */
const PATIENCE = 50;

/** The body as a whole, or where it is too large or too slow, as it came and comes. */
export async function gathered(body: ReadableStream<Uint8Array>, most: number): Promise<Whole | ReadableStream<Uint8Array>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, PATIENCE, 'late')));
  try {
    for (;;) {
      const read = reader.read();
      const first = await Promise.race([read, late]);
      if (first === 'late') return resumed(reader, chunks, read);
      if (first.done) return concat(chunks);
      chunks.push(first.value);
      size += first.value.byteLength;
      if (size > most) return resumed(reader, chunks, null);
    }
  } finally {
    clearTimeout(timer);
  }
}

type Read = ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>;

/** @param pending what has been asked for already */
function resumed(reader: ReadableStreamDefaultReader<Uint8Array>, chunks: Uint8Array[], pending: Read | null): ReadableStream<Uint8Array> {
  let next = pending;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = chunks.shift();
        if (chunk !== undefined) return controller.enqueue(chunk);
        const read = next ?? reader.read();
        next = null;
        const { done, value } = await read;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
