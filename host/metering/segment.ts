import type { Store } from '../stores/store.ts';
import { HOUR, NONE, OTHER, prefixOf, sum, type Counts, type UsageKey, type UsageRow } from './usage.ts';

/** Rows of one entry: so many are written again where one has grown. */
const PART = 32;
/** Of one function in one hour, that are counted apart. */
const MAX_PRINCIPALS = 1_000;
const MAX_PRINCIPAL = 256;

interface Row {
  readonly key: UsageKey;
  counts: Counts;
  readonly part: Part;
}

/** One entry of the store. */
export interface Part {
  readonly at: string;
  readonly rows: Row[];
  /** How often it has changed, and how many of these changes lie in the store. */
  changes: number;
  written: number;
  /** Of the entry, as far as is known. */
  revision: number;
}

export interface SegmentOptions {
  /** Of this segment alone: nobody else has it, and nobody will. */
  readonly id: string;
  /** When its hour begins. */
  readonly hour: number;
}

/**
 * What one host has counted in one hour. Only that host writes it, and always the whole sum so far, never a difference: a
 * write that is done twice changes nothing, and what hosts have counted before and after a restart lies apart.
 */
export class Segment {
  readonly hour: number;
  readonly parts: Part[] = [];
  readonly #prefix: string;
  readonly #rows = new Map<string, Row>();
  readonly #principals = new Map<string, Set<string>>();

  constructor({ id, hour }: SegmentOptions) {
    this.hour = hour;
    this.#prefix = `${prefixOf(hour)}${id}/`;
  }

  /** Gives the part that has to be written. */
  add(key: UsageKey, counts: Counts): Part {
    const row = this.#row(key);
    row.counts = sum(row.counts, counts);
    row.part.changes++;
    return row.part;
  }

  #row(key: UsageKey): Row {
    const text = textOf(key);
    const known = this.#rows.get(text);
    if (known !== undefined) return known;
    const bounded = this.#bounded(key);
    return bounded === key ? this.#make(key, text) : (this.#rows.get(textOf(bounded)) ?? this.#make(bounded, textOf(bounded)));
  }

  /** Who calls is up to those who call; all else was published by somebody. */
  #bounded(key: UsageKey): UsageKey {
    const { function: name, principal } = key;
    if (principal === null || principal === OTHER) return key;
    let known = this.#principals.get(name);
    if (known === undefined) this.#principals.set(name, (known = new Set()));
    if (known.has(principal)) return key;
    if (known.size >= MAX_PRINCIPALS || principal.length > MAX_PRINCIPAL) return { ...key, principal: OTHER };
    known.add(principal);
    return key;
  }

  #make(key: UsageKey, text: string): Row {
    let part = this.parts.at(-1);
    if (part === undefined || part.rows.length >= PART) {
      part = { at: this.#prefix + String(this.parts.length), rows: [], changes: 0, written: 0, revision: 0 };
      this.parts.push(part);
    }
    const row = { key, counts: NONE, part };
    part.rows.push(row);
    this.#rows.set(text, row);
    return row;
  }
}

export interface WriteOptions {
  readonly store: Store;
  readonly now: () => number;
  /** How long it is kept after its hour, in ms. */
  readonly keep: number;
}

/**
 * Writes what the part has now. Several of these may be under way, as nobody can wait for another request's on workerd: by
 * the revision, none puts older counts over newer ones.
 */
export async function writePart(part: Part, segment: Segment, { store, now, keep }: WriteOptions): Promise<void> {
  const wanted = part.changes;
  while (part.written < wanted) {
    const upTo = part.changes;
    const ttl = Math.max(1_000, segment.hour + HOUR + keep - now());
    const revision = await store.put(part.at, encode(part), { ifRevision: part.revision, ttl });
    if (revision !== null) {
      part.revision = Math.max(part.revision, revision);
      part.written = Math.max(part.written, upTo);
    } else part.revision = (await store.get(part.at))?.revision ?? 0;
  }
}

/** @param rows what lies in the store */
export function decode(rows: Uint8Array): UsageRow[] {
  return JSON.parse(new TextDecoder().decode(rows)) as UsageRow[];
}

function encode({ rows }: Part): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(rows.map(({ key, counts }) => ({ ...key, ...counts }))));
}

function textOf({ function: name, version, alias, route, principal, trigger }: UsageKey): string {
  return `${name}\0${version}\0${alias}\0${route}\0${trigger}\0${principal}`;
}
