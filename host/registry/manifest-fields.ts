import { z } from 'zod';

const MAX_ITEMS = 1_000;

export const text = z.string({ error: must('be a string') });
export const flag = z.boolean({ error: must('be true or false') });

/** Under which a function finds a binding in its `env`. */
export const bindingName = text.regex(
  /^[A-Za-z_$][\w$]{0,127}$/,
  'is not a name that code can use; write letters, digits and _, and no digit first',
);

const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;

/** Of `capabilities.outbound`, and of what is like it. */
export const outboundHost = text
  .max(253, 'is longer than a host name can be')
  .transform((host) => host.toLowerCase())
  .refine(
    (host) => HOST.test(host) || IPV6.test(host),
    'is not a host; write "api.example.com" or "*.example.com", without scheme, port and path',
  );

export function list<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item, { error: must('be a list') }).max(MAX_ITEMS, `has more than ${MAX_ITEMS} items`);
}

/** One of these kinds of events or a list of them, each once. @param says what is wrong with anything else */
export function eventTypes<const Types extends readonly [string, ...string[]]>(types: Types, says: string) {
  const kind = z.enum(types, { error: says });
  return z.union([kind, z.array(kind).min(1)], { error: says }).transform((given) => [...new Set([given].flat())]);
}

export function whole(least: number, most: number, byDefault: number): z.ZodDefault<z.ZodInt> {
  const error = `must be a whole number, ${least} to ${most}`;
  return z.int({ error }).min(least, error).max(most, error).default(byDefault);
}

export function must(what: string): (issue: { code: string }) => string | undefined {
  return ({ code }) => (code === 'invalid_type' ? `must ${what}` : undefined);
}
