import { invalidArgument } from './object-error.ts';

/** Where a list goes on: behind a key, or behind all keys that begin with it. */
export interface Place {
  readonly key: string;
  readonly whole: boolean;
}

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function cursorText({ key, whole }: Place): string {
  return btoa((whole ? 'p' : 'k') + Array.from(utf8.encode(key), (byte) => String.fromCharCode(byte)).join(''));
}

/** The later one of a cursor and `startAfter`; null at the beginning. @throws {ObjectError} where no list gave the cursor */
export function readCursor(cursor: string | undefined, startAfter: string | undefined): Place | null {
  const after = startAfter === undefined ? null : { key: startAfter, whole: false };
  if (cursor === undefined) return after;
  const place = placeOf(cursor);
  if (place === null) throw invalidArgument('The cursor is none that a list gave.');
  return after !== null && isBehind(after.key, place) ? after : place;
}

function placeOf(cursor: string): Place | null {
  try {
    const bytes = Uint8Array.from(atob(cursor), (character) => character.charCodeAt(0));
    const [kind, key] = [String.fromCharCode(bytes[0]!), text.decode(bytes.subarray(1))];
    return kind === 'k' || kind === 'p' ? { key, whole: kind === 'p' } : null;
  } catch {
    return null;
  }
}

function isBehind(key: string, place: Place): boolean {
  return !(place.whole && key.startsWith(place.key)) && compare(utf8.encode(key), utf8.encode(place.key)) > 0;
}

function compare(one: Uint8Array, other: Uint8Array): number {
  for (let index = 0; index < Math.min(one.length, other.length); index++)
    if (one[index] !== other[index]) return one[index]! - other[index]!;
  return one.length - other.length;
}
