import { BrinkError } from '../errors.ts';

/** Bytes of a key: AES-256. */
export const KEY_BYTES = 32;

/** 32 bytes as base64, of either alphabet, padded or not. */
const KEY = /^[\w+/-]{43}=?$/;

/**
 * The keys that a text holds: one on each line, or several with commas or spaces between; lines that begin with `#` are
 * remarks. The first encrypts, all decrypt.
 *
 * @param place where the text is from, for messages, which never show any of it
 * @throws {BrinkError} `secret-key-invalid`
 */
export function parseKeys(text: string, place: string): Uint8Array<ArrayBuffer>[] {
  const words = wordsOf(text);
  if (words.length === 0) throw invalidKey(`${place} holds no key`);
  return words.map((word, index) => decodeKey(word) ?? refuse(place, index, words.length));
}

/** Whether a text is keys and nothing else. */
export function holdsKeys(text: string): boolean {
  const words = wordsOf(text);
  return words.length > 0 && words.every((word) => decodeKey(word) !== null);
}

export function invalidKey(problem: string, cause?: unknown): BrinkError {
  return new BrinkError(
    'secret-key-invalid',
    `Secrets cannot be kept: ${problem}. A key is ${KEY_BYTES} random bytes as base64, as \`openssl rand -base64 32\` prints them.`,
    { ...(cause !== undefined && { cause }) },
  );
}

function wordsOf(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => !line.trimStart().startsWith('#'));
  return lines.flatMap((line) => line.split(/[\s,]+/)).filter((word) => word !== '');
}

function decodeKey(word: string): Uint8Array<ArrayBuffer> | null {
  if (!KEY.test(word)) return null;
  const binary = atob(word.replace(/=$/, '').replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function refuse(place: string, index: number, count: number): never {
  throw invalidKey(count === 1 ? `what is in ${place} is no key` : `key ${index + 1} of the ${count} in ${place} is none`);
}
