import { z } from '@hono/zod-openapi';
import { AliasView, Warm, WeightedVersion } from './aliases.ts';
import { Name, Url, VersionNumber } from './fields.ts';
import { VersionView } from './versions.ts';

export const FunctionView = z
  .object({ name: Name, url: Url, versions: z.array(VersionView), aliases: z.array(AliasView) })
  .openapi('Function');

export const FunctionSummary = z
  .object({
    name: Name,
    url: Url,
    versions: z.number().openapi({ description: 'How many it has' }),
    latest: VersionNumber.nullable(),
    aliases: z.record(z.string(), z.array(WeightedVersion)),
    warm: z.record(z.string(), Warm).optional().openapi({ description: 'Of aliases whose versions keep cells: how many' }),
    crons: z.array(z.string()).openapi({ description: 'Of the versions that `live` names' }),
  })
  .openapi('FunctionSummary');

export const RouteView = z.object({ pattern: z.string(), strip: z.boolean(), function: Name, alias: Name }).openapi('Route');
export type FunctionResult = z.infer<typeof FunctionView>;
export type FunctionSummaryResult = z.infer<typeof FunctionSummary>;
export type RouteResult = z.infer<typeof RouteView>;
