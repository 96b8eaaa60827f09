import { bareUnion, intersection } from './combined.ts';
import { below, canonical, entriesAt, isTable, listOf, tableOf, textOf, type Document, type Place, type Table } from './document.ts';
import { limitsOf } from './limits.ts';
import { ANY, plain, typeIn, type JsonType, type Shape, type Union } from './shape.ts';

const NEVER: ReadonlySet<JsonType> = new Set();

const EQUALITY = [
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'contains',
  'minContains',
  'maxContains',
  'propertyNames',
  'patternProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contentEncoding',
  'contentMediaType',
  '$dynamicRef',
];

/** Beside a reference they say nothing of what a value may be. */
const WORDS = new Set(['$ref', 'summary', 'description', 'title', 'example', 'examples', 'deprecated', '$comment', 'externalDocs', 'xml']);

/** Shapes of one document, each made once; null for what cannot be followed. */
export type ShapeOf = (place: Place) => Shape | null;

export function shapesOf(document: Document): ShapeOf {
  const known = new Map<object, Shape | null>();
  const shapeOf: ShapeOf = (place) => {
    const { value } = place;
    if (!isTable(value)) return plain(value === false ? NEVER : ANY, place.pointer);
    if (known.has(value)) return known.get(value)!;
    // What is asked for again while it is made leads to itself, as `allOf` of itself does.
    known.set(value, null);
    const made = typeof value['$ref'] === 'string' ? referred(place, value) : full(place, value);
    known.set(value, made);
    return made;
  };

  function referred(place: Place, value: Table): Shape | null {
    const target = document.follow(place);
    const shape = target && shapeOf(target);
    if (shape === null || Object.keys(value).every((key) => WORDS.has(key) || key.startsWith('x-'))) return shape;
    const { $ref: _followed, ...beside } = value;
    return intersection([shape, full(place, beside)]);
  }

  function full(place: Place, value: Table): Shape {
    const own = ownShape(place, value);
    const parts = ['allOf'].flatMap((key) => listOf(value[key]).map((_part, index) => part(below(place, key, index), own)));
    const unions = ['oneOf', 'anyOf'].flatMap((key) => {
      const branches = listOf(value[key]).map((_branch, index) => part(below(place, key, index), own));
      return branches.length === 0 ? [] : [unionOf(branches)];
    });
    return intersection([own, ...parts, ...unions.map((union) => bareUnion(union, place.pointer))], place.pointer);
  }

  /** What cannot be followed is compared as it is written. */
  function part(place: Place, { pointer }: Shape): Shape {
    return shapeOf(place) ?? { ...plain(ANY, pointer), others: new Map([[`$ref ${canonical(place.value)}`, place]]) };
  }

  return shapeOf;
}

function unionOf(shapes: readonly Shape[]): Union {
  const branches = shapes.filter(({ types, values }) => !(types.size === 1 && types.has('null') && values === null));
  return { branches, orNull: branches.length < shapes.length };
}

/** Of the keywords that stand in the schema itself. */
function ownShape(place: Place, value: Table): Shape {
  const nullable = value['nullable'] === true;
  const listed =
    'const' in value ? [value['const']] : Array.isArray(value['enum']) ? [...listOf(value['enum']), ...(nullable ? [null] : [])] : null;
  const types = typesOf(value['type'], nullable);
  const values =
    listed &&
    new Map(
      listed
        .filter((each) => types.has(typeIn(each)) || (types.has('number') && typeIn(each) === 'integer'))
        .map((each) => [canonical(each), each]),
    );
  const orNull = values?.delete('null') ?? types.has('null');
  const kept = values ? new Set([...values.values()].map(typeIn)) : new Set(types);
  if (orNull) kept.add('null');
  else kept.delete('null');
  return {
    ...plain(kept, place.pointer),
    values,
    limits: limitsOf(value),
    pattern: textOf(value['pattern']),
    format: textOf(value['format']),
    properties: new Map(entriesAt(below(place, 'properties'))),
    required: new Set(listOf(value['required']).filter((name) => typeof name === 'string')),
    additional: below(place, 'additionalProperties'),
    prefix: listOf(value['prefixItems']).map((_item, index) => below(place, 'prefixItems', index)),
    items: below(place, 'items'),
    discriminator: textOf(tableOf(value['discriminator'])['propertyName']),
    fallback: below(place, 'default'),
    others: new Map(EQUALITY.filter((key) => key in value).map((key) => [key, below(place, key)])),
  };
}

function typesOf(type: unknown, nullable: boolean): ReadonlySet<JsonType> {
  const named = (Array.isArray(type) ? type : [type]).filter((each): each is JsonType => each === 'integer' || ANY.has(each as JsonType));
  if (named.length === 0) return ANY;
  const types = new Set(named);
  if (types.has('number')) types.delete('integer');
  return nullable ? types.add('null') : types;
}
