import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openApiOf } from '../../../host/component/openapi/document.ts';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { exportsOf } from '../../../host/component/serve/generation.ts';
import { readOpenApi } from '../../../host/openapi/read.ts';
import { BAD_VALUES, GOOD_VALUES } from '../../conformance/component-interfaces-values.ts';
import { calcComponent, valuesComponent } from '../calls/own-guest.ts';
import { custom } from '../encode-component.ts';
import { witComponent } from '../wit-component.ts';
import { fits } from './fits.ts';

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: Record<string, never> } } };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { readonly schema: Record<string, never> }>> }>>;
}

interface Document extends Record<string, unknown> {
  readonly info: object;
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, { readonly post: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}

/** As it is derived; it is one that the host takes, without a note. */
function documentOf(bytes: Uint8Array<ArrayBuffer>): Document {
  const { plan, world } = prepareComponent(bytes, () => false);
  const derived = openApiOf({ world, bytes, own: exportsOf(plan).own, title: 'fn' });
  const { document, notes, from } = readOpenApi(structuredClone(derived), 'derived');
  expect([document, notes, from]).toEqual([derived, [], '3.1.1']);
  return derived as unknown as Document;
}

describe('the OpenAPI document of a component', () => {
  it('has an operation for each function, with its parameters, its result and its error', async () => {
    const { info, tags, paths, components } = documentOf(await calcComponent());
    expect(info).toEqual({ title: 'fn', version: '1.2.0' });
    expect(tags).toEqual([{ name: 'acme:calc/ops@1.2.0' }]);
    expect(Object.keys(paths).toSorted()).toEqual(
      ['add', 'check', 'count', 'crash', 'divide', 'mean-of', 'reset', 'spin'].map((name) => `/ops/${name}`).concat('/shout'),
    );
    const u32 = { type: 'integer', minimum: 0, maximum: 4_294_967_295 };
    expect(paths['/ops/add']!.post).toEqual({
      operationId: 'add',
      tags: ['acme:calc/ops@1.2.0'],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: { type: 'object', properties: { a: u32, b: u32 }, required: ['a', 'b'], additionalProperties: false },
          },
        },
      },
      responses: {
        200: { description: 'What it returns', content: { 'application/json': { schema: u32 } } },
        400: { $ref: '#/components/responses/CallInvalid' },
        422: {
          description: 'The error that it returns',
          content: {
            'application/problem+json': {
              schema: {
                allOf: [
                  { $ref: '#/components/schemas/Problem' },
                  { type: 'object', properties: { error: { $ref: '#/components/schemas/Error' } }, required: ['error'] },
                ],
              },
            },
          },
        },
        default: { $ref: '#/components/responses/Failed' },
      },
    });
    const tagged = (tag: string, val?: object) => ({
      type: 'object',
      properties: { tag: { type: 'string', const: tag }, ...(val && { val }) },
      required: val ? ['tag', 'val'] : ['tag'],
      additionalProperties: false,
    });
    expect(components.schemas['Error']).toEqual({ oneOf: [tagged('division-by-zero'), tagged('overflow', { type: 'string' })] });
  });

  it('is the same for the same component', () => {
    const shipping = new Uint8Array(readFileSync(new URL('../../../functions/shipping/shipping.wasm', import.meta.url)));
    const document = documentOf(shipping);
    expect(JSON.stringify(documentOf(shipping))).toBe(JSON.stringify(document));
    expect(Object.keys(document.components.schemas)).toEqual(['Offer', 'Parcel', 'Refusal', 'Zone', 'Problem']);
    expect(document.components.schemas['Parcel']).toMatchObject({
      required: ['grams', 'to'],
      properties: { to: { $ref: '#/components/schemas/Zone' } },
    });
  });

  describe('its schemas', () => {
    it.each(GOOD_VALUES.map(([type, sent, got = sent]) => ({ type, got })))('$type take $got', async ({ type, got }) => {
      const document = documentOf(await valuesComponent());
      const { requestBody, responses } = document.paths[`/values/${type}`]!.post;
      expect(fits({ values: got }, requestBody.content['application/json'].schema, document)).toBe(true);
      expect(fits(got, responses['200']!.content['application/json']!.schema, document)).toBe(true);
    });

    // JSON Schema knows nothing of what cannot be read of a number, a string or base64.
    const beyond = /1e400|1e39|ud800|udc00|9223372036854775808|"a"\]|9007199254740992/;
    it.each(BAD_VALUES.filter(([, sent]) => !beyond.test(sent)))('%s do not take %s', async (type, sent) => {
      const document = documentOf(await valuesComponent());
      const { schema } = document.paths[`/values/${type}`]!.post.requestBody.content['application/json'];
      expect(fits({ values: JSON.parse(sent) as unknown }, schema, document)).toBe(false);
    });
  });

  it('tells types of one name apart, and operations too', async () => {
    const wit = `
      package test:names@0.1.0;
      interface one { record item { a: u8 } get: func(item: item) -> item; }
      interface two { record item { b: u8 } get: func(item: item) -> item; }
      world guest { export one; export two; }`;
    const wat = `(module (memory (export "memory") 1)
      (func (export "test:names/one@0.1.0#get") (export "test:names/two@0.1.0#get") (param i32) (result i32) (local.get 0)))`;
    const { paths, components } = documentOf(await witComponent(wit, wat));
    expect(Object.keys(components.schemas)).toEqual(['Item', 'TwoItem', 'Problem']);
    expect(Object.values(paths).map(({ post }) => post.operationId)).toEqual(['get', 'twoGet']);
  });

  it('has the comments of WIT, where the component brings them', async () => {
    const comments = {
      interfaces: {
        ops: {
          docs: 'Sums.',
          funcs: { add: { docs: 'Adds.' }, divide: 'Divides.' },
          types: { error: { docs: 'What went wrong.', items: { overflow: 'Too large.' } } },
        },
      },
    };
    const plain = await calcComponent();
    const withDocs = (text: string) => new Uint8Array([...plain, ...custom('package-docs', [1, ...new TextEncoder().encode(text)])]);
    const { tags, paths, components } = documentOf(withDocs(JSON.stringify(comments)));
    expect(tags).toEqual([{ name: 'acme:calc/ops@1.2.0', description: 'Sums.' }]);
    expect([paths['/ops/add']!.post.description, paths['/ops/divide']!.post.description]).toEqual(['Adds.', 'Divides.']);
    expect(components.schemas['Error']).toMatchObject({ description: 'What went wrong.', oneOf: [{}, { description: 'Too large.' }] });
    for (const broken of ['', '{', '[]', 'null', '{"interfaces":{"ops":7}}', '{"interfaces":{"__proto__":{}}}'])
      expect(documentOf(withDocs(broken))).toEqual(documentOf(plain));
  });
});
