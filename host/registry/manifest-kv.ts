import { z } from 'zod';
import { bindingName, must, text } from './manifest-fields.ts';

/** An item of `kv_namespaces`. https://developers.cloudflare.com/workers/wrangler/configuration/#kv-namespaces */
export const kvNamespace = z
  .strictObject(
    {
      binding: bindingName,
      id: text.min(1, "is empty; leave it out for a namespace of the function's own").max(128, 'has more than 128 characters').optional(),
      // wrangler's: another namespace for its previews, and whether it reaches for Cloudflare's.
      preview_id: text.optional(),
      remote: z.literal(false, { error: 'must be false: namespaces on Cloudflare are not reached from here' }).optional(),
    },
    { error: must('be a table with binding') },
  )
  .transform(({ binding, id }) => ({ binding, ...(id !== undefined && { id: id.toWellFormed() }) }));
