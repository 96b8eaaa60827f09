/** Documents of few words for tests: everything that is not said is as small as it may be. */

export type Json = Record<string, unknown>;

export function documentOf(paths: Json, rest: Json = {}): Json {
  return { openapi: '3.1.0', info: { title: 'Pets', version: '1' }, paths, ...rest };
}

/** A document with one operation. */
export function withOperation(operation: Json, rest: Json = {}): Json {
  return documentOf({ '/pets': { post: operation } }, rest);
}

const OK = { 200: { description: 'Done' } };

export function withParameter(parameter: Json, rest: Json = {}): Json {
  return withOperation({ parameters: [{ name: 'limit', in: 'query', ...parameter }], responses: OK }, rest);
}

export function withBody(schema: unknown, rest: Json = {}): Json {
  return withOperation({ requestBody: { required: true, content: { 'application/json': { schema } } }, responses: OK }, rest);
}

export function withResponse(schema: unknown, rest: Json = {}): Json {
  return withOperation({ responses: { 200: { description: 'Done', content: { 'application/json': { schema } } } } }, rest);
}

export function withSchemas(schemas: Json): Json {
  return { components: { schemas } };
}

export function objectOf(properties: Json, required: readonly string[] = [], rest: Json = {}): Json {
  return { type: 'object', properties, required: [...required], ...rest };
}

export const STRING = { type: 'string' };
export const NUMBER = { type: 'number' };
export const INTEGER = { type: 'integer' };
