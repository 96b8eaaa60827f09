/** All bytes of a stream whose size is known. @throws where it brings more or less */
export async function collect(stream: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of stream) {
    if (at + chunk.byteLength > size) throw new Error(`A stream of ${size} bytes brought more.`);
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  if (at < size) throw new Error(`A stream of ${size} bytes ended after ${at}.`);
  return bytes;
}
