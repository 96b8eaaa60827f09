import type { OpenApiDocument, Schema, SchemaObject } from '../document.ts';
import { resolvePointer } from '../pointer.ts';
import { schemaName } from '../resolve.ts';
import { isObject } from '../walk.ts';
import { markup, type Html } from './html.ts';
import { inline } from './markdown.ts';

/** What all parts of a page are made with. */
export interface Drawing {
  readonly document: OpenApiDocument;
  /** Characters that a page still has room for. After that, there are headings alone. */
  readonly room: { left: number };
  /** Schemas that are still looked at: by references, few can stand for any number. */
  readonly steps: { left: number };
}

/** How deep objects are shown inside of one another. */
const MAX_DEPTH = 6;
/** Properties of one object. */
const MAX_FIELDS = 500;
/** Alternatives and values of an enum that are shown. */
const MAX_SHOWN = 30;

/** A schema: its type, and its properties below. Those that have a name are shown where it is theirs. */
export function schemaView(schema: Schema, drawing: Drawing): Html {
  const fields = fieldsOf(schema, { ...drawing, way: [] });
  return markup`<div class="schema"><span class="type">${typeOf(schema, drawing, 0)}</span>${factsOf(schema)}${fields}</div>`;
}

interface Inside extends Drawing {
  /** The schemas that this one stands in. */
  readonly way: readonly SchemaObject[];
}

function opened(schema: Schema, { document }: Drawing): Schema {
  if (typeof schema === 'boolean' || schema.$ref === undefined) return schema;
  const found = resolvePointer(document, schema.$ref);
  return isObject(found) ? (found as SchemaObject) : schema;
}

/** In words: `string · date-time`, `list of Book`, `Cat or Dog`. */
function typeOf(schema: Schema, drawing: Drawing, depth: number): Html {
  if (typeof schema === 'boolean') return markup`${schema ? 'anything' : 'nothing'}`;
  const name = schemaName(schema);
  if (name !== null) return markup`<a href="#schema-${name}">${name}</a>`;
  if (depth > MAX_DEPTH || drawing.steps.left-- <= 0) return markup`…`;
  const { $ref, type, enum: values, const: constant } = schema;
  if (typeof $ref === 'string') return typeOf(opened(schema, drawing), drawing, depth + 1);
  if (constant !== undefined) return markup`<code>${json(constant)}</code>`;
  if (Array.isArray(values)) return alternatives(values, '|', (value) => markup`<code>${json(value)}</code>`);
  const deeper = (part: unknown) => typeOf(part as Schema, drawing, depth + 1);
  if (type === undefined) {
    for (const [keyword, between] of COMBINED) {
      const parts = schema[keyword];
      if (Array.isArray(parts)) return alternatives(parts, between, deeper);
    }
  }
  return alternatives([type ?? guessed(schema)].flat(), 'or', (each) => simpleType(String(each), schema, deeper));
}

const COMBINED = [
  ['oneOf', 'or'],
  ['anyOf', 'or'],
  ['allOf', 'and'],
] as const;

function guessed({ properties, items }: SchemaObject): string {
  return properties !== undefined ? 'object' : items === undefined ? 'any' : 'array';
}

function simpleType(type: string, { format, items, additionalProperties }: SchemaObject, typed: (part: unknown) => Html): Html {
  if (type === 'array') return items === undefined ? markup`list` : markup`list of ${typed(items)}`;
  if (type === 'object' && isObject(additionalProperties)) return markup`object of ${typed(additionalProperties)}`;
  return markup`${type}${typeof format === 'string' && type !== 'null' ? ` · ${format}` : null}`;
}

function alternatives(parts: readonly unknown[], between: string, show: (part: unknown) => Html): Html {
  const shown = parts.slice(0, MAX_SHOWN).map((part, index) => markup`${index === 0 ? null : ` ${between} `}${show(part)}`);
  return markup`${shown}${parts.length > MAX_SHOWN ? ` ${between} ${parts.length - MAX_SHOWN} more` : null}`;
}

