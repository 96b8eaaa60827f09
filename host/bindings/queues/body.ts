import type { ContentType } from '../../stores/queue.ts';
import { readClone } from './clone-read.ts';
import { writeClone } from './clone-write.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });
const TYPES: ReadonlySet<string> = new Set<ContentType>(['text', 'bytes', 'json', 'v8']);

/** @throws {TypeError} in the words of Workers */
export function contentTypeOf(type: unknown): ContentType {
  const name = String(type).toLowerCase();
  if (TYPES.has(name)) return name as ContentType;
  throw new TypeError(`Unsupported queue message content type: ${String(type)}`);
}

/** A copy of the body as bytes. @throws {TypeError | DOMException} where it is not of that type */
export function bodyBytes(type: ContentType, body: unknown): Uint8Array<ArrayBuffer> {
  if (body === undefined) throw new TypeError('Message body cannot be undefined');
  switch (type) {
    case 'text':
      if (typeof body !== 'string') throw unfit(type, 'string', body);
      return utf8.encode(body);
    case 'bytes':
      if (!ArrayBuffer.isView(body)) throw unfit(type, 'ArrayBufferView', body);
      return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
    case 'json': {
      const json = JSON.stringify(body) as string | undefined;
      if (json === undefined) throw new TypeError(`A ${typeof body} cannot be a message: JSON has nothing for it`);
      return utf8.encode(json);
    }
    case 'v8':
      return writeClone(body);
  }
}

/** @throws where the bytes are not of that type */
export function readBody(type: ContentType, bytes: Uint8Array): unknown {
  switch (type) {
    case 'text':
      return text.decode(bytes);
    case 'bytes':
      return bytes.slice().buffer;
    case 'json':
      return JSON.parse(text.decode(bytes));
    case 'v8':
      return readClone(bytes);
  }
}

function unfit(type: ContentType, wanted: string, body: unknown): TypeError {
  return new TypeError(`Content Type "${type}" requires a value of type ${wanted}, but received: ${typeof body}`);
}
