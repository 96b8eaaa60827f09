import { z } from 'zod';
import { bindingName, must, text } from './manifest-fields.ts';

/** https://developers.cloudflare.com/r2/buckets/create-buckets/#bucket-level-operations */
const bucketName = text.regex(
  /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  "is no bucket's name; write 3 to 63 of a-z, 0-9 and -, with - at neither end, or leave it out for a bucket of the function's own",
);

/** An item of `r2_buckets`. https://developers.cloudflare.com/workers/wrangler/configuration/#r2-buckets */
export const r2Bucket = z
  .strictObject(
    {
      binding: bindingName,
      bucket_name: bucketName.optional(),
      // wrangler's: another bucket for its previews, and whether it reaches for Cloudflare's.
      preview_bucket_name: text.optional(),
      remote: z.literal(false, { error: 'must be false: buckets on Cloudflare are not reached from here' }).optional(),
      jurisdiction: z
        .undefined({
          error: 'says where data may lie, which is not decided for each bucket here; choose a host that lies there, and leave it out',
        })
        .optional(),
    },
    { error: must('be a table with binding') },
  )
  .transform(({ binding, bucket_name: bucket }) => ({ binding, ...(bucket !== undefined && { bucket_name: bucket }) }));
