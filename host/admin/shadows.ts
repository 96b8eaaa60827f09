import { createRoute, z } from '@hono/zod-openapi';
import { shadowById, shadowsOf } from '../registry/shadow-change.ts';
import type { ShadowRecord } from '../registry/shadow-record.ts';
import type { AdminDeps } from './deps.ts';
import { handOf } from './hand.ts';
import { entityTag, wantedRelease } from './precondition.ts';
import { EtagHeader, FunctionParam, json, problems, ShadowParam, ShadowPrecondition, type AdminApp } from './route.ts';
import { ShadowBody, ShadowView, ShadowWithReport, type ShadowReported, type ShadowResult } from './schemas/shadows.ts';

export function addShadows(app: AdminApp, { registry, shadows }: AdminDeps): void {
  app.openapi(listShadows, async (c) => {
    const { fn } = c.req.valid('param');
    return c.json({ shadows: shadowsOf(await registry.get(fn)).map((each) => viewOf(fn, each)) }, 200);
  });

  app.openapi(getShadow, async (c) => {
    const { fn, id } = c.req.valid('param');
    const shadow = shadowById(await registry.get(fn), id);
    const report = structuredClone(await shadows.report(fn, id)) as ShadowReported['report'];
    return c.json({ ...viewOf(fn, shadow), report }, 200, { etag: entityTag(shadow.revision) });
  });

  app.openapi(startShadow, async (c) => {
    const { fn } = c.req.valid('param');
    const { alias = 'live', to, share, ignore = [], outbound = 'safe', baseline = false, for: lasts } = c.req.valid('json');
    const shadow = await shadows.start(fn, { alias, to, share, ignore, outbound, baseline, lasts }, handOf(c.req.raw));
    return c.json(viewOf(fn, shadow), 201, { etag: entityTag(shadow.revision), location: `${c.req.path}/${shadow.id}` });
  });

  app.openapi(stopShadow, async (c) => {
    const { fn, id } = c.req.valid('param');
    const shadow = await shadows.end(fn, id, { hand: handOf(c.req.raw), ifRevision: wantedRelease(c.req.raw.headers) });
    return c.json(viewOf(fn, shadow), 200, { etag: entityTag(shadow.revision) });
  });
}

function viewOf(name: string, { ignore, end, ...shadow }: ShadowRecord): ShadowResult {
  return { function: name, ...shadow, ignore: [...ignore], end: end && { ...end } };
}

const listShadows = createRoute({
  method: 'get',
  path: '/functions/{fn}/shadows',
  summary: "A function's shadows, the newest first",
  request: { params: FunctionParam },
  responses: { 200: json(z.object({ shadows: z.array(ShadowView) }).openapi('ShadowList'), 'The newest 20'), ...problems },
});

const getShadow = createRoute({
  method: 'get',
  path: '/functions/{fn}/shadows/{id}',
  summary: 'One shadow and what it has found; its ETag is its revision',
  request: { params: ShadowParam },
  responses: { 200: { ...json(ShadowWithReport, 'The shadow'), headers: EtagHeader }, ...problems },
});

const startShadow = createRoute({
  method: 'post',
  path: '/functions/{fn}/shadows',
  summary: "Has a version get copies of an alias's requests, with its writes kept off",
  description: 'Its answers go to nobody: they are compared with those that clients got.',
  request: { params: FunctionParam, body: { required: true, content: { 'application/json': { schema: ShadowBody } } } },
  responses: { 201: { ...json(ShadowView, 'It has begun'), headers: EtagHeader }, ...problems },
});

const stopShadow = createRoute({
  method: 'post',
  path: '/functions/{fn}/shadows/{id}/stop',
  summary: 'Ends a shadow; its report stays, and what it has written is removed',
  description: 'With `If-Match` only from that revision of the shadow; else `shadow-conflict`.',
  request: { params: ShadowParam, headers: ShadowPrecondition },
  responses: { 200: { ...json(ShadowView, 'How it ended'), headers: EtagHeader }, ...problems },
});
