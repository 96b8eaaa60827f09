import { z } from '@hono/zod-openapi';
import { Time } from './fields.ts';

export const SecretView = z
  .object({
    name: z.string().openapi({ example: 'API_KEY' }),
    setAt: Time,
    key: z.string().openapi({ description: 'The id of the key that it is encrypted with' }),
  })
  .openapi('Secret', { description: 'A secret without its value, which nothing shows.' });

const SecretValue = z.string().openapi({ description: 'At most 5 KiB as UTF-8', writeOnly: true });
export const SecretBody = z.strictObject({ value: SecretValue }).openapi('SecretValue');

export const SecretsBody = z
  .strictObject({ secrets: z.record(z.string(), SecretValue.nullable()) })
  .openapi('SecretChanges', { description: 'Values by name; null takes one away' });

export const SecretListView = z.object({ secrets: z.array(SecretView) }).openapi('SecretList');

export const SecretRemovedView = z
  .object({ requiredBy: z.array(z.string()).openapi({ description: 'Aliases of which a version requires it' }) })
  .openapi('SecretRemoved');

export const RotatedView = z
  .object({
    key: z.string().openapi({ description: 'The id of the key under which all are now' }),
    rotated: z.number().openapi({ description: 'How many were under another' }),
  })
  .openapi('Rotated');

export type SecretResult = z.infer<typeof SecretView>;
export type SecretRemovedResult = z.infer<typeof SecretRemovedView>;
export type RotatedResult = z.infer<typeof RotatedView>;
