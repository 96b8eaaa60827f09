import { z } from 'zod';
import { HTTP_EVENTS, QUEUE_EVENTS, SIGNATURES } from '../../sdk/clouds/settings.ts';
import type { Settings } from '../../sdk/clouds/settings.ts';

/** Whose handlers a main module exports: Workers' own, or those of another cloud. */
export const HANDLER_KINDS = ['standard', 'lambda', 'gcf', 'azure'] as const;
export type HandlerKind = (typeof HANDLER_KINDS)[number];
export type Cloud = Exclude<HandlerKind, 'standard'>;

const text = z.string({ error: 'must be a string' });
const flag = z.boolean({ error: 'must be true or false' });

const lambda = z.strictObject({
  export: text.min(1, 'is empty; write the name of an export').default('handler'),
  event: oneOf(HTTP_EVENTS).default('v2'),
  queues: z.record(z.string(), oneOf(QUEUE_EVENTS), { error: 'must be a table of queues' }).default({}),
  partial_batches: flag.default(true),
  multi_value_headers: flag.default(false),
});

const gcf = z.strictObject({
  target: text.min(1, 'is empty; write the name of a function').optional(),
  signature: oneOf(SIGNATURES).default('http'),
});

const azure = z.strictObject({
  route_prefix: text.regex(/^[\w./~-]*$/, 'is no prefix of a path; write "api", or "" for none').default('api'),
});

/** The build's keys for functions of other clouds. */
export const cloudKeys = {
  handler: oneOf(HANDLER_KINDS).optional(),
  lambda: lambda.prefault({}),
  gcf: gcf.prefault({}),
  azure: azure.prefault({}),
};

export const CLOUD_TABLES = { lambda: Object.keys(lambda.shape), gcf: Object.keys(gcf.shape), azure: Object.keys(azure.shape) } as const;

export interface CloudSettings extends Pick<Settings, 'lambda' | 'gcf' | 'azure'> {
  /** null: by what the sources say. */
  readonly handler: HandlerKind | null;
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}
