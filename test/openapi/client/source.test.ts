import { describe, expect, it } from 'vitest';
import type { OpenApiDocument } from '../../../host/openapi/document.ts';
import { clientSource } from '../../../host/openapi/client/source.ts';
import {
  documentOf,
  INTEGER,
  objectOf,
  STRING,
  withBody,
  withOperation,
  withParameter,
  withResponse,
  withSchemas,
  type Json,
} from '../changes/documents.ts';

const ORIGIN = { function: 'pets', version: 3, digest: 'ab'.repeat(32), url: 'http://127.0.0.1:8787/pets/' };
const source = (document: Json) => clientSource(document as unknown as OpenApiDocument, ORIGIN);
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** The type of a schema, on one line. */
function typeOf(schema: unknown, rest: Json = {}): string {
  const text = source(withResponse(schema, rest));
  const [, type] = /"application\/json": ([\s\S]*?);\n {10}\};/.exec(text) ?? [];
  return type!.replaceAll(/\s+/g, ' ');
}

describe('the type of a schema', () => {
  it.each<[string, unknown, string]>([
    ['nothing', {}, 'unknown'],
    ['true', true, 'unknown'],
    ['false', false, 'never'],
    ['text', STRING, 'string'],
    ['an integer', INTEGER, 'number'],
    ['several types', { type: ['string', 'null', 'integer'] }, 'string | null | number'],
    ['an enum', { enum: ['a', 1, null, true] }, '"a" | 1 | null | true'],
    ['a const that is a table', { const: { a: [1, 'b'] } }, '{ a: [1, "b"]; }'],
    ['a list', { type: 'array', items: { type: ['string', 'null'] } }, '(string | null)[]'],
    ['a list of anything', { type: 'array' }, 'unknown[]'],
    ['a tuple', { prefixItems: [STRING, INTEGER], items: false }, '[string, number]'],
    ['a tuple with more', { prefixItems: [STRING], items: INTEGER }, '[string, ...number[]]'],
    ['an object', objectOf({ a: STRING, 'b-c': INTEGER }, ['a']), '{ a: string; "b-c"?: number; }'],
    ['a property that is required and not described', objectOf({}, ['a']), '{ a: unknown; }'],
    ['an object of anything', { type: 'object' }, '{ [key: string]: unknown; }'],
    ['an object of nothing', { type: 'object', additionalProperties: false }, 'Record<string, never>'],
    ['a table', { type: 'object', additionalProperties: INTEGER }, '{ [key: string]: number; }'],
    ['an object and more', objectOf({ a: STRING }, [], { additionalProperties: true }), '{ a?: string; } & { [key: string]: unknown; }'],
    ['one of several', { oneOf: [STRING, ref('A')] }, 'string | components["schemas"]["A"]'],
    ['all of several', { allOf: [ref('A'), { anyOf: [ref('B'), ref('C')] }] }, 'components["schemas"]["A"] & (components["schemas"]["B"] | components["schemas"]["C"])'],
    ['a reference and more', { ...ref('A'), required: ['x'] }, 'components["schemas"]["A"] & { x: unknown; }'],
    ['a reference with words', { ...ref('A'), description: 'words' }, 'components["schemas"]["A"]'],
    ['a reference into a component', ref('A/properties/next'), '{ next?: components["schemas"]["A"]; }'],
    ['a reference to nothing', { $ref: '#/nothing' }, 'unknown'],
    ['a reference out of the document', { $ref: 'https://example.com/a.json' }, 'unknown'],
    ['branches that are told apart', { oneOf: [ref('A'), ref('B')], discriminator: { propertyName: 'kind', mapping: { a: '#/components/schemas/A' } } },
      '{ kind: "a"; } & components["schemas"]["A"] | { kind: "B"; } & components["schemas"]["B"]'],
  ])('%s', (_name, schema, type) => {
    const A = objectOf({ next: ref('A') });
    expect(typeOf(schema, withSchemas({ A, B: STRING, C: STRING }))).toBe(type);
  }); // prettier-ignore

  it('of one that leads to itself without a name ends', () => {
    const schema = { type: 'array', items: { $ref: '#/paths/~1pets/post/responses/200/content/application~1json/schema' } };
    expect(typeOf(schema)).toBe('unknown[]');
  });

  it('marks what only the host writes, and what only the client does', () => {
    const text = source(withBody(objectOf({ id: { ...STRING, readOnly: true }, secret: { ...STRING, writeOnly: true } }, ['id'])));
    expect(text).toContain('id: $Read<string>;');
    expect(text).toContain('secret?: $Write<string>;');
    expect(text).toContain('export type $Read<T> = { readonly $read: T };');
    expect(source(withBody(objectOf({ id: STRING })))).not.toContain('$Read');
  });
});

