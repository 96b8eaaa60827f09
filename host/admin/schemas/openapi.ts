import { z } from '@hono/zod-openapi';
import { VersionNumber } from './fields.ts';

/** The shapes of what changes between the OpenAPI documents of two versions. */

export const ApiChangeView = z
  .object({
    rule: z.string().openapi({ description: 'Stable, for programs', example: 'response-type-changed' }),
    severity: z.enum(['breaking', 'warning', 'compatible']),
    method: z.string().nullable().openapi({ description: 'null: of a whole path, or of the document', example: 'GET' }),
    path: z.string().nullable().openapi({ example: '/pets/{id}' }),
    pointer: z.string().openapi({ description: 'A JSON pointer to the place (RFC 6901, section 6)' }),
    document: z.enum(['from', 'to']).openapi({ description: 'The document that the pointer leads into' }),
    message: z.string(),
  })
  .openapi('ApiChange');

export const ApiComparisonView = z
  .object({ from: VersionNumber, to: VersionNumber, changes: z.array(ApiChangeView) })
  .openapi('ApiComparison', { description: 'What those who call notice where one version takes over from the other' });

export const ApiChangesView = z
  .object({ function: z.string(), from: VersionNumber, to: VersionNumber, changes: z.array(ApiChangeView) })
  .openapi('ApiChanges');

export const apiChanges = z
  .array(ApiComparisonView)
  .optional()
  .openapi({ description: 'Of what has just moved it: what breaks for those who call, and what may; not there where nothing does' });

export type ApiComparisonResult = z.infer<typeof ApiComparisonView>;
export type ApiChangesResult = z.infer<typeof ApiChangesView>;
export type ApiChangeResult = z.infer<typeof ApiChangeView>;
