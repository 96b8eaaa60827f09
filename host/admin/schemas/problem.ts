import { z } from '@hono/zod-openapi';

export const ProblemView = z
  .looseObject({ type: z.string(), title: z.string(), status: z.number(), detail: z.string(), code: z.string() })
  .openapi('Problem', { description: 'Problem details, RFC 9457. `code` is stable; further members are facts of that code.' });
