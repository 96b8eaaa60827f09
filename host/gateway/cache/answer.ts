import { valueIn } from '../header-lines.ts';
import { ageOf, type Entry, type Part } from './entry.ts';
import { httpDate } from './http-date.ts';
import type { Messages } from './messages.ts';
import type { Field } from './vary.ts';

/** Who asks. */
export interface Asking {
  readonly method: string;
  readonly field: Field;
  readonly now: number;
}

/** RFC 9211: the name of this cache, and what it did. */
export function cacheStatus(what: string): string {
  return `Brink; ${what}`;
}

/** The lines of an entry's last hit, which are those of the next one within the same second. */
interface Hit {
  readonly age: number;
  readonly lines: readonly string[];
}

const hits = new WeakMap<Entry, Hit>();

/** An answer from what is kept, with no more said of it than that it was a hit. */
export function hitOf(messages: Messages, entry: Entry, asking: Asking): Response {
  const age = Math.floor(ageOf(entry, asking.now) / 1000);
  let hit = hits.get(entry);
  if (hit === undefined || hit.age !== age) {
    const ttl = Math.floor(entry.terms.lifetime / 1000) - age;
    hit = { age, lines: withAge(entry, age, cacheStatus(`hit; ttl=${ttl}`)) };
    hits.set(entry, hit);
  }
  return answered(messages, entry, asking, hit.lines);
}

/** An answer from what is kept, as it says. */
export function answerOf(messages: Messages, entry: Entry, asking: Asking & { readonly status: string }): Response {
  return answered(messages, entry, asking, withAge(entry, Math.floor(ageOf(entry, asking.now) / 1000), asking.status));
}

/** Whether a stored response can answer a request: a part only for a range that lies in it. */
export function canAnswer({ part }: Entry, field: Field): boolean {
  return part === null || rangeIn(part, field('range')) !== null;
}

// oxlint-disable-next-line max-params -- the hot path
function answered(messages: Messages, entry: Entry, { method, field, now }: Asking, lines: readonly string[]): Response {
  const { status, statusText, body, text, part } = entry;
  if (status >= 200 && status < 300 && isUnmodified(entry, field, now))
    return messages.make({ status: 304, statusText: '', lines: forNotModified(lines) }, null);
  const range = status === 200 || part !== null ? field('range') : null;
  if (range !== null && (part !== null || isAsItWas(entry, field('if-range'), now))) {
    const wanted = rangeIn(part ?? { start: 0, end: body.byteLength, size: body.byteLength }, range);
    if (wanted === 'unsatisfiable') return unsatisfiable(messages, lines, body.byteLength);
    if (wanted !== null) return partial(messages, entry, { lines, wanted, bodiless: method === 'HEAD' });
  }
  if (method === 'HEAD') return messages.make({ status, statusText, lines: [...lines, 'content-length', String(body.byteLength)] }, null);
  return messages.make({ status, statusText, lines }, hasBody(status) ? (text ?? body) : null);
}

function hasBody(status: number): boolean {
  return status !== 204 && status !== 205;
}

function withAge({ lines }: Entry, age: number, status: string): string[] {
  const out = [...lines, 'age', String(age)];
  const at = lines.indexOf('cache-status');
  // Those of caches before come first: RFC 9211, section 2.
  if (at % 2 === 0) out[at + 1] = `${lines[at + 1]}, ${status}`;
  else out.push('cache-status', status);
  return out;
}

/** RFC 9111, section 4.3.2, and RFC 9110, section 13.2.2: a tag goes before a date. */
export function isUnmodified(
  { etag, modified, lines, came }: Pick<Entry, 'etag' | 'modified' | 'lines' | 'came'>,
  field: Field,
  now: number,
): boolean {
  const none = field('if-none-match');
  if (none !== null) return matchesAny(none, etag);
  const since = field('if-modified-since');
  if (since === null) return false;
  const time = httpDate(since.trim(), now);
  if (time === null) return false;
  return (modified ?? httpDate(valueIn(lines, 'date'), now) ?? came) <= time;
}

