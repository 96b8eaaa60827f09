import { below, entriesAt, isTable, listOf, tableOf, textOf, type Document, type Place, type Table } from '../places.ts';
import { block, comment, grouped, intersection, key, literal, property, union } from './text.ts';

/** Beside a reference they say nothing of the type. */
const WORDS = new Set([
  '$ref',
  'summary',
  'description',
  'title',
  'example',
  'examples',
  'deprecated',
  'default',
  '$comment',
  'externalDocs',
  'xml',
  'readOnly',
  'writeOnly',
]);

/** Schemas that are written; references into others can make many of few. */
const MAX_SCHEMAS = 100_000;

/** The TypeScript types of a document's schemas. */
export class SchemaTypes {
  readonly #document: Document;
  /** What is being written into the type that has it: where it comes again, it has no name to go by. */
  readonly #within = new Set<object>();
  #left = MAX_SCHEMAS;
  /** Whether some property is only read, or only written. */
  marks = false;

  constructor(document: Document) {
    this.#document = document;
  }

  of(place: Place): string {
    const { value } = place;
    if (value === false) return 'never';
    if (!isTable(value)) return 'unknown';
    if (typeof value['$ref'] === 'string') return this.#referred(place, value);
    if (this.#within.has(value) || this.#left-- <= 0) return 'unknown';
    this.#within.add(value);
    try {
      return this.#written(place, value);
    } finally {
      this.#within.delete(value);
    }
  }

  #referred(place: Place, value: Table): string {
    const target = componentType(String(value['$ref']), 'schemas') ?? this.#inlined(place);
    const { $ref: _followed, ...beside } = value;
    return Object.keys(beside).some((word) => !WORDS.has(word) && !word.startsWith('x-'))
      ? intersection([target, this.of({ ...place, value: beside })])
      : target;
  }

  #inlined(place: Place): string {
    const target = this.#document.follow(place);
    return target === null ? 'unknown' : this.of(target);
  }

  #written(place: Place, value: Table): string {
    if ('const' in value) return valueType(value['const']);
    if (Array.isArray(value['enum'])) return union(listOf(value['enum']).map(valueType));
    const parts = listOf(value['allOf']).map((_part, index) => this.of(below(place, 'allOf', index)));
    for (const word of ['oneOf', 'anyOf']) {
      const branches = listOf(value[word]);
      if (branches.length > 0) parts.push(union(branches.map((_branch, index) => this.#branch(place, below(place, word, index)))));
    }
    const own = this.#own(place, value, parts.length > 0);
    return intersection(own === null ? parts : [own, ...parts]);
  }

  /** The values of the discriminator that stand for a branch are part of it. */
  #branch(union: Place, branch: Place): string {
    const type = this.of(branch);
    const discriminator = tableOf(tableOf(union.value)['discriminator']);
    const [name, reference] = [textOf(discriminator['propertyName']), textOf(tableOf(branch.value)['$ref'])];
    if (name === null || reference === null) return type;
    const own = reference.split('/').at(-1)!;
    const named = Object.entries(tableOf(discriminator['mapping'])).flatMap(([word, to]) => (to === reference || to === own ? [word] : []));
    return intersection([block([property(name, union_(named.length > 0 ? named : [own]))]), type]);
  }

  /** Of the keywords that stand in the schema itself; null where they add nothing to `others`. */
  #own(place: Place, value: Table, others: boolean): string | null {
    const types = (Array.isArray(value['type']) ? listOf(value['type']) : [value['type'] ?? impliedType(value)]).map(String);
    const isPlainObject = types.join() === 'object' && impliedType(value) === undefined;
    if (others && (types.join() === 'undefined' || isPlainObject)) return null;
    return union(types.map((type) => this.#typed(type, place, value)));
  }

  #typed(type: string, place: Place, value: Table): string {
    switch (type) {
      case 'string':
      case 'boolean':
      case 'null':
        return type;
      case 'number':
      case 'integer':
        return 'number';
      case 'array':
        return this.#array(place, value);
      case 'object':
        return this.#object(place, value);
      default:
        return 'unknown';
    }
  }

  #array(place: Place, value: Table): string {
    const items = `${grouped(this.of(below(place, 'items')))}[]`;
    const prefix = listOf(value['prefixItems']).map((_item, index) => this.of(below(place, 'prefixItems', index)));
    if (prefix.length === 0) return value['items'] === false ? '[]' : items;
    return `[${[...prefix, ...(isTable(value['items']) || value['items'] === true ? [`...${items}`] : [])].join(', ')}]`;
  }

  #object(place: Place, value: Table): string {
    const required = new Set(listOf(value['required']).map(String));
    const properties = entriesAt(below(place, 'properties'));
    const lines = properties.map(([name, each]) => this.#property(name, each, required.has(name)));
    const named = new Set(properties.map(([name]) => name));
    for (const name of required) if (!named.has(name)) lines.push(property(name, 'unknown'));
    const further = value['additionalProperties'];
    const index = (type: string) => block([`[key: string]: ${type};`]);
    if (further === undefined || further === false) {
      return lines.length === 0 && further === undefined ? index('unknown') : block(lines);
    }
    const rest = index(this.of(below(place, 'additionalProperties')));
    return lines.length === 0 ? rest : intersection([block(lines), rest]);
  }

  #property(name: string, place: Place, required: boolean): string {
    const value = tableOf(place.value);
    const behind = tableOf(this.#document.follow(place)?.value);
    const type = this.of(place);
    const mark =
      value['readOnly'] === true || behind['readOnly'] === true
        ? '$Read'
        : value['writeOnly'] === true || behind['writeOnly'] === true
          ? '$Write'
          : null;
    if (mark !== null) this.marks = true;
    return `${wordsOf(value)}${property(name, mark === null ? type : `${mark}<${type}>`, { optional: !required })}`;
  }
}

/** What stands for a component: `components["schemas"]["Pet"]`. null of a reference that leads elsewhere. */
export function componentType(reference: string, kind: string): string | null {
  const prefix = `#/components/${kind}/`;
  const name = reference.startsWith(prefix) ? reference.slice(prefix.length) : '';
  if (name === '' || name.includes('/')) return null;
  return `components[${literal(kind)}][${literal(decoded(name).replaceAll('~1', '/').replaceAll('~0', '~'))}]`;
}

/** What a document says for people, above the line that it is about. */
export function wordsOf(value: Table): string {
  const { summary, description, deprecated, format, default: fallback } = value;
  return comment([
    [null, textOf(summary)],
    ['description', textOf(description)],
    ['deprecated', deprecated === true ? '' : null],
    ['format', textOf(format)],
    ['default', fallback === undefined ? null : literal(fallback)],
  ]);
}

function impliedType(value: Table): string | undefined {
  if ('properties' in value || 'additionalProperties' in value || 'required' in value) return 'object';
  return 'items' in value || 'prefixItems' in value ? 'array' : undefined;
}

/** The type of this value and no other. */
function valueType(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueType).join(', ')}]`;
  if (isTable(value)) return block(Object.entries(value).map(([name, each]) => `${key(name)}: ${valueType(each)};`));
  return literal(value);
}

function union_(words: readonly string[]): string {
  return union(words.map(literal));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
