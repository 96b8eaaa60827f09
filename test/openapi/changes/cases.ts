import type { Rule } from '../../../host/openapi/changes/rules.ts';
import {
  documentOf,
  INTEGER,
  NUMBER,
  objectOf,
  STRING,
  withBody,
  withOperation,
  withParameter,
  withResponse,
  withSchemas,
  type Json,
} from './documents.ts';

/** Two documents, and exactly what is found from the one to the other, and back. */
export interface Case {
  readonly name: string;
  readonly from: Json | null;
  readonly to: Json | null;
  readonly there: readonly Rule[];
  readonly back: readonly Rule[];
}

const OK = { 200: { description: 'Done' } };
const A = { responses: OK };

function row(name: string, from: Json | null, to: Json | null, [there, back]: readonly [readonly Rule[], readonly Rule[]]): Case {
  return { name, from, to, there, back };
}

/** The same two schemas as what is sent, and as what is got. */
function both(
  name: string,
  [from, to]: readonly [unknown, unknown],
  [request, back]: readonly [string | null, string | null],
  rest: readonly [Json, Json] = [{}, {}],
): Case[] {
  const rules = (direction: string, names: string | null) => (names?.split(' ') ?? []).map((rule) => `${direction}-${rule}` as Rule);
  return [
    row(`${name}, sent`, withBody(from, rest[0]), withBody(to, rest[1]), [rules('request', request), rules('request', back)]),
    row(`${name}, got`, withResponse(from, rest[0]), withResponse(to, rest[1]), [rules('response', request), rules('response', back)]),
  ];
}

const keyScheme = { type: 'apiKey', in: 'header', name: 'x-key' };
const schemes = (securitySchemes: Json) => ({ components: { securitySchemes } });
const header = (value: Json) => withOperation({ responses: { 200: { description: 'Done', headers: value } } });
const responses = (value: Json) => withOperation({ responses: value });
const media = (...types: string[]) => ({ content: Object.fromEntries(types.map((type) => [type, {}])) });

const OPERATIONS: Case[] = [
  row('a path', documentOf({ '/a': { get: A }, '/b': { get: A } }), documentOf({ '/a': { get: A } }), [['path-removed'], ['path-added']]),
  row('a method', documentOf({ '/a': { get: A, put: A } }), documentOf({ '/a': { get: A } }), [['method-removed'], ['method-added']]),
  row('a method that was deprecated', documentOf({ '/a': { get: A, put: { ...A, deprecated: true } } }), documentOf({ '/a': { get: A } }), [
    ['deprecated-method-removed'],
    ['method-added'],
  ]),
  row('a path whose methods were deprecated', documentOf({ '/a': { put: { ...A, deprecated: true } } }), documentOf({}), [
    ['deprecated-method-removed'],
    ['path-added'],
  ]),
  row('a method gets deprecated', withOperation(A), withOperation({ ...A, deprecated: true }), [['method-deprecated'], []]),
  row('an operationId', withOperation({ ...A, operationId: 'a' }), withOperation({ ...A, operationId: 'b' }), [
    ['operation-id-changed'],
    ['operation-id-changed'],
  ]),
  row(
    'the name of a path parameter',
    documentOf({
      '/a/{id}/{x}': {
        get: {
          ...A,
          parameters: [
            { name: 'id', in: 'path', schema: STRING },
            { name: 'x', in: 'path', schema: NUMBER },
          ],
        },
      },
    }),
    documentOf({
      '/a/{key}/{y}': {
        parameters: [{ name: 'y', in: 'path', schema: NUMBER }],
        get: { ...A, parameters: [{ name: 'key', in: 'path', schema: STRING }] },
      },
    }),
    [[], []],
  ),
  row(
    'the schema of a path parameter',
    documentOf({ '/a/{id}': { get: { ...A, parameters: [{ name: 'id', in: 'path', schema: STRING }] } } }),
    documentOf({ '/a/{key}': { get: { ...A, parameters: [{ name: 'key', in: 'path', schema: INTEGER }] } } }),
    [['request-type-changed'], ['request-type-changed']],
  ),
  row(
    'words, tags and servers',
    withOperation({ ...A, summary: 'a', tags: ['x'] }),
    withOperation({ ...A, description: 'b' }, { servers: [{ url: '/v2' }] }),
    [[], []],
  ),
  row('callbacks', withOperation(A), withOperation({ ...A, callbacks: { done: {} } }), [['callbacks-changed'], ['callbacks-changed']]),
  row('webhooks', documentOf({}), documentOf({}, { webhooks: { done: {} } }), [['webhooks-changed'], ['webhooks-changed']]),
  row('a document', withOperation(A), null, [['document-removed'], ['document-added']]),
];

