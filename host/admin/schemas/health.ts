import { z } from '@hono/zod-openapi';

export const HealthView = z.object({ status: z.literal('ok'), engine: z.enum(['node', 'workerd']) }).openapi('Health');
export const LiveView = z.object({ status: z.literal('live') }).openapi('Live');

export const ReadyView = z
  .object({
    status: z.enum(['ready', 'not-ready']),
    checks: z.object({
      starting: z.boolean().openapi({ description: 'It waits for its state, or loads' }),
      draining: z.boolean().openapi({ description: 'It stops: it takes no new connection' }),
      overloaded: z.boolean().openapi({ description: 'It falls behind with what it has' }),
      storeReachable: z.boolean(),
    }),
  })
  .openapi('Ready');

export const LeaveView = z.object({ draining: z.literal(true) }).openapi('Leave');
export type HealthResult = z.infer<typeof HealthView>;
