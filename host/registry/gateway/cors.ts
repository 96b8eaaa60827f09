import { z } from 'zod';
import { flag, list, must, text, whole } from '../manifest-fields.ts';
import { headerName, methodName } from './match.ts';

/** Who may read the answers from another origin. https://fetch.spec.whatwg.org/#http-cors-protocol */
export interface CorsRule {
  /** `https://app.example.com`, `https://*.example.com` for every name below it, or `*` for any. */
  readonly origins: readonly string[];
  /** Of requests that a preflight asks about. */
  readonly methods: readonly string[];
  /** That such a request may have; `*`: whatever it asks for. */
  readonly headers: readonly string[];
  /** That scripts may read of a response. */
  readonly expose: readonly string[];
  /** Whether cookies and the like may come along. */
  readonly credentials: boolean;
  /** Seconds that a browser keeps the answer to a preflight. */
  readonly max_age: number;
}

const ORIGIN = /^(\*|null|[a-z][a-z0-9+.-]*:\/\/(\*\.)?([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?)$/;
const DAY = 86_400;

export const cors = z
  .strictObject(
    {
      origins: list(
        text
          .transform((origin) => origin.toLowerCase())
          .refine((origin) => ORIGIN.test(origin), 'is not an origin; write "https://app.example.com", without a path, or "*"'),
      ).min(1, 'names no origin'),
      methods: list(methodName).default(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
      headers: list(z.union([z.literal('*').transform(() => '*'), headerName])).default(['*']),
      expose: list(headerName).default([]),
      credentials: flag.default(false),
      max_age: whole(0, DAY, 7_200),
    },
    { error: must('be a table') },
  )
  .refine(({ origins, credentials }) => !credentials || !origins.includes('*'), {
    path: ['credentials'],
    message: 'stands beside the origin "*": any site could act as whoever is signed in. Name the origins',
  });

export const CORS_KEYS = ['origins', 'methods', 'headers', 'expose', 'credentials', 'max_age'];
