import { describe, expect, it } from 'vitest';
import type { OpenApiDocument } from '../../host/openapi/document.ts';
import { merged, type Part } from '../../host/openapi/merge.ts';
import { readOpenApi } from '../../host/openapi/read.ts';
import { petShop } from './documents.ts';

const OWN = { info: { title: 'All', version: '1' }, servers: [{ url: '/' }] };

function part(name: string, document: object, place: Part['place'] = (path) => `/${name}${path}`): Part {
  return {
    name,
    document: readOpenApi(structuredClone({ openapi: '3.1.0', info: { title: name, version: '1' }, ...document }), name).document,
    place,
  };
}

/** All is well with what comes out: it is read like one that came from outside. */
function whole(...parts: Part[]): OpenApiDocument {
  const document = merged(parts, OWN);
  const { notes } = readOpenApi(structuredClone(document), 'merged');
  expect(notes).toEqual([]);
  return document;
}

describe('merged()', () => {
  it('of nothing says nothing', () => expect(whole()).toEqual({ openapi: '3.1.1', ...OWN, paths: {} }));

  it('leaves names as they are that one document has', () => {
    const { components, paths } = whole(part('pets', petShop()), part('other', { paths: { '/': { get: { operationId: 'root' } } } }));
    expect(Object.keys(components!.schemas!)).toEqual(['Kind', 'Pet']);
    expect(Object.keys(paths!)).toEqual(['/pets/pets', '/pets/pets/{id}', '/other/']);
    expect(paths!['/pets/pets']!.get!.operationId).toBe('listPets');
  });

  it('tells those apart that two have, and all that refers to them', () => {
    const { components, paths } = whole(part('a', petShop()), part('b', petShop()));
    expect(Object.keys(components!.schemas!)).toEqual(['a_Kind', 'a_Pet', 'b_Kind', 'b_Pet']);
    const { post, get } = paths!['/b/pets']!;
    expect(post!.requestBody).toMatchObject({ content: { 'application/json': { schema: { $ref: '#/components/schemas/b_Pet' } } } });
    expect(get).toMatchObject({ operationId: 'b_listPets', parameters: [{ $ref: '#/components/parameters/b_kind' }] });
    expect(post!.security).toEqual([{ b_key: [] }]);
    expect(paths!['/b/pets/{id}']!.get!.responses!['404']).toEqual({ $ref: '#/components/responses/b_gone' });
    expect(components!.schemas!['b_Pet']).toMatchObject({ properties: { kind: { $ref: '#/components/schemas/b_Kind' } } });
  });

  it('finds a name that nobody has', () => {
    const schemas = (...names: string[]) => ({ components: { schemas: Object.fromEntries(names.map((name) => [name, {}])) } });
    const { components } = whole(part('a', schemas('X', 'X_')), part('b', schemas('X', 'X_', 'a_X')));
    expect(new Set(Object.keys(components!.schemas!)).size).toBe(5);
    expect(Object.keys(components!.schemas!)).toContain('a_X');
  });

  it('has a tag for each document, and its own below it', () => {
    const { tags, paths } = whole(part('pets', petShop()), part('other', { paths: { '/': { get: {} } } }), part('none', { paths: {} }));
    expect(tags!.map(({ name }) => name)).toEqual(['pets', 'pets/Pets', 'other']);
    expect(tags![0]!.description).toBe('**Pets** 1\n\nAll **pets**.');
    expect(paths!['/pets/pets']!.get!.tags).toEqual(['pets/Pets']);
    expect(paths!['/pets/pets/{id}']!.delete!.tags).toEqual(['pets']);
    expect(paths!['/other/']!.get!.tags).toEqual(['other']);
  });

  it('leaves out what clients do not reach', () => {
    const { paths, tags } = whole(
      part('pets', petShop(), (path) => (path === '/pets' ? '/p' : null)),
      part('hidden', petShop(), () => null),
    );
    expect(Object.keys(paths!)).toEqual(['/p']);
    expect(tags!.map(({ name }) => name)).toEqual(['pets', 'pets/Pets']);
  });

  it('has each operation ask what was asked for all of its document', () => {
    const components = { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'a' } } };
    const paths = { '/x': { get: {}, post: { security: [] } } };
    const { paths: shown, security } = whole(
      part('a', { components, security: [{ key: [] }], paths }),
      part('b', { components, paths: { '/y': { get: {} } } }),
    );
    expect([shown!['/a/x']!.get!.security, shown!['/a/x']!.post!.security, shown!['/b/y']!.get!.security, security]).toEqual([
      [{ a_key: [] }],
      [],
      undefined,
      undefined,
    ]);
  });

  it('renames in links, callbacks, discriminators, webhooks, and references to paths', () => {
    const document = {
      paths: {
        '/x': {
          get: {
            operationId: 'get',
            responses: { 200: { description: '', links: { next: { operationId: 'get' }, by: { operationRef: '#/paths/~1x/get' } } } },
            callbacks: { told: { '{$request.body#/url}': { post: { operationId: 'told' } } } },
          },
        },
        '/y': { $ref: '#/paths/~1x' },
      },
      webhooks: { pinged: { post: { operationId: 'pinged' } } },
      components: {
        schemas: {
          Cat: {},
          Any: {
            oneOf: [{ $ref: '#/components/schemas/Cat' }],
            discriminator: { propertyName: 'kind', mapping: { cat: 'Cat', other: '#/components/schemas/Cat' } },
          },
        },
      },
    };
    const { paths, webhooks, components } = whole(part('a', document), part('b', document));
    expect(paths!['/b/x']!.get).toMatchObject({
      responses: { 200: { links: { next: { operationId: 'b_get' }, by: { operationRef: '#/paths/~1b~1x/get' } } } },
      callbacks: { told: { '{$request.body#/url}': { post: { operationId: 'b_told' } } } },
    });
    expect(paths!['/b/y']).toEqual({ $ref: '#/paths/~1b~1x' });
    expect(Object.keys(webhooks!)).toEqual(['a_pinged', 'b_pinged']);
    expect(components!.schemas!['b_Any']).toMatchObject({
      discriminator: { mapping: { cat: 'b_Cat', other: '#/components/schemas/b_Cat' } },
    });
  });

  it('leaves the documents that it is made of as they were', () => {
    const given = part('a', petShop());
    const before = structuredClone(given.document);
    whole(given, part('b', petShop()));
    expect(given.document).toEqual(before);
  });
});
