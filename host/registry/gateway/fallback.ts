import { z } from 'zod';
import { must, text } from '../manifest-fields.ts';
import { failures, type FailureName } from './failures.ts';
import { headerValues } from './headers.ts';

/** What is answered where the function has failed: what stands here, or the answer of another function. */
export interface FallbackRule {
  /** 503 by default. */
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Not there: what stands here. */
  readonly function?: string;
  readonly alias: string;
  readonly on: readonly FailureName[];
}

const MAX_BODY = 65_536;

export const fallback = z
  .strictObject(
    {
      status: z
        .int({ error: 'must be a status' })
        .min(200, 'must be a status from 200 to 599')
        .max(599, 'must be a status from 200 to 599')
        .optional(),
      body: text.max(MAX_BODY, 'has more than 65,536 characters').optional(),
      headers: headerValues.optional(),
      function: text.min(1, 'must name a function').optional(),
      alias: text.min(1, 'must name an alias').default('live'),
      on: failures.default(['5xx']),
    },
    { error: must('be a table') },
  )
  .refine(({ status, body, function: name }) => (name === undefined ? status !== undefined || body !== undefined : true), {
    message: 'says nothing; write status, body or function',
  })
  .refine(({ status, body, headers, function: name }) => name === undefined || (status ?? body ?? headers) === undefined, {
    message: 'has a function, whose answer it is; status, body and headers go without one',
  })
  .refine(({ status, body }) => body === undefined || ![204, 205, 304].includes(status ?? 503), {
    path: ['body'],
    message: 'goes with no such status',
  });

export const FALLBACK_KEYS = ['status', 'body', 'headers', 'function', 'alias', 'on'];
