import { Buffer } from 'node:buffer';

/** A body as a string: as it is, or in base64 where it is no text. */
export interface BodyText {
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const TEXT = /^(?:text\/|application\/(?:json|javascript|xml|[^;]+\+(?:json|xml))\s*(?:;|$))/i;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether a body of this type is text, and of no coding. */
export function isTextual(headers: Headers): boolean {
  const coding = headers.get('content-encoding');
  const type = headers.get('content-type');
  return (coding === null || coding === 'identity') && (type === null || TEXT.test(type));
}

/** Text that is no UTF-8 goes as base64 too, so that nothing is lost. */
export function bodyText(bytes: Uint8Array, textual: boolean): BodyText {
  if (textual) {
    try {
      return { body: strict.decode(bytes), isBase64Encoded: false };
    } catch {
      // It is no text after all.
    }
  }
  return { body: base64(bytes), isBase64Encoded: true };
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