const BOUNDS: readonly (readonly [keyword: string, says: string])[] = [
  ['minimum', '≥'],
  ['exclusiveMinimum', '>'],
  ['maximum', '≤'],
  ['exclusiveMaximum', '<'],
  ['multipleOf', 'multiple of'],
  ['minLength', 'length ≥'],
  ['maxLength', 'length ≤'],
  ['minItems', 'items ≥'],
  ['maxItems', 'items ≤'],
  ['minProperties', 'properties ≥'],
  ['maxProperties', 'properties ≤'],
  ['pattern', 'pattern'],
  ['default', 'default'],
];

/** What a value has to keep to besides. */
function factsOf(schema: Schema): Html | null {
  if (typeof schema === 'boolean') return null;
  const bounds = BOUNDS.flatMap(([keyword, says]) => {
    const value = schema[keyword];
    if (value === undefined) return [];
    return [markup`${says} <code>${keyword === 'pattern' ? short(String(value as string)) : json(value)}</code>`];
  });
  const facts = [...bounds, ...WORDS.flatMap(([keyword, says]) => (schema[keyword] === true ? [markup`${says}`] : []))];
  if (facts.length === 0) return null;
  return markup` <span class="facts">${facts.map((fact, index) => markup`${index === 0 ? null : ', '}${fact}`)}</span>`;
}

const WORDS = [
  ['readOnly', 'read only'],
  ['writeOnly', 'write only'],
  ['deprecated', 'deprecated'],
  ['uniqueItems', 'each once'],
] as const;

/** The properties of an object, of the items of a list and of the parts of what is combined. */
function fieldsOf(schema: Schema, inside: Inside): Html | null {
  if (typeof schema === 'boolean' || inside.way.length >= MAX_DEPTH || inside.way.includes(schema) || inside.steps.left-- <= 0) return null;
  // Shown where it is defined.
  if (schemaName(schema) !== null) return null;
  const within = { ...inside, way: [...inside.way, schema] };
  const { properties, required, items, $ref, patternProperties, additionalProperties } = schema;
  if (typeof $ref === 'string') return fieldsOf(opened(schema, inside), within);
  const wanted = new Set(Array.isArray(required) ? (required as unknown[]) : []);
  const rows = (named: unknown, nameOf: (name: string) => string) =>
    Object.entries((named ?? {}) as Record<string, Schema>)
      .slice(0, MAX_FIELDS)
      .flatMap(([name, property]) =>
        inside.steps.left > 0 ? [field(nameOf(name), property, { required: wanted.has(name), within })] : [],
      );
  const own = [...rows(properties, (name) => name), ...rows(patternProperties, (name) => `/${name}/`)];
  const parts = ['allOf', 'oneOf', 'anyOf', 'prefixItems'].flatMap((keyword) => {
    const list = schema[keyword];
    return Array.isArray(list) ? (list as Schema[]).slice(0, MAX_SHOWN) : [];
  });
  const nested = [...parts, items, additionalProperties].map((part) => (part === undefined ? null : fieldsOf(part as Schema, within)));
  const all = [own.length === 0 ? null : markup`<dl class="fields">${own}</dl>`, ...nested].filter((part) => part !== null);
  return all.length === 0 ? null : markup`${all}`;
}

interface Field {
  readonly required: boolean;
  readonly within: Inside;
}

function field(name: string, property: Schema, { required, within }: Field): Html {
  const description = typeof property === 'boolean' ? undefined : (property['description'] as string | undefined);
  const about = description === undefined ? null : markup` <span class="about">${inline(description)}</span>`;
  return markup`<dt><code>${name}</code>${required ? REQUIRED : null}</dt>
<dd><span class="type">${typeOf(property, within, 0)}</span>${factsOf(property)}${about}${fieldsOf(property, within)}</dd>
`;
}

export const REQUIRED = markup` <b class="required">required</b>`;
export const DEPRECATED = markup` <b class="deprecated">deprecated</b>`;

function json(value: unknown): string {
  return short(JSON.stringify(value) ?? '');
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
