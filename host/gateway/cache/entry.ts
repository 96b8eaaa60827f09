import { valueIn } from '../header-lines.ts';
import { httpDate } from './http-date.ts';
import type { ResponseHead, Terms } from './terms.ts';
import type { Selector } from './vary.ts';

/** Where a part of a representation lies in it. RFC 9110, section 14.4. */
export interface Part {
  readonly start: number;
  /** The first byte that it has not. */
  readonly end: number;
  /** Of the whole; null where nobody knows. */
  readonly size: number | null;
}

/** A response that is kept. It is never changed: what makes it fresh again makes another. */
export interface Entry {
  readonly status: number;
  readonly statusText: string;
  /** As they go out again, but for `age` and `cache-status`. */
  readonly lines: readonly string[];
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same as text where it is ASCII and small: such a body leaves a host together with its head. */
  readonly text: string | null;
  readonly part: Part | null;
  readonly selectors: readonly Selector[] | null;
  /** When it came, in ms since the epoch. */
  readonly came: number;
  readonly terms: Omit<Terms, 'without'>;
  readonly etag: string | null;
  readonly modified: number | null;
  readonly language: string | null;
  /** As the client asked for it, and as the function saw it. */
  readonly url: string;
  readonly target: string;
  /** Of `Cache-Tag`. */
  readonly tags: readonly string[];
  /** How many purges of its function there had been when it was asked for. */
  readonly purges: number;
}

export interface EntryOptions {
  readonly head: ResponseHead & { readonly statusText: string };
  readonly body: Uint8Array<ArrayBuffer>;
  readonly terms: Terms;
  readonly selectors: readonly Selector[] | null;
  readonly came: number;
  readonly url: string;
  readonly target: string;
  readonly purges: number;
}

/** Text of more bytes is no quicker to write than bytes. */
const MOST_TEXT = 16_384;

export function entryOf({ head, body, terms, ...rest }: EntryOptions): Entry {
  const lines = keptLines(head.lines, terms.without, rest.came);
  return {
    ...described(lines, terms, rest.came),
    ...rest,
    status: head.status,
    statusText: head.statusText,
    body,
    text: textOf(body),
    part: partOf(head),
  };
}

/**
 * The entry after a 304, or a response to HEAD: with the header lines that came, but for those that describe bytes which
 * are the same. RFC 9111, sections 3.2 and 4.3.4.
 */
export function freshened(
  entry: Entry,
  { lines, terms, came, purges }: { lines: readonly string[]; terms: Terms; came: number; purges: number },
): Entry {
  const given = keptLines(lines, [...terms.without, ...OF_BYTES], came);
  const names = new Set<string>();
  for (let index = 0; index < given.length; index += 2) names.add(given[index]!);
  const merged: string[] = [];
  for (let index = 0; index < entry.lines.length; index += 2)
    if (!names.has(entry.lines[index]!)) merged.push(entry.lines[index]!, entry.lines[index + 1]!);
  merged.push(...given);
  return { ...entry, ...described(merged, terms, came), came, purges };
}

/** The header lines of the entry with those of a 304 over them, for its new terms. */
export function mergedLines(entry: Entry, lines: readonly string[]): string[] {
  const names = new Set<string>();
  for (let index = 0; index < lines.length; index += 2) names.add(lines[index]!);
  const merged = [...lines];
  for (let index = 0; index < entry.lines.length; index += 2)
    if (!names.has(entry.lines[index]!)) merged.push(entry.lines[index]!, entry.lines[index + 1]!);
  return merged;
}

/** Bytes that it takes, about. */
export function weightOf({ body, text, lines, url, target }: Entry): number {
  let weight = 512 + body.byteLength + (text?.length ?? 0) + url.length + target.length;
  for (const line of lines) weight += line.length;
  return weight;
}

/** How old it is, in ms. RFC 9111, section 4.2.3. */
export function ageOf({ terms, came }: Entry, now: number): number {
  return terms.age + Math.max(0, now - came);
}

const OF_BYTES = ['content-length', 'content-encoding', 'content-type', 'content-range'];

function described(lines: readonly string[], { lifetime, age, stale, whileRevalidate, ifError }: Terms, now: number) {
  return {
    lines,
    terms: { lifetime, age, stale, whileRevalidate, ifError },
    etag: valueIn(lines, 'etag'),
    modified: httpDate(valueIn(lines, 'last-modified'), now),
    language: valueIn(lines, 'content-language'),
    tags: tagsIn(lines),
  };
}

/** With the date at which it came, where it has none: RFC 9110, section 6.6.1. */
function keptLines(lines: readonly string[], without: readonly string[], came: number): string[] {
  const out: string[] = [];
  let dated = false;
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index]!.toLowerCase();
    if (name === 'age' || name === 'content-length' || without.includes(name)) continue;
    if (name === 'date') dated = true;
    out.push(name, lines[index + 1]!);
  }
  if (!dated) out.push('date', new Date(came).toUTCString());
  return out;
}

/** With blanks or commas between. */
function tagsIn(lines: readonly string[]): string[] {
  const value = valueIn(lines, 'cache-tag');
  return value === null ? [] : value.split(/[\s,]+/).filter((tag) => tag !== '');
}

function partOf({ status, lines }: ResponseHead): Part | null {
  if (status !== 206) return null;
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(valueIn(lines, 'content-range') ?? '');
  if (found === null) return null;
  return { start: Number(found[1]), end: Number(found[2]) + 1, size: found[3] === '*' ? null : Number(found[3]) };
}

function textOf(body: Uint8Array): string | null {
  if (body.byteLength > MOST_TEXT || body.some((byte) => byte > 127)) return null;
  return decoder.decode(body);
}

const decoder = new TextDecoder();
