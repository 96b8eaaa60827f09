import { text } from '../manifest-fields.ts';

/** The path that a function sees instead; `:name` and a `*` at its end are what stood there in the path that matched. */
export const rewrite = text
  .max(2_048, 'has more than 2,048 characters')
  .regex(/^\/[\x21-\x7e]*$/, 'is not a path; write "/v2/*" or "/users/:id"')
  .refine((path) => !/[?#]/.test(path), 'has "?" or "#"; the query stays as it is');
