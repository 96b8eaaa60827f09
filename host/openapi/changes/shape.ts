import { isTable, type Place } from './document.ts';
import type { Limits } from './limits.ts';

export type JsonType = 'array' | 'boolean' | 'integer' | 'null' | 'number' | 'object' | 'string';

/** A schema as it is compared: references followed, `allOf` made one, what is said in several ways said in one. */
export interface Shape {
  readonly pointer: string;
  /** What it may be; `number` has the integers too. */
  readonly types: ReadonlySet<JsonType>;
  /** The values that it may be, by their text, without null; null where they are not listed. */
  readonly values: ReadonlyMap<string, unknown> | null;
  readonly limits: Limits;
  readonly pattern: string | null;
  readonly format: string | null;
  readonly properties: ReadonlyMap<string, Place>;
  readonly required: ReadonlySet<string>;
  /** What properties may be that are not named. */
  readonly additional: Place;
  readonly prefix: readonly Place[];
  readonly items: Place;
  /** It is one of the branches of each. */
  readonly unions: readonly Union[];
  readonly discriminator: string | null;
  readonly fallback: Place;
  /** Keywords that are compared for equality alone. */
  readonly others: ReadonlyMap<string, Place>;
}

export interface Union {
  readonly branches: readonly Shape[];
  /** A branch that is null and nothing else is told apart. */
  readonly orNull: boolean;
}

export const ANY: ReadonlySet<JsonType> = new Set(['array', 'boolean', 'null', 'number', 'object', 'string']);

export function plain(types: ReadonlySet<JsonType>, pointer: string): Shape {
  const any = { value: undefined, pointer };
  return {
    pointer,
    types,
    values: null,
    limits: {},
    pattern: null,
    format: null,
    properties: new Map(),
    required: new Set(),
    additional: any,
    prefix: [],
    items: any,
    unions: [],
    discriminator: null,
    fallback: any,
    others: new Map(),
  };
}

/** Whether a value of the one type may be where the other is. */
export function covers(types: ReadonlySet<JsonType>, type: JsonType): boolean {
  return types.has(type) || (type === 'integer' && types.has('number'));
}

/** Whether it lets everything through. */
export function isOpen({ value }: Place): boolean {
  return value === undefined || value === true || (isTable(value) && Object.keys(value).length === 0);
}

/** An integer is told from other numbers. */
export function typeIn(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'object' ? 'object' : (typeof value as JsonType);
}