const SECURITY: Case[] = [
  row(
    'a key',
    withOperation(A, schemes({ key: keyScheme })),
    withOperation({ ...A, security: [{ key: [] }] }, schemes({ key: keyScheme })),
    [['security-tightened'], ['security-loosened']],
  ),
  row('the document asks for a key', withOperation(A), withOperation(A, { security: [{ key: [] }], ...schemes({ key: keyScheme }) }), [
    ['security-tightened'],
    ['security-loosened'],
  ]),
  row('a scope', withOperation({ ...A, security: [{ o: ['read'] }] }), withOperation({ ...A, security: [{ o: ['read', 'write'] }] }), [
    ['security-tightened'],
    ['security-loosened'],
  ]),
  row('another way', withOperation({ ...A, security: [{ a: [] }] }), withOperation({ ...A, security: [{ a: [] }, { b: [] }] }), [
    ['security-loosened'],
    ['security-tightened'],
  ]),
  row('a key need not be shown', withOperation({ ...A, security: [{ a: [] }] }), withOperation({ ...A, security: [{ a: [] }, {}] }), [
    ['security-loosened'],
    ['security-tightened'],
  ]),
  row(
    'the name of a scheme',
    withOperation({ ...A, security: [{ a: [] }] }, schemes({ a: keyScheme })),
    withOperation({ ...A, security: [{ b: [] }] }, schemes({ b: { ...keyScheme, description: 'now b' } })),
    [[], []],
  ),
  row(
    'what a scheme is',
    withOperation({ ...A, security: [{ a: [] }] }, schemes({ a: keyScheme })),
    withOperation({ ...A, security: [{ a: [] }] }, schemes({ a: { ...keyScheme, name: 'x-other' } })),
    [['security-tightened'], ['security-tightened']],
  ),
];

const PARAMETERS: Case[] = [
  row('a parameter', withParameter({}), withOperation(A), [['parameter-removed'], ['parameter-added-optional']]),
  row('a required parameter', withParameter({ required: true }), withOperation(A), [['parameter-removed'], ['parameter-added-required']]),
  row('a parameter gets required', withParameter({}), withParameter({ required: true }), [
    ['parameter-became-required'],
    ['parameter-became-optional'],
  ]),
  row('how a parameter is written', withParameter({}), withParameter({ style: 'spaceDelimited' }), [
    ['parameter-style-changed'],
    ['parameter-style-changed'],
  ]),
  row('how a parameter is written, said or not', withParameter({}), withParameter({ style: 'form', explode: true }), [[], []]),
  row(
    'the media type of a parameter',
    withParameter({ schema: STRING }),
    withParameter({ content: { 'application/json': { schema: STRING } } }),
    [['parameter-style-changed'], ['parameter-style-changed']],
  ),
  row('the type of a parameter', withParameter({ schema: STRING }), withParameter({ schema: INTEGER }), [
    ['request-type-changed'],
    ['request-type-changed'],
  ]),
  row(
    'a parameter of the path',
    documentOf({ '/a': { parameters: [{ name: 'q', in: 'query' }], get: A } }),
    documentOf({ '/a': { get: { ...A, parameters: [{ name: 'q', in: 'query' }] } } }),
    [[], []],
  ),
  row('the case of a header', withParameter({ in: 'header', name: 'X-A' }), withParameter({ in: 'header', name: 'x-a' }), [[], []]),
  row('a header that is no parameter', withParameter({ in: 'header', name: 'Accept', required: true }), withOperation(A), [[], []]),
];

