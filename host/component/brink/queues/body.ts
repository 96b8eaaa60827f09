export type ContentType = 'bytes' | 'text' | 'json';

/** A message's body as a guest has it. */
export interface GuestBody {
  readonly type: ContentType;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {TypeError} where the body is nothing that JSON knows */
export function guestBody(body: unknown): GuestBody {
  if (typeof body === 'string') return { type: 'text', bytes: utf8.encode(body) };
  if (body instanceof ArrayBuffer) return { type: 'bytes', bytes: new Uint8Array(body.slice(0)) };
  if (ArrayBuffer.isView(body)) return { type: 'bytes', bytes: new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice() };
  const json = JSON.stringify(body) as string | undefined;
  if (json === undefined) throw new TypeError(`A ${typeof body} is neither bytes, text nor JSON.`);
  return { type: 'json', bytes: utf8.encode(json) };
}

/** @throws {TypeError | SyntaxError} where the bytes are not what the type says */
export function hostBody({ type, bytes }: GuestBody): unknown {
  switch (type) {
    case 'bytes':
      return bytes;
    case 'text':
      return textOf(bytes);
    case 'json':
      return JSON.parse(textOf(bytes));
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new TypeError('The body of the message is no UTF-8.', { cause });
  }
}
