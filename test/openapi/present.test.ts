import { describe, expect, it } from 'vitest';
import { guardOf } from '../../host/gateway/openapi/guard.ts';
import type { OpenApiDocument } from '../../host/openapi/document.ts';
import { presented } from '../../host/openapi/present.ts';
import { readOpenApi } from '../../host/openapi/read.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';

const HERE = { host: 'api.example.com', route: 'api.example.com/*' };

function documentOf(over: object): OpenApiDocument {
  return readOpenApi(
    structuredClone({ openapi: '3.1.0', info: { title: 'a', version: '1' }, paths: { '/a/{id}': { get: {}, post: {} } }, ...over }),
    'a.json',
  ).document;
}

function guardedBy(gateway: object[], over: object = {}): OpenApiDocument {
  return presented(documentOf(over), { mount: '', guard: guardOf(parseManifest({ name: 'a', gateway }), HERE) });
}

const securityOf = ({ paths }: OpenApiDocument) => [paths!['/a/{id}']!.get!.security, paths!['/a/{id}']!.post!.security];

describe('presented() says where a function is reached:', () => {
  it.each<[string, object[] | undefined, string, string]>([
    ['at the root', undefined, '', '/'],
    ['below a path', undefined, '/shop', '/shop'],
    ['and the path that its servers begin with', [{ url: '/v1/' }], '/shop', '/shop/v1'],
    ['with the defaults of its variables', [{ url: '/{v}', variables: { v: { default: 'v2' } } }], '', '/v2'],
    ['and no host that its author has thought of', [{ url: 'https://example.com/v1' }], '/shop', '/shop'],
    ['nor one without a scheme', [{ url: '//example.com/v1' }], '/shop', '/shop'],
    ['by the first of them', [{ url: '/' }, { url: '/v1' }], '', '/'],
  ])('%s', (_what, servers, mount, url) => {
    const document = documentOf(servers === undefined ? {} : { servers });
    expect(presented(document, { mount, guard: () => null }).servers).toEqual([{ url }]);
  });
});

describe('presented() says who may call:', () => {
  const keys = { auth: { keys: {} } };

  it('each operation by the rules that are about it', () => {
    const { components, ...rest } = guardedBy([
      keys,
      { match: { path: '/a/*', methods: 'POST' }, auth: { basic: { users: 'USERS' }, scopes: ['write'] } },
    ]);
    expect(securityOf(rest)).toEqual([[{ key: [] }], [{ basic: ['write'] }]]);
    expect(components!.securitySchemes).toEqual({
      key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A key that the operator hands out.' },
      basic: { type: 'http', scheme: 'basic' },
    });
  });

  it('nothing where no rule is, or one says so', () => {
    expect(securityOf(guardedBy([]))).toEqual([undefined, undefined]);
    expect(securityOf(guardedBy([keys, { match: { path: '/a/:id' }, auth: false }]))).toEqual([undefined, undefined]);
    expect(guardedBy([keys, { match: { path: '/a/:id' }, auth: false }]).components).toBeUndefined();
  });

  it('any of several schemes, or nobody where that is allowed too', () => {
    const jwt = { issuer: 'https://issuer.example', audience: ['a', 'b'], secret: 'S', cookie: 'session' };
    const document = guardedBy([
      {
        auth: {
          keys: { header: 'authorization' },
          jwt,
          signature: { keys: 'K' },
          certificate: { proxies: ['10.0.0.0/8'] },
          optional: true,
        },
      },
    ]);
    expect(securityOf(document)[0]).toEqual([{ key: [] }, { jwtCookie: [] }, { signature: [] }, { certificate: [] }, {}]);
    expect(document.components!.securitySchemes).toMatchObject({
      key: { type: 'http', scheme: 'bearer' },
      jwtCookie: { type: 'apiKey', in: 'cookie', name: 'session' },
      signature: { type: 'apiKey', in: 'header', name: 'signature' },
      certificate: { type: 'mutualTLS' },
    });
  });

  it('a token by its issuer', () => {
    const jwt = { issuer: 'https://issuer.example', audience: 'shop', secret: 'S' };
    expect(guardedBy([{ auth: { jwt } }]).components!.securitySchemes).toEqual({
      jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of https://issuer.example for shop.' },
    });
  });

  it('what the author leaves to another function, the author says', () => {
    expect(securityOf(guardedBy([{ auth: { forward: { function: 'door' } } }], { security: [{}] }))).toEqual([[{}], [{}]]);
  });

  it('both the gateway and the function, where each asks', () => {
    const components = {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 's' }, admin: { type: 'http', scheme: 'digest' } },
    };
    const document = guardedBy([keys], { components, security: [{ session: [] }, { admin: [] }] });
    expect(securityOf(document)[0]).toEqual([
      { key: [], session: [] },
      { key: [], admin: [] },
    ]);
  });

  it('by the scheme of the author that asks for the same, whatever it is called', () => {
    const components = { securitySchemes: { mine: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'Mine' } } };
    const document = guardedBy([keys], { components, security: [{ mine: ['read'] }] });
    expect(securityOf(document)[0]).toEqual([{ mine: ['read'] }]);
    expect(document.components).toEqual(components);
  });

  it('by another name where the author has taken it', () => {
    const components = { securitySchemes: { key: { type: 'http', scheme: 'digest' } } };
    const document = guardedBy([keys], { components });
    expect(securityOf(document)[0]).toEqual([{ key2: [] }]);
    expect(Object.keys(document.components!.securitySchemes!)).toEqual(['key', 'key2']);
  });

  it('by what the function sees, the base of its servers included', () => {
    const gateway = [{ match: { path: '/v1/a/*' }, auth: { keys: {} } }];
    expect(securityOf(guardedBy(gateway, { servers: [{ url: '/v1' }] }))[0]).toEqual([{ key: [] }]);
    expect(securityOf(guardedBy(gateway))[0]).toBeUndefined();
  });

  it('by host and route, and not by headers, which nobody has sent', () => {
    expect(securityOf(guardedBy([{ match: { host: '*.example.com' }, ...keys }]))[0]).toEqual([{ key: [] }]);
    expect(securityOf(guardedBy([{ match: { host: 'other.example' }, ...keys }]))[0]).toBeUndefined();
    expect(securityOf(guardedBy([{ match: { headers: { 'x-a': true } }, ...keys }]))[0]).toBeUndefined();
  });

  it('of a path that is a reference, each time by itself', () => {
    const components = { pathItems: { thing: { get: { operationId: 'get' } } } };
    const paths = { '/a/{id}': { $ref: '#/components/pathItems/thing' } };
    const { paths: shown } = guardedBy([keys], { components, paths });
    expect(shown!['/a/{id}']).toEqual({ get: { operationId: 'get', security: [{ key: [] }] } });
  });
});
