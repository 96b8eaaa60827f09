import type { Body, OfLength } from '../binding.ts';
import { WHOLE } from './wire.ts';

const utf8 = new TextEncoder();
const PIECE = 256 * 1024;

export interface SentValue {
  readonly ofLength: OfLength;
  /** Whose value it is, for messages. */
  readonly what: string;
}

/** What crosses the border of a value. @throws {TypeError} where it is nothing that can be stored */
export async function sentValue(value: unknown, { ofLength, what }: SentValue): Promise<Body> {
  if (value instanceof ReadableStream) {
    if (value.locked) throw new TypeError('The ReadableStream has been locked to a reader.');
    return value as ReadableStream<Uint8Array>;
  }
  if (value instanceof Blob) return value.size <= WHOLE ? new Uint8Array(await value.arrayBuffer()) : ofLength(value.stream(), value.size);
  const bytes = bytesOf(value);
  if (bytes === null) throw new TypeError(`${what} is not of type 'JsReadableStream or ArrayBuffer or ArrayBufferView or string or Blob'.`);
  return bytes.byteLength <= WHOLE ? bytes : ofLength(streamOf(bytes), bytes.byteLength);
}

/** A copy: the function keeps its own. */
function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | null {
  if (typeof value === 'string') return utf8.encode(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value)) return new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  return null;
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.byteLength) controller.enqueue(bytes.subarray(at, (at += PIECE)));
      else controller.close();
    },
  });
}
