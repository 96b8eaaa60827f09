import { same, type Place } from './document.ts';
import { tightest } from './limits.ts';
import { ANY, covers, isOpen, plain, type Shape, type Union } from './shape.ts';

/** One shape for values that are of all of these. What cannot be said as one is kept beside it, to be compared for equality. */
export function intersection(shapes: readonly Shape[], pointer = shapes[0]!.pointer): Shape {
  return { ...shapes.reduce(both), pointer };
}

/** A union as a shape: of few words where its branches are values, types, or one thing and null. */
export function bareUnion(union: Union, pointer: string): Shape {
  const { branches, orNull } = union;
  const only = branches.length === 1 ? branches[0]! : (oneOfValues(branches) ?? oneOfTypes(branches));
  if (only === null) return { ...plain(ANY, pointer), unions: [union] };
  return orNull ? { ...only, types: new Set([...only.types, 'null']) } : only;
}

/** It says no more of a value than of which types it may be. */
export function isBare(shape: Shape): boolean {
  const { pointer, types, fallback } = shape;
  return same(comparable(shape), comparable({ ...plain(types, pointer), fallback }));
}

function both(a: Shape, b: Shape): Shape {
  const others = new Map(a.others);
  const apart = (name: string, place: Place) => {
    let key = name;
    while (others.has(key) && !same(others.get(key)!.value, place.value)) key += ' and';
    others.set(key, place);
  };
  for (const [name, place] of b.others) apart(name, place);
  const here = (value: unknown): Place => ({ value, pointer: b.pointer });

  const limits = tightest(a.limits, b.limits);
  if (limits === null) apart('multipleOf', here(b.limits.multipleOf));
  for (const keyword of ['pattern', 'format', 'discriminator'] as const) {
    if (a[keyword] !== null && b[keyword] !== null && a[keyword] !== b[keyword]) apart(keyword, here(b[keyword]));
  }
  const properties = new Map(a.properties);
  for (const [name, place] of b.properties) {
    const known = properties.get(name);
    if (known === undefined) properties.set(name, place);
    else if (!same(known.value, place.value)) apart(`property ${name}`, place);
  }
  // What one part names may be what the other closes or limits.
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const limited = !isOpen(one.additional) && [...other.properties.keys()].some((name) => !one.properties.has(name));
    if (limited) apart('additionalProperties', one.additional);
  }
  const arrays = isOpen(a.items) && a.prefix.length === 0 ? b : a;
  if (arrays === a && !(isOpen(b.items) && b.prefix.length === 0) && !same([a.items.value, a.prefix], [b.items.value, b.prefix])) {
    apart('items', here([b.items.value, b.prefix]));
  }
  return {
    pointer: a.pointer,
    types: new Set([...[...a.types].filter((type) => covers(b.types, type)), ...[...b.types].filter((type) => covers(a.types, type))]),
    values: a.values && b.values ? new Map([...a.values].filter(([text]) => b.values!.has(text))) : (a.values ?? b.values),
    limits: limits ?? a.limits,
    pattern: a.pattern ?? b.pattern,
    format: a.format ?? b.format,
    properties,
    required: new Set([...a.required, ...b.required]),
    additional: isOpen(a.additional) ? b.additional : a.additional,
    prefix: arrays.prefix,
    items: arrays.items,
    unions: [...a.unions, ...b.unions],
    discriminator: a.discriminator ?? b.discriminator,
    fallback: a.fallback.value === undefined ? b.fallback : a.fallback,
    others,
  };
}

function oneOfValues(branches: readonly Shape[]): Shape | null {
  if (branches.length === 0 || branches.some((each) => each.values === null || !isBare({ ...each, values: null }))) return null;
  const { pointer } = branches[0]!;
  const types = new Set(branches.flatMap((each) => [...each.types]));
  return { ...plain(types, pointer), values: new Map(branches.flatMap(({ values }) => [...values!])) };
}

function oneOfTypes(branches: readonly Shape[]): Shape | null {
  if (branches.length === 0 || !branches.every(isBare)) return null;
  const types = new Set(branches.flatMap((each) => [...each.types]));
  if (types.has('number')) types.delete('integer');
  return plain(types, branches[0]!.pointer);
}

function comparable({
  values,
  limits,
  pattern,
  format,
  properties,
  required,
  additional,
  prefix,
  items,
  unions,
  discriminator,
  others,
}: Shape) {
  return [
    values === null,
    limits,
    pattern,
    format,
    [...properties.keys()],
    [...required],
    isOpen(additional),
    prefix.length,
    isOpen(items),
    unions.length,
    discriminator,
    [...others.keys()],
  ];
}
