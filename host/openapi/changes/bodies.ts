import type { Direction, Found } from './change.ts';
import { below, entriesAt, tableOf, type Place } from './document.ts';
import { compareSchemas, type Comparison } from './schemas.ts';

export interface PlacePair {
  readonly from: Place;
  readonly to: Place;
}

export function compareBodies(comparison: Comparison, pair: PlacePair): Found[] {
  const [was, is] = [bodyOf(comparison.from.follow(pair.from)), bodyOf(comparison.to.follow(pair.to))];
  if (was === null && is === null) return [];
  if (was === null) {
    const { required, place } = is!;
    if (required) return [{ rule: 'request-body-added-required', pointer: place.pointer, message: 'A request body is new, and required.' }];
    return [{ rule: 'request-body-added-optional', pointer: place.pointer, message: 'A request body is new; it need not be there.' }];
  }
  if (is === null)
    return [{ rule: 'request-body-removed', pointer: was.place.pointer, document: 'from', message: 'The request body is gone.' }];
  const { pointer } = is.place;
  const found = compareContents(comparison, { from: was.place, to: is.place }, { direction: 'request', where: 'Request body' });
  if (was.required === is.required) return found;
  if (is.required) return [{ rule: 'request-body-became-required', pointer, message: 'The request body is required.' }, ...found];
  return [{ rule: 'request-body-became-optional', pointer, message: 'The request body need not be there.' }, ...found];
}

/** The media types of a body, and what is in each. A range such as `text/*` stands for those that are not named. */
export function compareContents(
  comparison: Comparison,
  { from, to }: PlacePair,
  { direction, where }: { direction: Direction; where: string },
): Found[] {
  const [was, is] = [contentsOf(from), contentsOf(to)];
  const found: Found[] = [];
  for (const [type, place] of was) {
    const other = is.get(type) ?? is.get(`${type.split('/')[0]}/*`) ?? is.get('*/*');
    if (other === undefined) {
      found.push({
        rule: `${direction}-media-type-removed`,
        pointer: place.pointer,
        document: 'from',
        message: `${where}: ${type} is gone.`,
      });
    } else {
      const pair = { from: below(place, 'schema'), to: below(other, 'schema') };
      found.push(...compareSchemas(comparison, pair, { direction, where: was.size > 1 ? `${where} (${type})` : where }));
    }
  }
  for (const [type, { pointer }] of is) {
    if (!was.has(type)) found.push({ rule: `${direction}-media-type-added`, pointer, message: `${where}: ${type} is new.` });
  }
  return found;
}

function bodyOf(place: Place | null): { readonly required: boolean; readonly place: Place } | null {
  if (place === null || place.value === undefined) return null;
  return { required: tableOf(place.value)['required'] === true, place };
}

/** By the media type without its parameters. */
function contentsOf(place: Place): Map<string, Place> {
  return new Map(entriesAt(below(place, 'content')).map(([type, content]) => [type.split(';')[0]!.trim().toLowerCase(), content]));
}
