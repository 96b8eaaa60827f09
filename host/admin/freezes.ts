import { createRoute, z } from '@hono/zod-openapi';
import { endOf, type Freeze } from '../registry/freezes.ts';
import type { AdminDeps } from './deps.ts';
import { handOf } from './hand.ts';
import { Empty, FreezeParam, json, problems, type AdminApp } from './route.ts';
import { FreezeBody, FreezeView, type FreezeResult } from './schemas/releases.ts';

export function addFreezes(app: AdminApp, { freezes, now }: AdminDeps): void {
  app.openapi(listFreezes, async (c) => {
    const all = await freezes.list();
    return c.json({ freezes: all.map((each) => freezeView(each, now())) }, 200);
  });

  app.openapi(putFreeze, async (c) => {
    const { id } = c.req.valid('param');
    const asked = c.req.valid('json');
    const freeze = await freezes.add({ id, ...asked, by: handOf(c.req.raw).by });
    return c.json(freezeView(freeze, now()), 200);
  });

  app.openapi(removeFreeze, async (c) => {
    await freezes.remove(c.req.valid('param').id);
    return c.json({}, 200);
  });
}

function freezeView({ window, ...freeze }: Freeze, time: number): FreezeResult {
  return { ...freeze, window: { ...window }, until: endOf(window, time) };
}

const listFreezes = createRoute({
  method: 'get',
  path: '/freezes',
  summary: 'Times in which no alias moves',
  responses: { 200: json(z.object({ freezes: z.array(FreezeView) }).openapi('FreezeList'), 'All of them'), ...problems },
});

const putFreeze = createRoute({
  method: 'put',
  path: '/freezes/{id}',
  summary: 'Makes or replaces a freeze',
  request: { params: FreezeParam, body: { required: true, content: { 'application/json': { schema: FreezeBody } } } },
  responses: { 200: json(FreezeView, 'It holds'), ...problems },
});

const removeFreeze = createRoute({
  method: 'delete',
  path: '/freezes/{id}',
  summary: 'Removes a freeze',
  request: { params: FreezeParam },
  responses: { 200: json(Empty, 'It is gone'), ...problems },
});
