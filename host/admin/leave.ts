import { createRoute } from '@hono/zod-openapi';
import type { AdminDeps } from './deps.ts';
import { json, problems, type AdminApp } from './route.ts';
import { LeaveView } from './schemas/health.ts';

/** Of a host that can be asked to stop; elsewhere the path is not there. */
export function addLeave(app: AdminApp, leave: NonNullable<AdminDeps['leave']>): void {
  app.openapi(drain, (c) => {
    leave();
    return c.json({ draining: true as const }, 202);
  });
}

const drain = createRoute({
  method: 'post',
  path: '/drain',
  summary: 'Has the host finish what runs, and end, as SIGTERM does',
  responses: { 202: json(LeaveView, 'It has begun to'), ...problems },
});
