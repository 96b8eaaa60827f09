import { z } from '@hono/zod-openapi';
import { Digest, Name, Texts, Time, Url, VersionNumber } from './fields.ts';
import { apiChanges } from './openapi.ts';

const OpenApiFacts = z
  .object({
    digest: z.string().openapi({ description: 'SHA-256 of the document, 64 hex digits' }),
    size: z.number().openapi({ description: 'Bytes of the document' }),
    source: z.enum(['file', 'function', 'component']).openapi({ description: 'Who has told it' }),
    from: z.string().openapi({ description: 'The OpenAPI that it came in; it is kept as 3.1', example: '3.1.1' }),
    breaking: z
      .enum(['allow', 'refuse'])
      .optional()
      .openapi({ description: 'What is done where it breaks those who call; they are warned where absent' }),
  })
  .openapi('OpenApiFacts');

export const VersionView = z
  .object({
    function: Name,
    number: VersionNumber,
    digest: Digest,
    tag: z.string().nullable(),
    size: z.number().openapi({ description: 'Bytes of the artifact' }),
    createdAt: Time,
    handlers: z.array(z.enum(['fetch', 'scheduled', 'queue', 'email', 'rpc'])),
    crons: z.array(z.string()),
    aliases: z.array(z.string()).openapi({ description: 'The aliases that name it' }),
    openapi: OpenApiFacts.optional().openapi({ description: 'Not there where it has no OpenAPI document' }),
    url: Url,
  })
  .openapi('Version');

export const ComponentView = z
  .object({
    imports: Texts.openapi({ description: 'Interfaces that it asks of the host' }),
    exports: Texts,
    wit: z.string().openapi({ description: 'Its world, and the interfaces that it names' }),
    producers: z.object({ language: Texts, 'processed-by': Texts, sdk: Texts }).openapi({ description: 'Who made it, as `name version`' }),
    bytes: z.number().openapi({ description: 'Its size before it was built into an artifact' }),
    isolation: z.enum(['request', 'instance']),
    fixed: z
      .string()
      .nullable()
      .openapi({ description: 'Why an instance cannot be put back after a request, so that each gets a new one; null where it can' }),
    calls: Texts.optional().openapi({
      description: 'The paths at which functions of its own interfaces are called',
      example: ['/ops/add'],
    }),
  })
  .openapi('Component');

export const PublishedView = z
  .object({
    function: Name,
    version: VersionNumber,
    digest: Digest,
    alias: z.string().nullable().openapi({ description: 'The alias that this publish moved or made' }),
    url: Url.openapi({ description: "Where it answers: the alias's URL, or the version's own where no alias was moved" }),
    versionUrl: Url,
    created: z.boolean().openapi({ description: 'False where this digest was a version already' }),
    handlers: VersionView.shape.handlers,
    crons: z.array(z.string()),
    size: z.number(),
    warnings: z.array(z.string()).openapi({ description: 'Such as secrets that it requires and that are not set' }),
    apiChanges,
  })
  .openapi('Published');

export type ComponentResult = z.infer<typeof ComponentView>;
export type VersionResult = z.infer<typeof VersionView>;
export type PublishedResult = z.infer<typeof PublishedView>;
