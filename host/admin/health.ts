import { createRoute } from '@hono/zod-openapi';
import type { AdminDeps } from './deps.ts';
import { json, problems, type AdminApp } from './route.ts';
import { HealthView, LiveView, ReadyView } from './schemas/health.ts';

/** The probes as a part of the API, which describes them and says what else they do not take. */
export function addHealth(app: AdminApp, { probes }: AdminDeps): void {
  app.openapi(health, () => probes.health() as never);
  app.openapi(live, () => probes.live() as never);
  app.openapi(ready, () => probes.ready() as never);
}

const health = createRoute({
  method: 'get',
  path: '/health',
  summary: 'Whether the host answers; needs no token',
  security: [],
  responses: { 200: json(HealthView, 'It does'), ...problems },
});

const live = createRoute({
  method: 'get',
  path: '/health/live',
  summary: 'Whether the process lives: where this has no answer, start it anew. Needs no token',
  security: [],
  responses: { 200: json(LiveView, 'It does'), ...problems },
});

const ready = createRoute({
  method: 'get',
  path: '/health/ready',
  summary: 'Whether the host should be sent requests; needs no token',
  security: [],
  responses: { 200: json(ReadyView, 'It should'), 503: json(ReadyView, 'Not now'), ...problems },
});