const body = (value: Json) => withOperation({ ...A, requestBody: value });

const BODIES: Case[] = [
  row('a body', withOperation(A), body({ content: {} }), [['request-body-added-optional'], ['request-body-removed']]),
  row('a required body', withOperation(A), body({ required: true, content: {} }), [
    ['request-body-added-required'],
    ['request-body-removed'],
  ]),
  row('a body gets required', body({ content: {} }), body({ required: true, content: {} }), [
    ['request-body-became-required'],
    ['request-body-became-optional'],
  ]),
  row('a media type', body(media('application/json', 'text/csv')), body(media('application/json')), [
    ['request-media-type-removed'],
    ['request-media-type-added'],
  ]),
  row('a media type in a range', body(media('text/csv')), body(media('text/*')), [
    ['request-media-type-added'],
    ['request-media-type-removed', 'request-media-type-added'],
  ]),
  row('the parameters of a media type', body(media('text/csv')), body(media('text/csv; charset=utf-8')), [[], []]),
  row('the status of a success', responses({ 200: {}, 201: {} }), responses({ 200: {} }), [
    ['response-success-removed'],
    ['response-success-added'],
  ]),
  row('the status of an error', responses({ 200: {}, 404: {} }), responses({ 200: {} }), [
    ['response-status-removed'],
    ['response-status-added'],
  ]),
  row('a status in a range', responses({ 200: {}, 404: {} }), responses({ 200: {}, '4XX': {} }), [
    ['response-status-added'],
    ['response-status-removed', 'response-status-added'],
  ]),
  row('a status that the default stood for', responses({ 200: {}, default: {} }), responses({ 200: {}, 404: {}, default: {} }), [
    ['response-status-added'],
    [],
  ]),
  row(
    'a media type of a response',
    responses({ 200: media('application/json', 'text/csv') }),
    responses({ 200: media('application/json') }),
    [['response-media-type-removed'], ['response-media-type-added']],
  ),
  row('a header', header({ 'X-A': { required: true } }), header({}), [['response-header-removed'], ['response-header-added']]),
  row('an optional header', header({ 'X-A': {} }), header({}), [['response-optional-header-removed'], ['response-header-added']]),
  row('a header need not be there', header({ 'X-A': { required: true } }), header({ 'x-a': {} }), [
    ['response-header-became-optional'],
    ['response-header-became-required'],
  ]),
  row('the type of a header', header({ 'X-A': { schema: INTEGER } }), header({ 'x-a': { schema: NUMBER } }), [
    ['response-type-widened'],
    ['response-type-narrowed'],
  ]),
];

const SENT_AND_GOT: Case[] = [
  row('an optional property that is sent', withBody(objectOf({ a: STRING })), withBody(objectOf({ a: STRING, b: STRING })), [
    ['request-property-added-optional'],
    ['request-property-removed'],
  ]),
  row('a required property that is sent', withBody(objectOf({ a: STRING })), withBody(objectOf({ a: STRING, b: STRING }, ['b'])), [
    ['request-property-added-required'],
    ['request-property-removed'],
  ]),
  row(
    'a property that is refused',
    withBody(objectOf({ a: STRING, b: STRING }, [], { additionalProperties: false })),
    withBody(objectOf({ a: STRING }, [], { additionalProperties: false })),
    [['request-property-refused'], ['request-property-added-optional']],
  ),
  row('an optional property that is got', withResponse(objectOf({ a: STRING, b: STRING })), withResponse(objectOf({ a: STRING })), [
    ['response-optional-property-removed'],
    ['response-property-added'],
  ]),
  row('a required property that is got', withResponse(objectOf({ a: STRING, b: STRING }, ['b'])), withResponse(objectOf({ a: STRING })), [
    ['response-property-removed'],
    ['response-property-added'],
  ]),
  row(
    'a required property that the host alone writes',
    withBody(objectOf({ id: STRING }, ['id'])),
    withBody(objectOf({ id: { ...STRING, readOnly: true } }, ['id'])),
    [['request-property-removed'], ['request-property-added-required']],
  ),
  row(
    'what the host alone writes is not sent',
    withBody(objectOf({ id: { ...STRING, readOnly: true } })),
    withBody(objectOf({ id: { ...INTEGER, readOnly: true } }, ['id'])),
    [[], []],
  ),
  row(
    'what the client alone writes is not got',
    withResponse(objectOf({ id: { ...STRING, writeOnly: true } })),
    withResponse(objectOf({ id: { ...INTEGER, writeOnly: true } })),
    [[], []],
  ),
];

