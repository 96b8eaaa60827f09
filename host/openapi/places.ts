import { partsOf, pointerOf, resolvePointer } from './pointer.ts';

/** A place of a document: what stands there, behind its references, and where that is. */
export interface Place {
  readonly value: unknown;
  /** As `pointerOf` writes it; that of the whole is `#`. */
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

/** What stands in a document under these names. */
export function placeIn(root: Table, ...keys: readonly string[]): Place {
  return below({ value: root, pointer: '#' }, ...keys);
}

/** What stands below a place, its reference not yet followed. */
export function below({ value, pointer }: Place, ...keys: readonly (string | number)[]): Place {
  let at = value;
  for (const key of keys) at = isTable(at) || Array.isArray(at) ? own(at, key) : undefined;
  return { value: at, pointer: pointer + pointerOf(keys).slice(1) };
}

/** The entries of a table that stands at a place. */
export function entriesAt(place: Place): [string, Place][] {
  return Object.keys(tableOf(place.value)).map((key) => [key, below(place, key)]);
}

/** One text for all values that are equal. */
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
  const parts = partsOf(reference);
  const value = parts === null ? undefined : resolvePointer(root, reference);
  return parts === null || value === undefined ? null : { value, pointer: pointerOf(parts) };
}

function own(value: object, key: string | number): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
}
