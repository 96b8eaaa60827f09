import { describe, expect, it } from 'vitest';
import { compareDocuments, MAX_CHANGES } from '../../../host/openapi/changes/compare.ts';
import { documentOf, INTEGER, NUMBER, objectOf, STRING, withBody, withResponse, withSchemas, type Json } from './documents.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('compareDocuments()', () => {
  it('says of a change where it is in the value, in the operation and in the document', () => {
    const owner = (schema: Json) => withSchemas({ 'Owner/of': objectOf({ tags: { type: 'array', items: schema } }) });
    const pet = objectOf({ owner: { $ref: '#/components/schemas/Owner~1of' } });
    expect(compareDocuments(withResponse(pet, owner(STRING)), withResponse(pet, owner(NUMBER)))).toEqual([
      {
        rule: 'response-type-changed',
        severity: 'breaking',
        method: 'POST',
        path: '/pets',
        pointer: '/components/schemas/Owner~1of/properties/tags/items',
        document: 'to',
        message: 'Response 200, `owner.tags[]`: it is number, it was string.',
      },
    ]);
  });

  it('leads into the older document for what is gone', () => {
    const [change] = compareDocuments(withBody(objectOf({ a: STRING })), withBody(objectOf({})));
    expect(change).toMatchObject({
      rule: 'request-property-removed',
      document: 'from',
      pointer: '/paths/~1pets/post/requestBody/content/application~1json/schema/properties/a',
    });
  });

  it('has the worst first', () => {
    const from = withResponse({ enum: ['a', 'b'] });
    const to = { ...withResponse({ enum: ['b', 'c'] }) };
    const paths = { ...(from['paths'] as Json), '/gone': { get: {} } };
    expect(compareDocuments({ ...from, paths }, to).map(({ severity }) => severity)).toEqual(['breaking', 'warning', 'compatible']);
  });

  it('tells of a shared schema in each operation that has it', () => {
    const at = (path: string) => ({ [path]: { get: { responses: { 200: { content: { 'application/json': { schema: ref('A') } } } } } } });
    const paths = { ...at('/a'), ...at('/b') };
    const changes = compareDocuments(documentOf(paths, withSchemas({ A: STRING })), documentOf(paths, withSchemas({ A: NUMBER })));
    expect(changes.map(({ path, rule }) => [path, rule])).toEqual([
      ['/a', 'response-type-changed'],
      ['/b', 'response-type-changed'],
    ]);
  });

  it.each([null, 1, 'text', [], undefined])('takes what is no document for none: %j', (nothing) => {
    expect(compareDocuments(nothing, nothing)).toEqual([]);
    expect(compareDocuments(nothing, documentOf({})).map(({ rule }) => rule)).toEqual(['document-added']);
  });

  it.each([
    ['a path that is no object', documentOf({ '/a': 1 })],
    ['a reference round in a circle', withBody(ref('A'), withSchemas({ A: ref('B'), B: ref('A') }))],
    ['allOf of itself', withBody(ref('A'), withSchemas({ A: { allOf: [ref('A')] } }))],
    ['oneOf of itself', withBody(ref('A'), withSchemas({ A: { oneOf: [ref('A'), STRING] } }))],
    ['keywords of the wrong type', withBody({ type: 7, enum: 'a', required: 'b', properties: [1], allOf: {}, oneOf: 3, items: 'x' })],
    ['names of prototypes', withBody(JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{}}}'))],
  ])('compares what nobody should write: %s', (_name, document) => {
    const words = { ...structuredClone(document), info: { title: 'b' } };
    expect(compareDocuments(document, words)).toEqual([]);
    expect(compareDocuments(document, withBody(NUMBER)).length).toBeGreaterThan(0);
  });
});

describe('documents without an end', () => {
  it('are followed deeper than a stack is, and not deeper than they can be written down', () => {
    const deep = (levels: number, leaf: Json): Json => {
      let schema: Json = leaf;
      for (let level = 0; level < levels; level++) schema = objectOf({ a: schema });
      return withBody(schema);
    };
    const rulesOf = (levels: number) => compareDocuments(deep(levels, STRING), deep(levels, NUMBER)).map(({ rule }) => rule);
    expect(rulesOf(500)).toEqual(['request-type-changed']);
    expect(rulesOf(100_000)).toEqual(['comparison-incomplete']);
  });

  it(`give no more than ${MAX_CHANGES} changes, and a remark`, () => {
    const paths = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`/p${index}`, { get: {} }]));
    const changes = compareDocuments(documentOf(paths(1_500)), documentOf({}));
    expect(changes).toHaveLength(MAX_CHANGES + 1);
    expect(changes.at(-1)!.rule).toBe('comparison-incomplete');
    expect(compareDocuments(documentOf(paths(MAX_CHANGES)), documentOf({}))).toHaveLength(MAX_CHANGES);
  });

  it('of hundreds of operations over shared schemas are soon compared, or as far as it goes', () => {
    // Each operation leads to every schema, and one schema has changed.
    const many = (leaf: Json, title: string): Json => {
      const place = (index: number) =>
        objectOf({
          next: ref(`S${(index + 1) % 200}`),
          other: ref(`S${(index * 7) % 200}`),
          leaf: index === 7 ? leaf : { ...STRING, title },
        });
      const paths = Array.from({ length: 400 }, (_, index) => [
        `/p${index}`,
        { get: { responses: { 200: { content: { 'application/json': { schema: ref(`S${index % 200}`) } } } } } },
      ]);
      return documentOf(
        Object.fromEntries(paths) as Json,
        withSchemas(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`S${index}`, place(index)]))),
      );
    };
    expect(compareDocuments(many(STRING, 'a'), many(STRING, 'b'))).toEqual([]);
    const changes = compareDocuments(many(STRING, 'a'), many(INTEGER, 'b'));
    expect(changes.length).toBeGreaterThan(50);
    expect(changes.length).toBeLessThan(400);
    expect(changes.at(-1)!.rule).toBe('comparison-incomplete');
  });
});
