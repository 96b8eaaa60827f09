import { latin1Text } from '../../latin1.ts';

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** RFC 9110, section 5.5: visible characters, spaces, tabs, and bytes beyond ASCII; section 8.6: a length is digits. */
export function isValue(name: string, value: Uint8Array): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const byte = value[at]!;
    if ((byte < 32 && byte !== 9) || byte === 127) return false;
  }
  return name !== 'content-length' || (value.length > 0 && value.every((byte) => byte >= 48 && byte <= 57));
}

/** The web gives values as strings of one character for each byte, and takes them so. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

export function textOf(bytes: Uint8Array): string {
  return latin1Text(bytes, 0, bytes.length);
}
