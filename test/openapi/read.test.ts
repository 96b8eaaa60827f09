import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { OPENAPI_MAX_BYTES, parseOpenApi, readOpenApi } from '../../host/openapi/read.ts';

const INFO = { title: 'Pets', version: '1' };

/** A document with one operation, and something else put over it. */
function petsWith(over: object, operation: object = {}): Record<string, unknown> {
  const responses = { 200: { description: 'They are' } };
  return structuredClone({ openapi: '3.1.0', info: INFO, paths: { '/pets': { get: { responses, ...operation } } }, ...over });
}

function faultsOf(value: unknown): { pointer: string; message: string }[] {
  try {
    readOpenApi(value, 'openapi.json');
  } catch (error) {
    expect(error).toBeInstanceOf(BrinkError);
    expect((error as BrinkError).code).toBe('openapi-invalid');
    return (error as BrinkError).details!['issues'] as { pointer: string; message: string }[];
  }
  return [];
}

describe('readOpenApi() refuses', () => {
  const schema = (value: unknown) => petsWith({ components: { schemas: { Pet: value } } });
  const deep = () => {
    let value: unknown = {};
    for (let depth = 0; depth < 200; depth++) value = { properties: { a: value } };
    return value;
  };
  it.each<[what: string, value: unknown, pointer: string, says: string]>([
    ['what is no object', [], '#', 'must be an object'],
    ['what names no version', { info: INFO, paths: {} }, '#/openapi', 'must be the version'],
    ['another version', petsWith({ openapi: '4.0.0' }), '#/openapi', 'documents of OpenAPI 3.0 and 3.1 are taken'],
    ['one of 3.2', petsWith({ openapi: '3.2.0' }), '#/openapi', 'documents of OpenAPI 3.0 and 3.1 are taken'],
    ['Swagger', { swagger: '2.0', info: INFO, paths: {} }, '#', 'convert it'],
    ['what describes nothing', { openapi: '3.1.0', info: INFO }, '#', 'has neither'],
    ['one without a title', petsWith({ info: { version: '1' } }), '#/info', 'lacks "title"'],
    ['a version that is a number', petsWith({ info: { title: 'Pets', version: 1 } }), '#/info/version', 'must be a text'],
    ['a path without its slash', petsWith({ paths: { pets: {} } }), '#/paths/pets', 'does not begin with "/"'],
    ['the same path twice', petsWith({ paths: { '/a/{x}': {}, '/a/{y}': {} } }), '#/paths/~1a~1{y}', 'is the same path as "/a/{x}"'],
    ['an operation that is none', petsWith({ paths: { '/pets': { get: 'x' } } }), '#/paths/~1pets/get', 'must be an operation'],
    ['a status that is none', petsWith({}, { responses: { ok: { description: '' } } }), '#/paths/~1pets/get/responses/ok', 'is no status'],
    ['a response that says nothing', petsWith({}, { responses: { 200: {} } }), '#/paths/~1pets/get/responses/200', 'lacks "description"'],
    ['a parameter from nowhere', petsWith({}, { parameters: [{ name: 'a', in: 'body' }] }), '#/paths/~1pets/get/parameters/0/in', 'must be one of query'],
    ['two operations of one id', petsWith({ paths: { '/a': { get: { operationId: 'x' }, put: { operationId: 'x' } } } }), '#/paths/~1a/put', 'has the operationId "x" of #/paths/~1a/get'],
    ['a name with a blank', petsWith({ components: { schemas: { 'a b': {} } } }), '#/components/schemas/a b', 'has a name with characters'],
    ['a schema that is none', schema('text'), '#/components/schemas/Pet', 'must be a schema'],
    ['a type that is none', schema({ type: 'float' }), '#/components/schemas/Pet/type', 'must be one of null'],
    ['properties that are none', schema({ properties: [] }), '#/components/schemas/Pet/properties', 'must be an object'],
    ['a union of nothing', schema({ anyOf: [] }), '#/components/schemas/Pet/anyOf', 'is an empty list'],
    ['a reference to nothing', schema({ $ref: '#/components/schemas/Dog' }), '#/components/schemas/Pet/$ref', 'where nothing is'],
    ['a reference to a text', schema({ $ref: '#/info/title' }), '#/components/schemas/Pet/$ref', 'where nothing is'],
    ['a reference to another file', schema({ $ref: 'pet.json' }), '#/components/schemas/Pet/$ref', 'outside of the document; bundle it'],
    ['a reference to itself', schema({ $ref: '#/components/schemas/Pet' }), '#/components/schemas/Pet/$ref', 'round in a circle'],
    ['a scheme that is none', petsWith({ components: { securitySchemes: { a: { type: 'magic' } } } }), '#/components/securitySchemes/a/type', 'must be one of apiKey'],
    ['what is nested too deep', schema(deep()), '', 'is nested deeper than 100 levels'],
    ['a number that JSON does not have', schema({ minimum: Infinity }), '#/components/schemas/Pet/minimum', 'JSON has no number for'],
    ['a name that changes objects', JSON.parse('{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{"/a":{"__proto__":{}}}}'), '#/paths/~1a/__proto__', 'keep for themselves'],
  ])('%s', (_what, value, pointer, says) => {
    const [fault] = faultsOf(value);
    expect(fault?.message).toContain(says);
    if (pointer !== '') expect(fault!.pointer).toBe(pointer);
  }); // prettier-ignore
});

