import { z } from '@hono/zod-openapi';
import { Name, Time, VersionNumber } from './fields.ts';

/** The shapes of shadows and of what they have found. */

const Counts = z.record(z.string(), z.number());
const Outbound = z.enum(['none', 'safe', 'all']);
const Share = z.number().openapi({ description: 'Percent of the requests', example: 5 });
const Rules = z.array(z.string().max(300)).max(50);

const ExampleView = z.object({
  time: Time,
  requestId: z.string().openapi({ description: 'Of the live invocation' }),
  live: z.string().nullable().openapi({ description: 'null where there is nothing' }),
  shadow: z.string().nullable(),
});

const PlaceView = z
  .object({
    place: z.string().openapi({ description: '`outcome`, `status`, `header:NAME`, a JSONPath, or `body`', example: '$.items[*].price' }),
    kind: z.enum(['outcome', 'status', 'header', 'body']),
    count: z.number().openapi({ description: 'Answers that differed there' }),
    self: z.number().openapi({ description: 'How often the live version differed from itself there' }),
    examples: z.array(ExampleView).openapi({ description: 'The newest three' }),
  })
  .openapi('ShadowPlace');

const SideView = z.object({
  statuses: Counts,
  p50: z.number().nullable().openapi({ description: 'Ms; null where nothing was measured' }),
  p95: z.number().nullable(),
});

const ReportView = z
  .object({
    drawn: z.number().openapi({ description: 'Requests that were drawn' }),
    compared: z.number().openapi({ description: 'Those of them that were compared as a whole' }),
    equal: z.number(),
    noise: z.number().openapi({ description: 'Those that differed only where the live version differs from itself' }),
    different: z.number(),
    dropped: Counts.openapi({ description: 'Those that were not copied, by why' }),
    uncompared: Counts.openapi({ description: 'Those of which a part was not compared, by why' }),
    kinds: Counts.openapi({ description: 'Of those that differ, how many did so in what' }),
    places: z.array(PlaceView).openapi({ description: 'Where they differ, the most frequent first' }),
    elsewhere: z.number().openapi({ description: 'Differences at places beyond the first hundred' }),
    live: SideView,
    shadow: SideView,
    writes: Counts.openapi({ description: 'Writes that were kept off, by the kind of binding' }),
  })
  .openapi('ShadowReport');

export const ShadowView = z
  .object({
    function: Name,
    id: z.number().int().positive(),
    alias: Name,
    to: VersionNumber,
    share: Share,
    ignore: Rules,
    outbound: Outbound,
    baseline: z.boolean(),
    startedAt: Time,
    until: Time.nullable().openapi({ description: 'When it ends by itself' }),
    by: z.string(),
    why: z.string().nullable(),
    revision: z.number(),
    end: z
      .object({
        time: Time,
        by: z.string(),
        reason: z.string(),
        cleared: z.boolean().openapi({ description: 'Whether its writes are removed' }),
      })
      .nullable()
      .openapi({ description: 'How it ended' }),
  })
  .openapi('Shadow');

export const ShadowWithReport = ShadowView.extend({ report: ReportView }).openapi('ShadowWithReport');

export const ShadowBody = z
  .strictObject({
    alias: z.string().optional().openapi({ description: '`live` where absent' }),
    to: VersionNumber,
    share: Share,
    ignore: Rules.optional().openapi({ description: 'What is not compared', example: ['$.time', 'header:etag'] }),
    outbound: Outbound.optional().openapi({ description: 'What of its calls to the outside is made; `safe` where absent' }),
    baseline: z.boolean().optional().openapi({ description: 'Whether the live version gets a copy as well, to find noise' }),
    for: z.number().int().optional().openapi({ description: 'Ms until it ends by itself; never where absent' }),
  })
  .openapi('ShadowRequest');

export type ShadowResult = z.infer<typeof ShadowView>;
export type ShadowReported = z.infer<typeof ShadowWithReport>;
export type ShadowAsked = z.input<typeof ShadowBody>;
