import { createRoute } from '@hono/zod-openapi';
import type { AdminDeps } from './deps.ts';
import { json, problems, type AdminApp } from './route.ts';
import { TickBody, TickView } from './schemas/schedules.ts';

/** Of a host whose clock can be moved alone: elsewhere the path is not there. */
export function addClock(app: AdminApp, ticks: NonNullable<AdminDeps['ticks']>): void {
  app.openapi(tick, async (c) => c.json(await ticks.tick(c.req.valid('json').ms), 200));
}

const tick = createRoute({
  method: 'post',
  path: '/clock/tick',
  summary: "Moves the host's clock forward, and does what comes due meanwhile in its order",
  request: { body: { required: true, ...json(TickBody, 'By how much') } },
  responses: { 200: json(TickView, 'It has moved, and what came due is done'), ...problems },
});
