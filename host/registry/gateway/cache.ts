import { z } from 'zod';
import { flag, list, must, text, whole } from '../manifest-fields.ts';
import { headerName } from './match.ts';

/** What is kept of responses, and for whom. RFC 9111; times are seconds. */
export interface CacheRule {
  /** How long a response is fresh that says nothing of it; 0: it is not kept then. */
  readonly ttl: number;
  /** Whether the age of a representation says how long it is fresh, where nothing else does. Section 4.2.2. */
  readonly heuristic: boolean;
  /** How long a stale response is used while another is fetched, where the response does not say. RFC 5861, section 3. */
  readonly stale_while_revalidate: number;
  /** The same where fetching fails. RFC 5861, section 4. */
  readonly stale_if_error: number;
  /** KiB that a body may have. */
  readonly max_size_kb: number;
  readonly query: CacheQuery;
  /** Headers of a request that have responses of their own, though `Vary` does not name them. */
  readonly headers: readonly string[];
  /** The same for cookies, by name. */
  readonly cookies: readonly string[];
  /** Whether what `Cache-Control` of a request asks for counts. Section 5.2.1. */
  readonly client_control: boolean;
  /** What becomes of a response with `Set-Cookie`: it is not kept, kept without, or kept as it is. */
  readonly set_cookie: 'skip' | 'strip' | 'keep';
  /** Whether what one version has answered is used for the next one. */
  readonly across_versions: boolean;
}

/** Which parameters of a query make another response. */
export interface CacheQuery {
  /** Those alone. */
  readonly only?: readonly string[];
  /** All but those; a name may end with `*`. */
  readonly ignore?: readonly string[];
}

const YEAR = 31_536_000;
const names = list(text.min(1, 'is empty').max(256, 'is too long'));

const query = z
  .strictObject({ only: names.optional(), ignore: names.optional() }, { error: must('be a table') })
  .refine(({ only, ignore }) => only === undefined || ignore === undefined, 'has "only" and "ignore"; one says it all')
  .default({});

const table = z.strictObject(
  {
    ttl: whole(0, YEAR, 0),
    heuristic: flag.default(true),
    stale_while_revalidate: whole(0, YEAR, 0),
    stale_if_error: whole(0, YEAR, 0),
    max_size_kb: whole(1, 16_384, 1_024),
    query,
    headers: list(headerName).default([]),
    cookies: list(text.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, 'is not the name of a cookie')).default([]),
    client_control: flag.default(true),
    set_cookie: z.enum(['skip', 'strip', 'keep'], { error: 'must be "skip", "strip" or "keep"' }).default('skip'),
    across_versions: flag.default(false),
  },
  { error: must('be true or a table') },
);

/** `true` is a table without keys. */
export const cache = z.preprocess((value) => (value === true ? {} : value), table);

export const CACHE_KEYS = Object.keys(table.shape);
export const CACHE_QUERY_KEYS = ['only', 'ignore'];
