import type { Example, MediaType, OpenApiDocument, Parameter, Reference, Schema, SchemaObject } from '../document.ts';
import { resolvePointer } from '../pointer.ts';
import { resolved } from '../resolve.ts';

const MAX_DEPTH = 6;
/** Of one object. */
const MAX_PROPERTIES = 40;
/** Of all in one example. */
const MAX_VALUES = 200;

/** A property that a body does not have on this way: one that is read only is not sent. */
export type Hidden = 'readOnly' | 'writeOnly';

/** A value that a body or a parameter may have: one that the document gives, or else one that its schema allows. */
export function exampleOf(
  document: OpenApiDocument,
  { example, examples, schema }: Pick<MediaType, 'example' | 'examples' | 'schema'>,
  hidden?: Hidden,
): unknown {
  if (example !== undefined) return example;
  for (const each of Object.values(examples ?? {})) {
    const { value } = resolved<Example>(document, each as Example | Reference);
    if (value !== undefined) return value;
  }
  return schema === undefined ? undefined : valueOf(schema, { document, way: [], count: { left: MAX_VALUES }, hidden });
}

export function parameterExample(document: OpenApiDocument, { content, ...rest }: Parameter): unknown {
  const [first] = Object.values(content ?? {});
  return exampleOf(document, first ?? rest);
}

interface Making {
  readonly document: OpenApiDocument;
  /** The schemas that this one stands in: one of them again would have no end. */
  readonly way: readonly SchemaObject[];
  readonly count: { left: number };
  readonly hidden: Hidden | undefined;
}

function valueOf(schema: Schema, making: Making): unknown {
  const { document, way, count } = making;
  if (typeof schema === 'boolean') return schema ? null : undefined;
  if (way.length >= MAX_DEPTH || way.includes(schema) || count.left-- <= 0) return undefined;
  const { $ref, examples, example, default: byDefault, const: constant, enum: values } = schema;
  for (const given of [Array.isArray(examples) ? (examples[0] as unknown) : undefined, example, byDefault, constant]) {
    if (given !== undefined) return given;
  }
  if (Array.isArray(values)) return values[0];
  const inside = { ...making, way: [...way, schema] };
  if (typeof $ref === 'string') {
    const found = resolvePointer(document, $ref);
    return typeof found === 'boolean' || (found !== null && typeof found === 'object') ? valueOf(found as Schema, inside) : undefined;
  }
  return combined(schema, inside) ?? ofType(schema, inside);
}

function combined({ allOf, anyOf, oneOf, properties }: SchemaObject, making: Making): unknown {
  if (Array.isArray(allOf)) {
    const parts = [...(allOf as Schema[]), ...(properties === undefined ? [] : [{ properties }])].map((part) => valueOf(part, making));
    const objects = parts.filter((part) => part !== null && typeof part === 'object');
    return objects.length > 0 ? Object.assign({}, ...objects) : parts.find((part) => part !== undefined);
  }
  for (const alternatives of [oneOf, anyOf]) {
    for (const each of (alternatives as Schema[] | undefined)?.slice(0, MAX_DEPTH) ?? []) {
      const value = valueOf(each, making);
      if (value !== undefined && value !== null) return value;
    }
  }
  return undefined;
}

function ofType(schema: SchemaObject, making: Making): unknown {
  const { type, properties, items, prefixItems } = schema;
  const first = (Array.isArray(type) ? (type as string[]).find((each) => each !== 'null') : type) ?? (properties ? 'object' : undefined);
  switch (first) {
    case 'object':
      return objectOf((properties ?? {}) as Record<string, Schema>, making);
    case 'array': {
      const given = (prefixItems ?? (items === undefined ? [] : [items])) as Schema[];
      return given.map((item) => valueOf(item, making)).filter((value) => value !== undefined);
    }
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string':
      return textOf(schema);
    default:
      return undefined;
  }
}

function objectOf(properties: Record<string, Schema>, making: Making): Record<string, unknown> {
  const entries = Object.entries(properties)
    .slice(0, MAX_PROPERTIES)
    .filter(([, property]) => typeof property === 'boolean' || making.hidden === undefined || property[making.hidden] !== true)
    .map(([name, property]) => [name, valueOf(property, making)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'user@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
};

function textOf({ format }: SchemaObject): string {
  return (typeof format === 'string' && Object.hasOwn(FORMATS, format) && FORMATS[format]) || 'text';
}
