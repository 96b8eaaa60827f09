import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import type { OpenApiDocument } from '../../host/openapi/document.ts';
import { presented } from '../../host/openapi/present.ts';
import { readOpenApi } from '../../host/openapi/read.ts';
import { referencePage } from '../../host/openapi/reference/page.ts';
import { checkHarmless } from './harmless.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200), seed: Number(process.env['FUZZ_SEED'] ?? 7) };

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom('<script>', '"><b>', '[a](javascript:x)', '`', '**', '#/paths', '\ud800', 'constructor', "'; rm x '"),
);
const json = fc.jsonValue({ maxDepth: 3 });

const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.boolean(),
    fc.record({ $ref: fc.constantFrom('#/components/schemas/A', '#/components/schemas/B') }),
    fc.record(
      {
        type: fc.constantFrom('object', 'array', 'string', 'integer', ['string', 'null']),
        format: text,
        description: text,
        pattern: text,
        enum: fc.array(json, { minLength: 1, maxLength: 3 }),
        const: json,
        default: json,
        examples: fc.array(json, { maxLength: 2 }),
        required: fc.array(text, { maxLength: 2 }),
        properties: fc.dictionary(text, tie('schema'), { maxKeys: 3 }),
        items: tie('schema'),
        additionalProperties: tie('schema'),
        allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  ),
}));

const parameter = fc.record({
  name: text,
  in: fc.constantFrom('query', 'header', 'cookie'),
  required: fc.boolean(),
  description: text,
  schema,
  example: json,
});
const content = fc.dictionary(text, fc.record({ schema, example: json }, { requiredKeys: [] }), { maxKeys: 2 });
const operation = fc.record(
  {
    summary: text,
    description: text,
    tags: fc.array(text, { maxLength: 2 }),
    parameters: fc.array(parameter, { maxLength: 2 }),
    requestBody: fc.record({ description: text, content }),
    responses: fc.dictionary(fc.constantFrom('200', '4XX', 'default'), fc.record({ description: text, content }), { maxKeys: 2 }),
    security: fc.array(fc.dictionary(text, fc.array(text, { maxLength: 2 }), { maxKeys: 2 }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const documents = fc.record({
  openapi: fc.constantFrom('3.1.0', '3.0.3'),
  info: fc.record({ title: text, version: text, description: text }),
  servers: fc.array(fc.record({ url: text }), { maxLength: 2 }),
  paths: fc.dictionary(
    text.map((each) => `/${each}`),
    fc.dictionary(fc.constantFrom('get', 'post', 'delete'), operation, { maxKeys: 2 }),
    { maxKeys: 3 },
  ),
  components: fc.record({
    schemas: fc.record({ A: schema, B: schema }),
    securitySchemes: fc.constant({ key: { type: 'apiKey', in: 'header', name: '$(x)' } }),
  }),
});

function take(value: unknown): OpenApiDocument | null {
  try {
    return readOpenApi(structuredClone(value), 'a.json').document;
  } catch (error) {
    expect(error).toBeInstanceOf(BrinkError);
    return null;
  }
}

it('of any document that is taken a page is made, and it is harmless', { timeout: 120_000 }, () => {
  let taken = 0;
  fc.assert(
    fc.property(documents, (value) => {
      const document = take(value);
      if (document === null) return;
      taken++;
      const guard = { schemes: [{ name: 'key', scheme: { type: 'http', scheme: 'bearer' } as const }], scopes: ['<a>'], optional: true };
      checkHarmless(referencePage(presented(document, { mount: '/a', guard: () => guard }), { origin: 'http://a' }));
    }),
    RUNS,
  );
  expect(taken).toBeGreaterThan(RUNS.numRuns / 3);
});

it('any value is taken or refused', { timeout: 120_000 }, () => {
  const words = fc.constantFrom(
    'openapi',
    'info',
    'title',
    'version',
    'paths',
    '/a',
    'get',
    'responses',
    '200',
    'schema',
    '$ref',
    'type',
    'components',
    'schemas',
    'A',
    'parameters',
    '__proto__',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      text,
      fc.constantFrom('3.1.0', '#/components/schemas/A', '#'),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(words, tie('value'), { maxKeys: 5 }),
    ),
  }));
  const base = { openapi: '3.1.0', info: { title: 'a', version: '1' } };
  fc.assert(
    fc.property(
      value,
      fc.dictionary(words, value, { maxKeys: 4 }),
      (any, fields) => void [take(any), take({ ...base, ...fields }), take({ ...base, openapi: '3.0.0', ...fields })],
    ),
    RUNS,
  );
});
