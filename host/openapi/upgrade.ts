import { isObject, walk } from './walk.ts';

/**
 * Rewrites a document of OpenAPI 3.0 in place, so that it says the same in 3.1, whose schemas are JSON Schema.
 * https://learn.openapis.org/upgrading/v3.0-to-v3.1.html
 */
export function upgradeDocument(document: Record<string, unknown>, version: string): void {
  document['openapi'] = version;
  walk(document, {
    object(kind, value) {
      if (kind === 'schema') upgradeSchema(value);
    },
  });
}

function upgradeSchema(schema: Record<string, unknown>): void {
  // What stood beside it meant nothing, and would now.
  if (typeof schema['$ref'] === 'string') {
    for (const keyword of Object.keys(schema)) if (keyword !== '$ref' && keyword !== 'description') delete schema[keyword];
    return;
  }
  bound(schema, 'minimum', 'exclusiveMinimum');
  bound(schema, 'maximum', 'exclusiveMaximum');
  if (Object.hasOwn(schema, 'example')) {
    schema['examples'] ??= [schema['example']];
    delete schema['example'];
  }
  if (schema['format'] === 'byte') {
    delete schema['format'];
    schema['contentEncoding'] = 'base64';
  }
  if (schema['nullable'] === true) orNull(schema);
  delete schema['nullable'];
}

/** `exclusiveMinimum: true` said something of `minimum`. */
function bound(schema: Record<string, unknown>, limit: string, exclusive: string): void {
  const flag = schema[exclusive];
  if (typeof flag !== 'boolean') return;
  delete schema[exclusive];
  if (!flag || schema[limit] === undefined) return;
  schema[exclusive] = schema[limit];
  delete schema[limit];
}

function orNull(schema: Record<string, unknown>): void {
  const { type } = schema;
  if (typeof type === 'string') {
    schema['type'] = [type, 'null'];
    return;
  }
  const combined = ['allOf', 'anyOf', 'oneOf'].find((keyword) => Array.isArray(schema[keyword]));
  if (combined === undefined) return;
  // Meant by all tools that wrote it, though 3.0 speaks of it beside `type` alone.
  const alternatives = schema[combined] as unknown[];
  if (combined !== 'allOf') {
    alternatives.push({ type: 'null' });
    return;
  }
  delete schema['allOf'];
  const [first] = alternatives;
  schema['anyOf'] = [alternatives.length === 1 && isObject(first) ? first : { allOf: alternatives }, { type: 'null' }];
}
