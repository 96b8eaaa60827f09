import type { Side } from './change.ts';
import type { Place } from './document.ts';
import type { SchemaWalk, ShapePair } from './schemas.ts';
import { isOpen } from './shape.ts';

/** Of two schemas what they say of the properties of an object. */
export function compareObjects(walk: SchemaWalk, pair: ShapePair): void {
  const { from, to, at } = pair;
  const names = new Set([...from.properties.keys(), ...from.required, ...to.properties.keys(), ...to.required]);
  for (const name of names) compareProperty(walk, pair, { name, at: at === '' ? name : `${at}.${name}` });
  const [was, is] = [from.additional, to.additional];
  const [wasClosed, isClosed] = [isClosing(was), isClosing(is)];
  if (wasClosed !== isClosed) {
    const what = isClosed ? 'no property may be there but those that are named' : 'properties may be there that are not named';
    walk.report(isClosed ? 'additional-properties-closed' : 'additional-properties-opened', { pointer: to.pointer, at, what });
  } else if (!isClosed) walk.places(was, is, at === '' ? '*' : `${at}.*`);
}

function compareProperty(walk: SchemaWalk, { from, to }: ShapePair, { name, at }: { name: string; at: string }): void {
  const was = sent(walk, from.properties.get(name), 'from');
  const is = sent(walk, to.properties.get(name), 'to');
  const [wasRequired, isRequired] = [from.required.has(name), to.required.has(name)];
  if (was === null && is === null) {
    if (wasRequired !== isRequired && !from.properties.has(name) && !to.properties.has(name)) {
      required(walk, { isRequired, pointer: to.pointer, at });
    }
  } else if (was === null)
    added(walk, { place: is!, isRequired, wasRequired: wasRequired && !from.properties.has(name), within: from.additional, at });
  else if (is === null) removed(walk, { place: was, wasRequired, within: to.additional, at });
  else {
    if (wasRequired !== isRequired) required(walk, { isRequired, pointer: is.pointer, at });
    walk.places(was, is, at);
  }
}

function required(walk: SchemaWalk, { isRequired, pointer, at }: { isRequired: boolean; pointer: string; at: string }): void {
  if (isRequired) walk.report('property-became-required', { pointer, at, what: 'it is required' });
  else walk.report('property-became-optional', { pointer, at, what: 'it need not be there any more' });
}

interface Added {
  readonly place: Place;
  readonly isRequired: boolean;
  readonly wasRequired: boolean;
  /** What it was among before it had a name. */
  readonly within: Place;
  readonly at: string;
}

function added(walk: SchemaWalk, { place, isRequired, wasRequired, within, at }: Added): void {
  const { pointer } = place;
  if (walk.direction === 'response') walk.add('response-property-added', { pointer, at, what: 'it is new' });
  else if (isRequired && !wasRequired) walk.add('request-property-added-required', { pointer, at, what: 'it is new, and required' });
  else walk.add('request-property-added-optional', { pointer, at, what: 'it is new, and need not be there' });
  if (!isOpen(within) && !isClosing(within)) walk.places(within, place, at);
}

function removed(
  walk: SchemaWalk,
  { place, wasRequired, within, at }: { place: Place; wasRequired: boolean; within: Place; at: string },
): void {
  const { pointer } = place;
  const gone = true;
  if (walk.direction === 'response') {
    if (wasRequired) walk.add('response-property-removed', { pointer, at, gone, what: 'it is gone' });
    else walk.add('response-optional-property-removed', { pointer, at, gone, what: 'it is gone; it did not have to be there' });
  } else if (isClosing(within))
    walk.add('request-property-refused', { pointer, at, gone, what: 'it is gone, and no property may be there that is not named' });
  else {
    walk.add('request-property-removed', { pointer, at, gone, what: 'it is gone; what is sent is ignored' });
    if (!isOpen(within)) walk.places(place, within, at);
  }
}

function isClosing({ value }: Place): boolean {
  return value === false;
}

/** A property that is sent in this direction; null for others. */
function sent(walk: SchemaWalk, place: Place | undefined, side: Side): Place | null {
  return place === undefined || walk.isLeftOut(place, side) ? null : place;
}