const pet = objectOf({ kind: { const: 'cat' } }, ['kind']);
const dog = objectOf({ kind: { const: 'dog' } }, ['kind']);
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const pets = withSchemas({ Cat: pet, Dog: dog });

const SCHEMAS: Case[] = [
  ...both(
    'a property gets required',
    [objectOf({ a: STRING }), objectOf({ a: STRING }, ['a'])],
    ['property-became-required', 'property-became-optional'],
  ),
  ...both(
    'a property that is required but not described',
    [objectOf({}), objectOf({}, ['a'])],
    ['property-became-required', 'property-became-optional'],
  ),
  ...both(
    'further properties',
    [objectOf({}), objectOf({}, [], { additionalProperties: false })],
    ['additional-properties-closed', 'additional-properties-opened'],
  ),
  ...both(
    'what further properties are',
    [objectOf({}, [], { additionalProperties: NUMBER }), objectOf({}, [], { additionalProperties: INTEGER })],
    ['type-narrowed', 'type-widened'],
  ),
  ...both('another type', [STRING, NUMBER], ['type-changed', 'type-changed']),
  ...both('fewer types', [{ type: ['string', 'number'] }, STRING], ['type-narrowed', 'type-widened']),
  ...both('an integer is a number', [NUMBER, INTEGER], ['type-narrowed', 'type-widened']),
  ...both('no type, and one', [{}, STRING], ['type-narrowed null-removed', 'type-widened null-added']),
  ...both('true and false', [true, false], ['type-narrowed null-removed', 'type-widened null-added']),
  ...both('null', [STRING, { type: ['string', 'null'] }], ['null-added', 'null-removed']),
  ...both('null as OpenAPI 3.0 says it', [{ type: ['string', 'null'] }, { type: 'string', nullable: true }], [null, null]),
  ...both('null as a branch says it', [{ type: ['string', 'null'] }, { anyOf: [STRING, { type: 'null' }] }], [null, null]),
  ...both('an enum', [STRING, { type: 'string', enum: ['a'] }], ['enum-added', 'enum-removed']),
  ...both('a value of an enum', [{ enum: ['a', 'b'] }, { enum: ['a'] }], ['enum-value-removed', 'enum-value-added']),
  ...both('a const is an enum', [{ const: 'a' }, { type: 'string', enum: ['a'] }], [null, null]),
  ...both('branches of one value each are an enum', [{ anyOf: [{ const: 'a' }, { const: 'b' }] }, { enum: ['b', 'a'] }], [null, null]),
  ...both('branches of one type each are a list of types', [{ oneOf: [STRING, NUMBER] }, { type: ['number', 'string'] }], [null, null]),
  ...both(
    'a maximum',
    [
      { ...NUMBER, maximum: 9 },
      { ...NUMBER, maximum: 8 },
    ],
    ['limit-tightened', 'limit-loosened'],
  ),
  ...both('a minimum', [NUMBER, { ...NUMBER, minimum: 1 }], ['limit-tightened', 'limit-loosened']),
  ...both(
    'an open end',
    [
      { ...NUMBER, minimum: 1 },
      { ...NUMBER, exclusiveMinimum: 1 },
    ],
    ['limit-tightened', 'limit-loosened'],
  ),
  ...both(
    'an open end as OpenAPI 3.0 says it',
    [
      { ...NUMBER, minimum: 1, exclusiveMinimum: true },
      { ...NUMBER, exclusiveMinimum: 1 },
    ],
    [null, null],
  ),
  ...both(
    'a length',
    [
      { ...STRING, maxLength: 9 },
      { ...STRING, maxLength: 8 },
    ],
    ['limit-tightened', 'limit-loosened'],
  ),
  ...both('a least length of nothing', [STRING, { ...STRING, minLength: 0 }], [null, null]),
  ...both('different items', [{ type: 'array' }, { type: 'array', uniqueItems: true }], ['limit-tightened', 'limit-loosened']),
  ...both(
    'a multiple',
    [
      { ...INTEGER, multipleOf: 2 },
      { ...INTEGER, multipleOf: 4 },
    ],
    ['limit-tightened', 'limit-loosened'],
  ),
  row('a multiple of another, sent', withBody({ ...INTEGER, multipleOf: 2 }), withBody({ ...INTEGER, multipleOf: 3 }), [
    ['request-limit-tightened'],
    ['request-limit-tightened'],
  ]),
  row('a multiple of another, got', withResponse({ ...INTEGER, multipleOf: 2 }), withResponse({ ...INTEGER, multipleOf: 3 }), [
    ['response-limit-loosened'],
    ['response-limit-loosened'],
  ]),
  ...both('a pattern', [STRING, { ...STRING, pattern: '^a' }], ['pattern-added', 'pattern-removed']),
  ...both(
    'another pattern',
    [
      { ...STRING, pattern: '^b' },
      { ...STRING, pattern: '^a' },
    ],
    ['pattern-changed', 'pattern-changed'],
  ),
  ...both('a format', [STRING, { ...STRING, format: 'date' }], ['format-added', 'format-removed']),
  ...both(
    'another format',
    [
      { ...STRING, format: 'uuid' },
      { ...STRING, format: 'date' },
    ],
    ['format-changed', 'format-changed'],
  ),
  ...both(
    'a smaller format',
    [
      { ...INTEGER, format: 'int64' },
      { ...INTEGER, format: 'int32' },
    ],
    ['format-added', 'format-removed'],
  ),
  ...both(
    'a default',
    [
      { ...STRING, default: 'a' },
      { ...STRING, default: 'b' },
    ],
    ['default-changed', 'default-changed'],
  ),
  ...both('a keyword that is compared for equality', [STRING, { ...STRING, not: { const: 'a' } }], ['schema-changed', 'schema-changed']),
  ...both(
    'such a keyword behind a reference',
    [{ not: ref('A') }, { not: ref('A') }],
    ['schema-changed', 'schema-changed'],
    [withSchemas({ A: STRING }), withSchemas({ A: NUMBER })],
  ),
  ...both('the words of such a keyword', [{ not: { ...STRING, title: 'a' } }, { not: { ...STRING, title: 'b' } }], [null, null]),
  ...both(
    'items',
    [
      { type: 'array', items: NUMBER },
      { type: 'array', items: INTEGER },
    ],
    ['type-narrowed', 'type-widened'],
  ),
  ...both(
    'the first item',
    [
      { type: 'array', items: NUMBER },
      { type: 'array', prefixItems: [INTEGER], items: NUMBER },
    ],
    ['type-narrowed', 'type-widened'],
  ),
  ...both('what is behind a reference', [ref('A'), INTEGER], ['type-narrowed', 'type-widened'], [withSchemas({ A: NUMBER }), {}]),
  ...both('the name of a component', [ref('A'), ref('B')], [null, null], [withSchemas({ A: NUMBER }), withSchemas({ B: NUMBER })]),
  ...both(
    'what stands beside a reference',
    [ref('A'), { ...ref('A'), maximum: 1 }],
    ['limit-tightened', 'limit-loosened'],
    [withSchemas({ A: NUMBER }), withSchemas({ A: NUMBER })],
  ),
  ...both('a reference that leads nowhere', [ref('A'), ref('A')], ['schema-changed', 'schema-changed'], [withSchemas({ A: NUMBER }), {}]),
  ...both('the same reference that leads nowhere', [ref('A'), ref('A')], [null, null]),
  ...both(
    'a schema that leads to itself',
    [ref('A'), ref('A')],
    ['type-narrowed', 'type-widened'],
    [withSchemas({ A: objectOf({ next: ref('A'), size: NUMBER }) }), withSchemas({ A: objectOf({ next: ref('A'), size: INTEGER }) })],
  ),
  ...both(
    'allOf in place of one schema',
    [objectOf({ a: STRING, b: NUMBER }, ['b']), { allOf: [ref('A'), objectOf({ b: NUMBER }, ['b'])] }],
    [null, null],
    [{}, withSchemas({ A: objectOf({ a: STRING }) })],
  ),
  ...both(
    'one more part of allOf',
    [{ allOf: [objectOf({ a: STRING })] }, { allOf: [objectOf({ a: STRING }), { required: ['a'] }] }],
    ['property-became-required', 'property-became-optional'],
  ),
  row(
    'what one part of allOf names and another closes',
    withBody({ allOf: [objectOf({ a: STRING }, [], { additionalProperties: false })] }),
    withBody({ allOf: [objectOf({ a: STRING }, [], { additionalProperties: false }), objectOf({ b: STRING })] }),
    [
      ['request-property-added-optional', 'request-schema-changed'],
      ['request-property-refused', 'request-schema-changed'],
    ],
  ),
  ...both(
    'a branch',
    [{ oneOf: [ref('Cat'), ref('Dog')] }, { oneOf: [ref('Cat')] }],
    ['union-branch-removed', 'union-branch-added'],
    [pets, pets],
  ),
  row('a branch that is got', withResponse({ oneOf: [ref('Cat'), ref('Dog')] }, pets), withResponse(ref('Cat'), pets), [
    ['response-union-branch-removed'],
    ['response-union-branch-added'],
  ]),
  ...both('the order of branches', [{ oneOf: [ref('Cat'), ref('Dog')] }, { oneOf: [ref('Dog'), ref('Cat')] }], [null, null], [pets, pets]),
  ...both('oneOf and anyOf', [{ oneOf: [ref('Cat'), ref('Dog')] }, { anyOf: [pet, dog] }], [null, null], [pets, {}]),
  ...both(
    'null beside branches',
    [{ oneOf: [ref('Cat'), ref('Dog')] }, { oneOf: [ref('Cat'), ref('Dog'), { type: 'null' }] }],
    ['null-added', 'null-removed'],
    [pets, pets],
  ),
  ...both(
    'what tells branches apart',
    [
      { oneOf: [ref('Cat'), ref('Dog')], discriminator: { propertyName: 'kind' } },
      { oneOf: [ref('Cat'), ref('Dog')], discriminator: { propertyName: 'type' } },
    ],
    ['discriminator-changed', 'discriminator-changed'],
    [pets, pets],
  ),
  ...both(
    'a property of a branch',
    [{ oneOf: [ref('Cat'), ref('Dog')] }, { oneOf: [ref('Cat'), ref('Dog')] }],
    ['property-became-required', 'property-became-optional'],
    [
      withSchemas({ Cat: objectOf({ kind: { const: 'cat' }, age: NUMBER }, ['kind']), Dog: dog }),
      withSchemas({ Cat: objectOf({ kind: { const: 'cat' }, age: NUMBER }, ['kind', 'age']), Dog: dog }),
    ],
  ),
  ...both(
    'a union, and a schema that it was',
    [STRING, { oneOf: [STRING, objectOf({ a: STRING })] }],
    ['union-branch-added', 'union-branch-removed'],
  ),
  ...both(
    'two unions in one',
    [
      { anyOf: [ref('Cat'), ref('Dog')], oneOf: [ref('Cat'), ref('Dog')] },
      { anyOf: [ref('Cat'), ref('Dog')], oneOf: [ref('Cat'), ref('Dog'), STRING] },
    ],
    ['schema-changed', 'schema-changed'],
    [pets, pets],
  ),
];

export const CASES: readonly Case[] = [...OPERATIONS, ...SECURITY, ...PARAMETERS, ...BODIES, ...SENT_AND_GOT, ...SCHEMAS];