describe('the types of an operation', () => {
  it('have its parameters by place, and none as never', () => {
    const text = source(withParameter({ schema: INTEGER }));
    expect(text).toContain('query?: {\n          limit?: number;\n        };\n        header?: never;\n        path?: never;');
    expect(source(withParameter({ required: true }))).toContain('query: {\n          limit: unknown;');
  });

  it('stand under its id, and in place where two have the same', () => {
    const at = (schema: Json) => ({ operationId: 'a', parameters: [{ name: 'x', in: 'query', schema }], responses: {} });
    const text = source(documentOf({ '/a': { get: at(STRING), put: at(INTEGER) } }));
    expect(text).toContain('get: operations["a"];');
    expect(text).toContain('put: {\n');
    expect(text).toContain('export interface operations {\n  a: {');
  });

  it('name the components that they are made of', () => {
    const components = {
      parameters: { Limit: { name: 'limit', in: 'query', schema: INTEGER } },
      responses: { Gone: { description: 'Gone', headers: { 'X-A': { schema: STRING } } } },
      requestBodies: { Pet: { content: { 'text/csv': { schema: STRING } } } },
    };
    const reference = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });
    const operation = {
      parameters: [reference('parameters', 'Limit')],
      requestBody: reference('requestBodies', 'Pet'),
      responses: { 410: reference('responses', 'Gone') },
    };
    const text = source(withOperation(operation, { components }));
    expect(text).toContain('limit?: components["parameters"]["Limit"];');
    expect(text).toContain('requestBody?: components["requestBodies"]["Pet"];');
    expect(text).toContain('410: components["responses"]["Gone"];');
    expect(text).toContain('"X-A"?: string;\n        [name: string]: unknown;');
  });
});

describe('a document of a stranger', () => {
  const hostile = `*/ alert(1); /*\n"];\u2028\${x}\`'`;

  it('writes into literals and comments, and nowhere else', () => {
    const operation = {
      operationId: hostile,
      summary: hostile,
      description: hostile,
      parameters: [{ name: hostile, in: 'query', description: hostile, schema: { enum: [hostile], default: hostile } }],
      responses: { [hostile]: { description: hostile, headers: { [hostile]: {} }, content: { [hostile]: { schema: ref(hostile) } } } },
    };
    const schemas = {
      [hostile]: { ...objectOf({ [hostile]: { const: hostile }, ['__proto__']: STRING }, [hostile]), title: hostile, format: hostile },
    };
    const text = source(
      documentOf({ [`/${hostile}`]: { summary: hostile, get: operation } }, { info: { title: hostile }, ...withSchemas(schemas) }),
    );
    // Without the comments and the literals, nothing of it is left.
    const code = text.replaceAll(/^\/\/.*$|\/\*\*[\s\S]*?\*\//gm, '').replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '');
    expect(text).toContain('alert(1)');
    expect(code).not.toMatch(/alert|\$\{|\u2028/);
    expect(code).toMatch(/^[\w\s:;,.?{}[\]()<>|&=*$'/-]*$/);
  });

  it('is the same text each time', () => {
    const document = withResponse(objectOf({ b: STRING, a: ref('A') }), withSchemas({ A: STRING }));
    expect(source(structuredClone(document))).toBe(source(document));
  });

  it('says where the function answers, without a slash at the end, and with what its paths begin with', () => {
    expect(source(documentOf({}, { servers: [{ url: '/v1/' }] }))).toContain('export const BASE_URL = "http://127.0.0.1:8787/pets/v1";');
    expect(source(documentOf({}))).toContain('export const BASE_URL = "http://127.0.0.1:8787/pets";');
    expect(source(documentOf({}))).toContain('export type paths = Record<string, never>;');
  });
});
