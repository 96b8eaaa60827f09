import { isTable, type Document, type Place } from './document.ts';

/** What is for people alone. */
const WORDS = new Set(['summary', 'description', 'title', 'example', 'examples', '$comment', 'externalDocs', 'deprecated']);

export interface Documents {
  readonly from: Document;
  readonly to: Document;
}

/** Whether two places say the same, also behind their references, but for words. */
export function isEqual({ from, to }: Documents, a: Place, b: Place): boolean {
  const met = new Map<object, Set<object>>();
  const equal = (one: unknown, other: unknown): boolean => {
    const [was, is] = [behind(from, one), behind(to, other)];
    if (was === null || is === null) return was === is && JSON.stringify(one) === JSON.stringify(other);
    const [a, b] = [was.value, is.value];
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
    if (met.get(a)?.has(b)) return true;
    met.set(a, (met.get(a) ?? new Set()).add(b));
    if (Array.isArray(a) || Array.isArray(b)) {
      return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, index) => equal(each, b[index]));
    }
    const [keys, others] = [keysOf(a), keysOf(b)];
    return (
      keys.length === others.length &&
      keys.every((key) => Object.hasOwn(b, key) && equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
    );
  };
  return equal(a.value, b.value);
}

function behind(document: Document, value: unknown): Place | null {
  return isTable(value) ? document.follow({ value, pointer: '' }) : { value, pointer: '' };
}

/** A name in `properties` may be called "title" and then holds a table. */
function keysOf(table: object): string[] {
  return Object.keys(table).filter((key) => !WORDS.has(key) || typeof (table as Record<string, unknown>)[key] === 'object');
}
