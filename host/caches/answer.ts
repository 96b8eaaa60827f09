import { listOf, type Kept } from './kept.ts';

/** How a request is answered from what is kept. */
export interface Answer {
  /** That of the response, or 304, which has no body. */
  readonly status: number;
  readonly headers: Headers;
  /** A single range of bytes that is asked for, and may be given instead of all. */
  readonly range: string | null;
}

const ONE_RANGE = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/;

/** Null where it does not answer this request (RFC 9111, section 4). */
export function answerOf({ status, headers: kept, times }: Kept, request: Headers, now: number): Answer | null {
  const { at, age, until, vary } = times;
  if (now >= until) return null;
  // Section 4.1.
  for (const [name, value] of Object.entries(vary)) if (request.get(name) !== value) return null;
  const headers = new Headers(kept as [string, string][]);
  headers.set('age', String(Math.floor(age + Math.max(0, now - at) / 1000)));
  headers.set('cf-cache-status', 'HIT');
  const conditional = status >= 200 && status < 300;
  if (conditional && isUnmodified(headers, request)) return { status: 304, headers, range: null };
  return { status, headers, range: status === 200 ? rangeOf(headers, request) : null };
}

/** RFC 9111, section 4.3.2, and RFC 9110, section 13.1. */
function isUnmodified(headers: Headers, request: Headers): boolean {
  const none = request.get('if-none-match');
  const tag = headers.get('etag');
  if (none !== null) return none.trim() === '*' || (tag !== null && listOf(none).some((each) => opaque(each) === opaque(tag)));
  const since = Date.parse(request.get('if-modified-since') ?? '');
  return Date.parse(headers.get('last-modified') ?? '') <= since;
}

/** RFC 9110, section 14.2: what cannot be understood is ignored, and so are several ranges, which may be. */
function rangeOf(headers: Headers, request: Headers): string | null {
  const range = request.get('range')?.trim() ?? '';
  const [matched, first, last] = ONE_RANGE.exec(range) ?? [];
  if (matched === undefined || (first !== undefined && last !== '' && Number(last) < Number(first))) return null;
  return isAsItWas(headers, request.get('if-range')) ? range : null;
}

/** RFC 9110, section 13.1.5: by a strong tag, or the very date. */
function isAsItWas(headers: Headers, condition: string | null): boolean {
  if (condition === null) return true;
  const value = condition.trim();
  return value.startsWith('"') ? headers.get('etag') === value : !value.startsWith('W/') && headers.get('last-modified') === value;
}

/** The part of `size` bytes that a range means; null where it lies beyond (RFC 9110, section 14.1.2). */
export function partOf(range: string, size: number): { readonly start: number; readonly end: number } | null {
  const [, first, last, suffix] = ONE_RANGE.exec(range)!;
  if (suffix !== undefined) return Number(suffix) === 0 || size === 0 ? null : { start: Math.max(0, size - Number(suffix)), end: size };
  if (Number(first) >= size) return null;
  return { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) };
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}
