import { z } from '@hono/zod-openapi';
import { Name } from './fields.ts';

export const EmailView = z
  .object({
    rejected: z.string().nullable().openapi({ description: 'Why the handler has refused it; null where it has not' }),
    version: z.number(),
    alias: z.string().nullable(),
    requestId: z.string(),
  })
  .openapi('EmailResult');

export const AddressView = z
  .object({ address: z.string().openapi({ description: 'Or a pattern, such as `*@example.com`' }), function: Name })
  .openapi('Address');

export const KeptMailView = z
  .object({
    id: z.string(),
    time: z.number().openapi({ description: 'Milliseconds since the epoch' }),
    function: Name,
    from: z.string().openapi({ description: "The envelope's" }),
    to: z.array(z.string()),
    subject: z.string().nullable(),
    size: z.number().openapi({ description: 'Bytes' }),
    cut: z.boolean().openapi({ description: 'Whether its end was not kept' }),
  })
  .openapi('KeptMail');

export type EmailResult = z.infer<typeof EmailView>;
export type AddressResult = z.infer<typeof AddressView>;
export type KeptMailResult = z.infer<typeof KeptMailView>;
