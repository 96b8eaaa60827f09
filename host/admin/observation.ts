import { createRoute, z } from '@hono/zod-openapi';
import type { AdminDeps } from './deps.ts';
import { json, problems, type AdminApp } from './route.ts';
import { RouteView } from './schemas/functions.ts';

const NDJSON = 'application/x-ndjson';
const DEFAULT_LIMIT = 100;

/** What happens in the host: its routes and its log. */
export function addObservation(app: AdminApp, { registry, log }: AdminDeps): void {
  app.openapi(listRoutes, async (c) => {
    const routes = await registry.routes();
    return c.json({ routes: routes.map((route) => ({ ...route })) }, 200);
  });

  app.openapi(readLogs, async (c) => {
    const { function: name, limit, follow } = c.req.valid('query');
    const filter = { limit, ...(name !== undefined && { function: name }) };
    return ndjson(follow ? await log.follow(filter) : (await log.recent(filter)).map((event) => `${JSON.stringify(event)}\n`).join(''));
  });
}

const listRoutes = createRoute({
  method: 'get',
  path: '/routes',
  summary: 'The custom routes and the functions that they lead to',
  responses: { 200: json(z.object({ routes: z.array(RouteView) }).openapi('RouteList'), 'The routes'), ...problems },
});

const readLogs = createRoute({
  method: 'get',
  path: '/logs',
  summary: 'The newest events, oldest first, one JSON object a line',
  request: {
    query: z.object({
      function: z.string().optional().openapi({ description: 'Only events of this function' }),
      limit: z.coerce.number().int().min(0).max(1_000).default(DEFAULT_LIMIT),
      follow: z.stringbool().default(false).openapi({ type: 'boolean', description: 'Stay, and send each event as it happens' }),
    }),
  },
  responses: { 200: { description: 'Events', content: { [NDJSON]: { schema: { type: 'string' } } } }, ...problems },
});

/** The framework's types take a media type that ends in "json" for JSON that it writes itself, and so know no type for this. */
function ndjson(body: BodyInit): never {
  return new Response(body, { headers: { 'content-type': NDJSON, 'cache-control': 'no-store' } }) as never;
}