it('readOpenApi() tells all faults at once, and where they are in its message', () => {
  const value = petsWith({ info: { title: 1 } }, { tags: 'x' });
  expect(faultsOf(value).map(({ pointer }) => pointer)).toEqual(['#/info', '#/info/title', '#/paths/~1pets/get/tags']);
  expect(() => readOpenApi(value, 'openapi.yaml')).toThrow(
    'openapi.yaml: #/info lacks "version", which the info has to have. 2 more faults were found.',
  );
});

it('readOpenApi() takes what OpenAPI allows, and leaves it as it is', () => {
  const value = {
    openapi: '3.1.1',
    info: { ...INFO, 'x-logo': { url: '…' } },
    'x-owner': 1,
    components: {
      schemas: {
        Tree: { type: 'object', properties: { left: { $ref: '#/components/schemas/Tree' } }, 'x-any': [], unevaluatedProperties: false },
        Any: true,
        Maybe: { type: ['string', 'null'], examples: [null], $comment: 'a keyword that means nothing here' },
      },
      parameters: { limit: { name: 'limit', in: 'query', schema: { $ref: '#/components/schemas/Any' } } },
      headers: { 'x-left': { schema: { type: 'integer' } } },
    },
    paths: {
      '/t/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: {} }],
        get: { parameters: [{ $ref: '#/components/parameters/limit' }] },
      },
    },
  };
  const { document, notes, from } = readOpenApi(structuredClone(value), 'openapi.json');
  expect(document).toEqual(value);
  expect([notes, from]).toEqual([[], '3.1.1']);
});

it('readOpenApi() notes what readers get over', () => {
  const value = petsWith({
    paths: { '/a/{id}': { get: { respones: {}, security: [{ key: [] }], parameters: [{ name: 'b', in: 'path' }] } } },
  });
  expect(readOpenApi(value, 'a.json').notes).toEqual([
    'a.json: #/paths/~1a~1{id}/get has no parameter "id", which its path names.',
    'a.json: #/paths/~1a~1{id}/get/respones is no field of an operation, and means nothing.',
    'a.json: #/paths/~1a~1{id}/get/security/0/key names a scheme that components.securitySchemes does not have.',
    'a.json: #/paths/~1a~1{id}/get/parameters/0 is in the path, and does not say that it is required.',
  ]);
});

describe('readOpenApi() makes 3.1 of 3.0:', () => {
  it.each<[what: string, before: object, after: object]>([
    ['null is a type', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    ['nothing was nullable that did not say so', { type: 'string', nullable: false }, { type: 'string' }],
    ['what was combined and nullable is one of both', { allOf: [{ type: 'string' }], nullable: true }, { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    ['also where it had several parts', { allOf: [{ minLength: 1 }, { maxLength: 2 }], nullable: true }, { anyOf: [{ allOf: [{ minLength: 1 }, { maxLength: 2 }] }, { type: 'null' }] }],
    ['and a union has one more', { oneOf: [{ type: 'string' }], nullable: true }, { oneOf: [{ type: 'string' }, { type: 'null' }] }],
    ['a bound is exclusive itself', { minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false }, { exclusiveMinimum: 1, maximum: 9 }],
    ['examples are a list', { example: 'a' }, { examples: ['a'] }],
    ['bytes are encoded text', { type: 'string', format: 'byte' }, { type: 'string', contentEncoding: 'base64' }],
    ['files stay as they are', { type: 'string', format: 'binary' }, { type: 'string', format: 'binary' }],
    ['what stood beside a reference did not count', { $ref: '#/components/schemas/B', nullable: true, description: 'x' }, { $ref: '#/components/schemas/B', description: 'x' }],
    ['and all that in schemas inside of others', { properties: { a: { items: { type: 'integer', nullable: true } } } }, { properties: { a: { items: { type: ['integer', 'null'] } } } }],
  ])('%s', (_what, before, after) => {
    const components = { schemas: { A: before, B: {} } };
    const { document, from, notes } = readOpenApi({ ...petsWith({ openapi: '3.0.3', components: structuredClone(components) }) }, 'a.json');
    expect(document.components!.schemas!['A']).toEqual(after);
    expect([document.openapi, from]).toEqual(['3.1.1', '3.0.3']);
    expect(notes).toEqual(['a.json is of OpenAPI 3.0.3, and is kept as 3.1.1.']);
  }); // prettier-ignore
});

it('parseOpenApi() refuses what is no JSON, and what is too large', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  expect(() => parseOpenApi(bytes('{'), 'a.json')).toThrow(/^a\.json: # is no JSON: /);
  expect(() => parseOpenApi(new Uint8Array([0x22, 0xff, 0x22]), 'a.json')).toThrow(/^a\.json: # is no JSON: /);
  expect(() => parseOpenApi(new Uint8Array(OPENAPI_MAX_BYTES + 1), 'a.json')).toThrow(
    'a.json has 4194305 bytes; an OpenAPI document has at most 4194304.',
  );
});
