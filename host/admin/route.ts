import { z, type OpenAPIHono } from '@hono/zod-openapi';
import { PROBLEM_MEDIA_TYPE } from '../gateway/problem.ts';
import { ProblemView } from './schemas/problem.ts';

/** The parts that the routes of the API share. */
export type AdminApp = OpenAPIHono;

export const FunctionParam = z.object({ fn: z.string().openapi({ description: "The function's name", example: 'hello' }) });
export const VersionParam = FunctionParam.extend({
  ref: z.string().openapi({ description: 'A number, the first 8 or more digits of a digest, or an alias', example: '3' }),
});
export const AliasParam = FunctionParam.extend({ alias: z.string().openapi({ description: "The alias's name", example: 'live' }) });
export const ScheduleParam = FunctionParam.extend({ id: z.string().openapi({ description: "The schedule's id", example: '42' }) });
export const ReleaseParam = FunctionParam.extend({
  id: z.coerce.number().int().positive().openapi({ description: "The release's number", example: 1 }),
});
export const ShadowParam = FunctionParam.extend({
  id: z.coerce.number().int().positive().openapi({ description: "The shadow's number", example: 1 }),
});
export const FreezeParam = z.object({ id: z.string().openapi({ description: "The freeze's name", example: 'year-end' }) });
export const SecretParam = FunctionParam.extend({ secret: z.string().openapi({ description: "The secret's name", example: 'API_KEY' }) });

export const DatabaseParam = FunctionParam.extend({
  binding: z.string().openapi({ description: "The binding's name in the function's `env`", example: 'DB' }),
});
export const SharedDatabaseParam = z.object({ database: z.string().openapi({ description: 'Its `database_id`' }) });
export const QueueParam = z.object({ queue: z.string().openapi({ description: "The queue's name", example: 'mails' }) });

const Etag = z.string().openapi({ description: "The alias's revision in quotes", example: '"3"' });
export const Preconditions = z.object({
  'if-match': Etag.optional().openapi({ description: 'The ETag that the alias must still have' }),
  'if-none-match': z.string().optional().openapi({ description: '`*`: the alias must not exist yet' }),
});
export const ReleasePrecondition = z.object({
  'if-match': z.string().optional().openapi({ description: 'The ETag that the release must still have', example: '"2"' }),
});
export const ShadowPrecondition = z.object({
  'if-match': z.string().optional().openapi({ description: 'The ETag that the shadow must still have', example: '"2"' }),
});
export const EtagHeader = z.object({ ETag: Etag });

export const Empty = z.object({}).openapi('Empty');

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** Every status that a route does not name. */
export const problems = {
  default: { description: 'Problem details', content: { [PROBLEM_MEDIA_TYPE]: { schema: ProblemView } } },
} as const;
