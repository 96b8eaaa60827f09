import { z } from '@hono/zod-openapi';
import { Name, Time, Url, VersionNumber } from './fields.ts';
import { apiChanges } from './openapi.ts';

export const WeightedVersion = z
  .object({
    version: VersionNumber,
    weight: z.number().openapi({ description: 'Percent, at most two decimals; the weights add up to 100' }),
  })
  .openapi('WeightedVersion');

export const Sticky = z
  .union([
    z.strictObject({ by: z.enum(['header', 'cookie']), name: z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/) }),
    z.strictObject({ by: z.literal('address') }),
  ])
  .openapi('Sticky', { description: 'What keeps a client on one version' });

const AliasMove = z.object({ versions: z.array(WeightedVersion), sticky: Sticky.nullable(), revision: z.number(), movedAt: Time });
export const Warm = z.number().int().min(0).max(1_000);

export const AliasView = AliasMove.extend({
  function: Name,
  alias: Name,
  url: Url,
  warm: Warm.openapi({ description: 'Cells that its versions have together on each host on Node, though nothing calls it' }),
  history: z.array(AliasMove).openapi({ description: 'Earlier targets, newest first; rollback takes the first' }),
  apiChanges,
}).openapi('Alias');

export const AliasBody = z
  .strictObject({
    versions: z.array(WeightedVersion).min(1),
    sticky: Sticky.nullable().optional().openapi({ description: 'Left as it is where absent; null takes it away' }),
    warm: Warm.optional().openapi({ description: 'Left as it is where absent' }),
  })
  .openapi('AliasTarget');

export type AliasTargetBody = z.infer<typeof AliasBody>;
export type AliasResult = z.infer<typeof AliasView>;
