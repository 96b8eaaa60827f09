import { textOf } from './field-syntax.ts';
import type { Fields } from './fields.ts';

/** Bytes of text that are worth to be made a string. */
const SMALL = 16 * 1024;

/** Up to here a loop is quicker than a decoder. */
const SHORT = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A whole body for the constructor of Response. Small text goes as a string: servers on Node write that and the head in
 * one piece, which takes less than half the time of two. A string of its own would bring a content type along.
 */
export function bodyInit(bytes: Uint8Array<ArrayBuffer> | null, headers: Fields): BodyInit | null {
  if (bytes === null || bytes.length === 0 || bytes.length > SMALL || !isText(headers)) return bytes;
  try {
    return bytes.length < SHORT && bytes.every((byte) => byte < 128) ? textOf(bytes) : utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

function isText(headers: Fields): boolean {
  const type = headers.only('content-type');
  return type !== null && /^(?:text\/|application\/json\b)/.test(textOf(type));
}
