import { badInput } from './bad-input.ts';

/** As of ES2026; both platforms have them. */
interface Base64 {
  readonly fromBase64: (text: string, options: { alphabet: 'base64' | 'base64url' }) => Uint8Array<ArrayBuffer>;
}

/** Of either alphabet, with its padding or without. @throws {BadInput} */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  // The platform's own would take white space too.
  if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value)) throw badInput('base64', value);
  try {
    return (Uint8Array as unknown as Base64).fromBase64(value, { alphabet: /[-_]/.test(value) ? 'base64url' : 'base64' });
  } catch {
    throw badInput('base64', value);
  }
}

export function base64Of(bytes: unknown): string {
  return (bytes as { toBase64(): string }).toBase64();
}
