/** Pieces one behind the other, copied. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const utf8 = new TextEncoder();

/** Of texts, as UTF-8, and bytes, one behind the other. */
export async function sha256(...parts: readonly (string | Uint8Array)[]): Promise<Uint8Array> {
  const bytes = parts.map((part) => (typeof part === 'string' ? utf8.encode(part) : part));
  const whole = bytes.length === 1 ? (bytes[0] as Uint8Array<ArrayBuffer>) : concat(bytes);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}
