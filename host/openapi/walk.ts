import { OBJECTS, type Kind, type Shape } from './objects.ts';

export type Place = readonly (string | number)[];

export interface Visitor {
  /** Called with each object before what is in it. A `$ref` in its place comes as `reference`. */
  readonly object?: (kind: Kind, value: Record<string, unknown>, place: Place) => void;
  readonly reference?: (kind: Kind, value: Record<string, unknown>, place: Place) => void;
  /** Called where something else stands than what is to stand there. */
  readonly fault?: (why: string, place: Place) => void;
  /** Called with each field that the object's kind does not have. */
  readonly unknown?: (kind: Kind, field: string, place: Place) => void;
}

/** How deep objects and lists may be inside of one another, also where they are values. */
export const MAX_DEPTH = 100;

/** Goes through a document, object by object. What is no object where one is to be is left out. */
export function walk(document: unknown, visitor: Visitor): void {
  walkShape('document', document, { visitor, place: [] });
}

interface Walk {
  readonly visitor: Visitor;
  /** That of what is looked at now. */
  readonly place: (string | number)[];
}

function walkShape(shape: Shape, value: unknown, walking: Walk): void {
  const { visitor, place } = walking;
  const fault = (why: string) => visitor.fault?.(why, place);
  if (typeof shape !== 'string') {
    if ('map' in shape) {
      if (!isObject(value)) return fault('must be an object');
      for (const [name, inner] of Object.entries(value)) within(name, walking, () => walkShape(shape.map, inner, walking));
      return;
    }
    if (!Array.isArray(value)) return fault('must be a list');
    if (value.length < (shape.least ?? 0)) fault('is an empty list');
    for (const [index, item] of value.entries()) within(index, walking, () => walkShape(shape.list, item, walking));
    return;
  }
  switch (shape) {
    case 'any':
      return;
    case 'text':
      return typeof value === 'string' ? undefined : fault('must be a text');
    case 'flag':
      return typeof value === 'boolean' ? undefined : fault('must be true or false');
    case 'number':
      return typeof value === 'number' ? undefined : fault('must be a number');
    default:
      return walkObject(shape, value, walking);
  }
}

function walkObject(kind: Kind, value: unknown, walking: Walk): void {
  const { visitor, place } = walking;
  const { name, fields, required, rest, referable } = OBJECTS[kind];
  if (kind === 'schema' && typeof value === 'boolean') return;
  if (!isObject(value)) return visitor.fault?.(`must be ${name}, an object`, place);
  if (referable === true && typeof value['$ref'] === 'string') return visitor.reference?.(kind, value, place);
  for (const field of required) if (!Object.hasOwn(value, field)) visitor.fault?.(`lacks "${field}", which ${name} has to have`, place);
  visitor.object?.(kind, value, place);
  // After its visitor, who may have changed what is in it.
  for (const [field, inner] of Object.entries(value)) {
    if (field.startsWith('x-') && kind !== 'security') continue;
    const inside = Object.hasOwn(fields, field) ? fields[field]! : rest;
    if (inside === null) visitor.unknown?.(kind, field, place);
    else within(field, walking, () => walkShape(inside, inner, walking));
  }
}

function within(part: string | number, { place }: Walk, step: () => void): void {
  place.push(part);
  step();
  place.pop();
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
