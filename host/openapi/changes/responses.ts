import { compareContents, type PlacePair } from './bodies.ts';
import type { Found } from './change.ts';
import { below, entriesAt, tableOf, type Document, type Place } from './document.ts';
import { compareSchemas, type Comparison } from './schemas.ts';

export function compareResponses(comparison: Comparison, pair: PlacePair): Found[] {
  const [was, is] = [responsesOf(pair.from), responsesOf(pair.to)];
  const found: Found[] = [];
  for (const [status, place] of was) {
    const other = covering(is, status);
    if (other) found.push(...compareResponse(comparison, { from: place, to: other }, status));
    else {
      const rule = isSuccess(status) ? 'response-success-removed' : 'response-status-removed';
      found.push({ rule, pointer: place.pointer, document: 'from', message: `Response ${status} is gone.` });
    }
  }
  for (const [status, place] of is) {
    if (was.has(status)) continue;
    const before = covering(was, status);
    // Whoever was ready for any status gets this one instead.
    if (before) found.push(...compareResponse(comparison, { from: before, to: place }, status));
    const rule = isSuccess(status) && before === undefined ? 'response-success-added' : 'response-status-added';
    found.push({ rule, pointer: place.pointer, message: `Response ${status} is new.` });
  }
  return found;
}

function compareResponse(comparison: Comparison, pair: PlacePair, status: string): Found[] {
  const [from, to] = [comparison.from.follow(pair.from), comparison.to.follow(pair.to)];
  if (from === null || to === null) return [];
  const where = `Response ${status}`;
  return [
    ...compareHeaders(comparison, { from, to }, where),
    ...compareContents(comparison, { from, to }, { direction: 'response', where }),
  ];
}

function compareHeaders(comparison: Comparison, { from, to }: PlacePair, where: string): Found[] {
  const [was, is] = [headersOf(comparison.from, from), headersOf(comparison.to, to)];
  const found: Found[] = [];
  for (const [key, { name, place, required }] of was) {
    const other = is.get(key);
    const text = `${where}: header \`${name}\``;
    if (!other) {
      const rule = required ? 'response-header-removed' : 'response-optional-header-removed';
      found.push({ rule, pointer: place.pointer, document: 'from', message: `${text} is gone.` });
      continue;
    }
    const { pointer } = other.place;
    if (required && !other.required)
      found.push({ rule: 'response-header-became-optional', pointer, message: `${text} need not be there any more.` });
    if (!required && other.required) found.push({ rule: 'response-header-became-required', pointer, message: `${text} is always there.` });
    const pair = { from: below(place, 'schema'), to: below(other.place, 'schema') };
    found.push(...compareSchemas(comparison, pair, { direction: 'response', where: text }));
  }
  for (const [key, { name, place }] of is) {
    if (!was.has(key))
      found.push({ rule: 'response-header-added', pointer: place.pointer, message: `${where}: header \`${name}\` is new.` });
  }
  return found;
}

/** `2XX` and `2xx` are one. */
function responsesOf(place: Place): Map<string, Place> {
  return new Map(
    entriesAt(place)
      .filter(([status]) => !status.startsWith('x-'))
      .map(([status, response]) => [status.toUpperCase().replace('DEFAULT', 'default'), response]),
  );
}

/** What a status is described by: its own, that of its range, or that of every other one. */
function covering(responses: ReadonlyMap<string, Place>, status: string): Place | undefined {
  return responses.get(status) ?? responses.get(`${status[0]}XX`) ?? responses.get('default');
}

function isSuccess(status: string): boolean {
  return /^[23]/.test(status);
}

interface Header {
  readonly name: string;
  readonly place: Place;
  readonly required: boolean;
}

function headersOf(document: Document, response: Place): Map<string, Header> {
  const found = new Map<string, Header>();
  for (const [name, reference] of entriesAt(below(response, 'headers'))) {
    const place = document.follow(reference);
    // It is the media type's to say.
    if (place === null || name.toLowerCase() === 'content-type') continue;
    found.set(name.toLowerCase(), { name, place, required: tableOf(place.value)['required'] === true });
  }
  return found;
}
