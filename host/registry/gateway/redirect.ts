import { z } from 'zod';
import { must, text } from '../manifest-fields.ts';

/** Where a request is sent instead. RFC 9110, section 15.4. */
export interface RedirectRule {
  /** A path or a URL; `:name` and a `*` at its end are what stood there in the path. A query of the request stays, where this has none. */
  readonly to: string;
  readonly status: 301 | 302 | 303 | 307 | 308;
}

/** Neither control characters nor what a browser would read as another host. */
export const location = text
  .max(2_048, 'has more than 2,048 characters')
  .refine((to) => /^(\/(?![/\\])|https?:\/\/[^/?#*:]+)[\x21-\x7e]*$/.test(to), 'is no place; write "/new/:id" or "https://example.com/*"');

export const redirect = z.preprocess(
  (value) => (typeof value === 'string' ? { to: value } : value),
  z.strictObject(
    {
      to: location,
      status: z.literal([301, 302, 303, 307, 308], { error: 'must be one of 301, 302, 303, 307, 308' }).default(308),
    },
    { error: must('be a place or a table with one') },
  ),
);
