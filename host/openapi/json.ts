import type { Finding } from './check.ts';
import { pointerOf } from './pointer.ts';
import { MAX_DEPTH } from './walk.ts';

/** What keeps a value from being JSON that reads back as it was written, and that all here can go through; null where nothing does. */
export function jsonFault(value: unknown): Finding | null {
  const place: (string | number)[] = [];
  const why = look(value, place);
  return why === null ? null : { pointer: pointerOf(place), message: why };
}

function look(value: unknown, place: (string | number)[]): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `is ${value}, which JSON has no number for`;
  if (typeof value !== 'object') return `is a ${typeof value}, which JSON has no value for`;
  if (value instanceof Date) return 'is a date; write it as a text, in quotes';
  if (place.length >= MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
  const entries: Iterable<[string | number, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [part, inner] of entries) {
    place.push(part);
    const why = part === '__proto__' ? 'is a name that objects in JavaScript keep for themselves; use another' : look(inner, place);
    if (why !== null) return why;
    place.pop();
  }
  return null;
}