/** The same of a response that is not kept, by what it says itself. */
export function isKnown(lines: readonly string[], field: Field, now: number): boolean {
  const validators = { etag: valueIn(lines, 'etag'), modified: httpDate(valueIn(lines, 'last-modified'), now) };
  return isUnmodified({ ...validators, lines, came: Infinity }, field, now);
}

function matchesAny(list: string, etag: string | null): boolean {
  if (list.trim() === '*') return true;
  if (etag === null) return false;
  const wanted = opaque(etag);
  if (opaque(list.trim()) === wanted) return true;
  return Array.from(list.matchAll(/(?:W\/)?"[^"]*"/g), ([tag]) => opaque(tag)).includes(wanted);
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

/** RFC 9110, section 13.1.5: by a strong tag, or the very date. */
function isAsItWas({ etag, modified }: Entry, condition: string | null, now: number): boolean {
  if (condition === null) return true;
  const value = condition.trim();
  if (value.startsWith('"')) return etag === value;
  return modified !== null && httpDate(value, now) === modified;
}

const ONE_RANGE = /^bytes=\s*(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))\s*$/i;

/**
 * What of a range lies in what is there; null: it is not answered from this, or the whole is given instead. Of several
 * ranges the whole is, as may be. RFC 9110, sections 14.1.2 and 14.2.
 */
function rangeIn(
  { start, end, size }: Part,
  range: string | null,
): { readonly from: number; readonly to: number } | 'unsatisfiable' | null {
  const [whole, first, last, suffix] = ONE_RANGE.exec(range ?? '') ?? [];
  if (whole === undefined) return null;
  if (first !== undefined && last !== '' && Number(last) < Number(first)) return null;
  if (size === null && (suffix !== undefined || last === '')) return null;
  const most = size ?? end;
  if (suffix !== undefined && Number(suffix) === 0) return 'unsatisfiable';
  if (first !== undefined && size !== null && Number(first) >= size) return 'unsatisfiable';
  const from = suffix !== undefined ? Math.max(0, most - Number(suffix)) : Number(first);
  const to = suffix !== undefined || last === '' ? most : size === null ? Number(last) + 1 : Math.min(size, Number(last) + 1);
  return from >= start && to <= end && from < to ? { from, to } : null;
}

interface Wanted {
  readonly lines: readonly string[];
  readonly wanted: { readonly from: number; readonly to: number };
  readonly bodiless: boolean;
}

function partial(messages: Messages, { body, part }: Entry, { lines, wanted: { from, to }, bodiless }: Wanted): Response {
  const size = part === null ? String(body.byteLength) : String(part.size ?? '*');
  const out = [...without(lines, ['content-range']), 'content-range', `bytes ${from}-${to - 1}/${size}`];
  const start = part?.start ?? 0;
  if (bodiless) return messages.make({ status: 206, statusText: '', lines: [...out, 'content-length', String(to - from)] }, null);
  return messages.make({ status: 206, statusText: '', lines: out }, body.subarray(from - start, to - start));
}

function unsatisfiable(messages: Messages, lines: readonly string[], size: number): Response {
  const out = [...without(lines, OF_CONTENT), 'content-range', `bytes */${size}`];
  return messages.make({ status: 416, statusText: '', lines: out }, null);
}

const OF_CONTENT = ['content-type', 'content-encoding', 'content-language', 'content-range', 'content-length'];

/** RFC 9110, section 15.4.5: what the client has of the content already. */
export function forNotModified(lines: readonly string[]): string[] {
  return without(lines, OF_CONTENT);
}

function without(lines: readonly string[], names: readonly string[]): string[] {
  const out: string[] = [];
  for (let index = 0; index < lines.length; index += 2) if (!names.includes(lines[index]!)) out.push(lines[index]!, lines[index + 1]!);
  return out;
}
