import { z } from '@hono/zod-openapi';

export const PurgeBody = z
  .object({
    url: z.string().max(8_192).optional().openapi({ description: 'The one of this URL, or of this path on any host, with its query' }),
    tag: z.string().max(1_024).optional().openapi({ description: 'Those with this tag in `Cache-Tag`' }),
    prefix: z.string().max(8_192).optional().openapi({ description: 'Those whose URL or path begins so' }),
    all: z.literal(true).optional().openapi({ description: 'All of them' }),
  })
  .openapi('PurgeRequest');

export const PurgedView = PurgeBody.openapi('PurgedWhat');
export type PurgeRequest = z.infer<typeof PurgeBody>;
