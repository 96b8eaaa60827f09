import type { Place } from './walk.ts';

/** `#/paths/~1pets/get`: a JSON pointer as the fragment of a URI (RFC 6901, section 6). */
export function pointerOf(place: Place): string {
  return `#${place.map((part) => `/${escaped(String(part))}`).join('')}`;
}

/** What a pointer leads to in a document; undefined where that is nothing. */
export function resolvePointer(document: unknown, pointer: string): unknown {
  const parts = partsOf(pointer);
  if (parts === null) return undefined;
  let value: unknown = document;
  for (const part of parts) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** The names that a pointer goes by; null where it is none. */
export function partsOf(pointer: string): string[] | null {
  if (pointer === '#') return [];
  if (!pointer.startsWith('#/')) return null;
  try {
    return pointer
      .slice(2)
      .split('/')
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  } catch {
    return null;
  }
}

/** `{`, `}` and the like are left as they are: pointers are for people too. */
function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25');
}
