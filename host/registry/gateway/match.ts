import { z } from 'zod';
import { list, must, text } from '../manifest-fields.ts';
import { formatRoute, parseRoute } from '../route.ts';
import { pathPatternProblem } from './path-pattern.ts';

/** Which requests a block of rules is about: all that it names hold. */
export interface GatewayMatch {
  /** One of these, of the path that the function sees: `/users/:id`, `/assets/*`. */
  readonly path?: readonly string[];
  readonly methods?: readonly string[];
  /** One of these: `api.example.com`, or `*.example.com` for every name below it. */
  readonly host?: readonly string[];
  /** The routes that they came by, one of these, each as it stands in `routes`. */
  readonly route?: readonly string[];
  readonly headers?: Readonly<Record<string, FieldMatch>>;
  readonly query?: Readonly<Record<string, FieldMatch>>;
}

/** The value itself; a beginning, as `"v2*"`; whether there is one at all. */
export type FieldMatch = string | boolean;

const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** Written as one or as a list. */
function oneOrMore<Item extends z.ZodType<string>>(item: Item) {
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), list(item).min(1, 'is an empty list; nothing would match'));
}

export const pathPatternText = text.check((context) => {
  const problem = pathPatternProblem(context.value);
  if (problem !== null)
    context.issues.push({ code: 'custom', message: `${problem}; write "/users/:id" or "/assets/*"`, input: context.value });
});

export const methodName = text.regex(/^[A-Z]{1,20}$/, 'is not a method; write it in capitals, such as "POST"');

export const headerName = text
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, 'is not the name of a header')
  .transform((name) => name.toLowerCase());

const field = z.union([text.max(1_024, 'has more than 1,024 characters'), z.boolean()], { error: 'must be a text, true or false' });

const route = text.transform((pattern, context) => {
  try {
    return formatRoute(parseRoute(pattern));
  } catch (error) {
    context.issues.push({ code: 'custom', message: (error as Error).message, input: pattern });
    return z.NEVER;
  }
});

export const match = z.strictObject(
  {
    path: oneOrMore(pathPatternText).optional(),
    methods: oneOrMore(methodName).optional(),
    host: oneOrMore(
      text
        .transform((host) => host.toLowerCase())
        .refine((host) => HOST.test(host), 'is not a host; write "api.example.com" or "*.example.com"'),
    ).optional(),
    route: oneOrMore(route).optional(),
    headers: z.record(headerName, field, { error: must('be a table of headers') }).optional(),
    query: z.record(text.min(1, 'is empty').max(256, 'is too long'), field, { error: must('be a table of parameters') }).optional(),
  },
  { error: must('be a table') },
);
