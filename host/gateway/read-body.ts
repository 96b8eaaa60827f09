export interface ReadBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where there was more: all of it, from its beginning. */
  readonly rest: ReadableStream<Uint8Array> | null;
}

/** Reads a body, as far as it has no more than `most` bytes. */
export async function readBody(body: ReadableStream<Uint8Array> | null, most: number): Promise<ReadBody> {
  const parts: Uint8Array[] = [];
  if (body === null) return { bytes: new Uint8Array(), rest: null };
  const reader = body.getReader();
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.byteLength;
    if (size > most) return { bytes: new Uint8Array(), rest: resumed(parts, reader) };
  }
  return { bytes: new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer()), rest: null };
}

function resumed(parts: readonly Uint8Array[], reader: ReadableStreamDefaultReader<Uint8Array>): ReadableStream<Uint8Array> {
  const begun = [...parts];
  return new ReadableStream({
    async pull(controller) {
      const part = begun.shift();
      if (part !== undefined) return controller.enqueue(part);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
