/** A place of a document: what stands there, behind its references, and where that is. */
export interface Place {
  readonly value: unknown;
  /** RFC 6901; the root is the empty text. */
  readonly pointer: string;
}

export type Table = Readonly<Record<string, unknown>>;

/** An OpenAPI document whose references can be followed. */
export interface Document {
  readonly root: Table;
  /** What a place leads to; null where its reference leads nowhere, out of the document, or round in a circle. */
  follow(place: Place): Place | null;
}

const MAX_HOPS = 32;

export function openDocument(root: Table): Document {
  const known = new Map<object, Place | null>();
  return {
    root,
    follow(place) {
      const { value } = place;
      if (!isTable(value) || typeof value['$ref'] !== 'string') return place;
      const found = known.get(value);
      if (found !== undefined) return found;
      const target = targetOf(root, value['$ref']);
      known.set(value, target);
      return target;
    },
  };
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** What stands below a place, its reference not yet followed. */
export function below({ value, pointer }: Place, ...keys: readonly (string | number)[]): Place {
  let at = value;
  for (const key of keys) at = isTable(at) || Array.isArray(at) ? own(at, key) : undefined;
  return { value: at, pointer: pointer + keys.map((key) => `/${escaped(String(key))}`).join('') };
}

/** The entries of a table that stands at a place. */
export function entriesAt(place: Place): [string, Place][] {
  return Object.keys(tableOf(place.value)).map((key) => [key, below(place, key)]);
}

/** Equal but for the order of keys. */
export function same(a: unknown, b: unknown): boolean {
  return a === b || canonical(a) === canonical(b);
}

export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, each: unknown) =>
      isTable(each)
        ? Object.fromEntries(
            Object.keys(each)
              .toSorted()
              .map((key) => [key, each[key]]),
          )
        : each,
    ) ?? 'undefined'
  );
}

function targetOf(root: Table, reference: string): Place | null {
  let at = placeAt(root, reference);
  for (let hop = 1; hop < MAX_HOPS; hop++) {
    if (at === null || !isTable(at.value) || typeof at.value['$ref'] !== 'string') return at;
    at = placeAt(root, at.value['$ref']);
  }
  return null;
}

function placeAt(root: Table, reference: string): Place | null {
  if (!reference.startsWith('#')) return null;
  let value: unknown = root;
  let pointer: string;
  try {
    pointer = decodeURIComponent(reference.slice(1));
  } catch {
    return null;
  }
  if (pointer !== '' && !pointer.startsWith('/')) return null;
  for (const key of pointer.split('/').slice(1)) {
    if (!isTable(value) && !Array.isArray(value)) return null;
    value = own(value, key.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return value === undefined ? null : { value, pointer };
}

function own(value: object, key: string | number): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
