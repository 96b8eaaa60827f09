import { createRoute, z } from '@hono/zod-openapi';
import { BrinkError } from '../errors.ts';
import { guardOf } from '../gateway/openapi/guard.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import { merged, type Part } from '../openapi/merge.ts';
import { presented } from '../openapi/present.ts';
import { PAGE_HEADERS, referencePage } from '../openapi/reference/page.ts';
import type { AdminDeps } from './deps.ts';
import { findVersion } from './find.ts';
import { FunctionParam, json, problems, VersionParam, type AdminApp } from './route.ts';
import { ApiChangesView } from './schemas/openapi.ts';

/** Of the admin API in the whole; no function has such a name. */
const OWN = '_brink';

/** What all functions of the host are for their clients, and a page of it. @param own the document of this API, for those who want it too */
export function addOpenApi(app: AdminApp, { registry, describe }: AdminDeps, own: () => Part['document']): void {
  app.openapi(getDocument, async (c) => c.json((await wholeOf(c.req.url, c.req.valid('query'))) as object, 200));
  app.openapi(getReference, async (c) => {
    const whole = await wholeOf(c.req.url, c.req.valid('query'));
    return new Response(referencePage(whole, { origin: new URL(c.req.url).origin }), { headers: PAGE_HEADERS });
  });

  app.openapi(getVersionDocument, async (c) => {
    const { fn, ref } = c.req.valid('param');
    const version = findVersion(await registry.get(fn), ref);
    const document = await registry.openapiOf(version);
    if (document === null) throw noOpenApi(fn, version.number);
    return c.json(document as object, 200, { etag: `"${version.openapi!.digest}"` });
  });

  app.openapi(compareVersions, async (c) => {
    const { fn } = c.req.valid('param');
    const { from, to } = c.req.valid('query');
    const record = await registry.get(fn);
    const [last, next] = [findVersion(record, from), findVersion(record, to)];
    if (!last.openapi && !next.openapi) throw noOpenApi(fn, next.number);
    const changes = await registry.api.between(registry.api.describe(last), registry.api.describe(next));
    return c.json({ function: fn, from: last.number, to: next.number, changes }, 200);
  });

  app.openapi(getVersionReference, async (c) => {
    const { fn, ref } = c.req.valid('param');
    const record = await registry.get(fn);
    const version = findVersion(record, ref);
    const document = await registry.openapiOf(version);
    if (document === null) throw noOpenApi(fn, version.number);
    const { manifest } = await registry.load(record, version);
    const { origin, hostname: host } = new URL(c.req.url);
    const mount = ref === 'live' ? `/${fn}` : `/${fn}@${ref}`;
    const holds = presented(document, { mount, guard: guardOf(manifest, { host, route: null }) });
    return new Response(referencePage(holds, { origin }), { headers: PAGE_HEADERS });
  });

  async function wholeOf(url: string, { host, admin }: z.output<typeof Query>): Promise<OpenApiDocument> {
    const origin = originOf(url, host);
    const parts = await describe(origin);
    if (admin === 'true') parts.push({ name: OWN, document: own(), place: (path) => `/${OWN}${path}` });
    const { hostname } = new URL(origin);
    return merged(parts, {
      info: { title: `Functions at ${hostname}`, version: '1' },
      servers: [{ url: host === undefined ? '/' : origin }],
    });
  }
}

/** That at which clients of a host name call: the port is that of the API only where it is the same name. */
function originOf(url: string, host: string | undefined): string {
  const { origin, protocol, hostname } = new URL(url);
  return host === undefined || host === hostname ? origin : `${protocol}//${host}`;
}

const Query = z.object({
  host: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/, 'is no host name, such as api.example.com')
    .max(253)
    .optional()
    .openapi({ description: 'That by which clients come; the one of this request by default', example: 'api.example.com' }),
  admin: z.enum(['true', 'false']).optional().openapi({ description: 'Whether this API is in it as well' }),
});

const DOCUMENT = { type: 'object', description: 'https://spec.openapis.org/oas/v3.1.1' } as const;

const DESCRIPTION =
  'Each path is where clients of the host name reach it: by the first of the routes of its function that leads there, or below `/{function}`. ' +
  'Operations have the name of their function as tag; a name that two functions have for a component or an operation gets that of its function before it.';

const getDocument = createRoute({
  method: 'get',
  path: '/openapi',
  summary: 'The OpenAPI documents of all functions as one',
  description: DESCRIPTION,
  request: { query: Query },
  responses: { 200: { description: 'The document', content: { 'application/json': { schema: DOCUMENT } } }, ...problems },
});

const PAGE = { description: 'The page', content: { 'text/html': { schema: { type: 'string' } } } } as const;

const getReference = createRoute({
  method: 'get',
  path: '/reference',
  summary: 'The same as a page for people',
  request: { query: Query },
  responses: { 200: PAGE, ...problems },
});

const getVersionDocument = createRoute({
  method: 'get',
  path: '/functions/{fn}/versions/{ref}/openapi',
  summary: "A version's own OpenAPI document",
  description: 'Of OpenAPI 3.1, as it was told at its publish: its paths are those that the function sees.',
  request: { params: VersionParam },
  responses: { 200: { description: 'The document', content: { 'application/json': { schema: DOCUMENT } } }, ...problems },
});

const getVersionReference = createRoute({
  method: 'get',
  path: '/functions/{fn}/versions/{ref}/reference',
  summary: "A version's OpenAPI document as a page for people",
  request: { params: VersionParam },
  responses: { 200: PAGE, ...problems },
});

const Reference = z.string().openapi({ description: 'A number, the first 8 or more digits of a digest, or an alias', example: '3' });

const compareVersions = createRoute({
  method: 'get',
  path: '/functions/{fn}/openapi/changes',
  summary: 'What has changed between the OpenAPI documents of two versions',
  description: 'The worst first. Of the same documents the list is empty; where only one of the versions has one, it says that.',
  request: { params: FunctionParam, query: z.object({ from: Reference, to: Reference }) },
  responses: { 200: json(ApiChangesView, 'The changes'), ...problems },
});

function noOpenApi(name: string, number: number): BrinkError {
  return new BrinkError(
    'openapi-not-found',
    `${name}@${number} has no OpenAPI document. Write openapi = "openapi.json" in its config, or [openapi] with the path at which it gives one, and publish it.`,
    { details: { function: name, version: number } },
  );
}
