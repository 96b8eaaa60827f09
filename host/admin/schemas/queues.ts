import { z } from '@hono/zod-openapi';
import { Name, Time, VersionNumber } from './fields.ts';

export const QueueView = z
  .object({
    queue: z.string(),
    function: Name.nullable().openapi({ description: 'Its consumer; null where it has none' }),
    paused: z.boolean().openapi({ description: 'Whether its messages are kept back' }),
    messages: z.number().openapi({ description: 'Not acked: waiting, delayed, or with a consumer' }),
    bytes: z.number().openapi({ description: 'Of their bodies' }),
    delayed: z.number().openapi({ description: 'Those of them that wait for their time' }),
    leased: z.number().openapi({ description: 'Those of them that a consumer has' }),
    oldest: Time.nullable().openapi({ description: 'When the first of them was sent' }),
    filtered: z.number().openapi({ description: 'Those that were left out by the filter of its consumer, so far' }),
  })
  .openapi('Queue');

export const MessageView = z
  .object({
    id: z.string(),
    sent: Time,
    due: Time.openapi({ description: 'When it is or was ready to be delivered' }),
    attempts: z.number().openapi({ description: 'How often it has been delivered' }),
    leased: z.boolean().openapi({ description: 'Whether a consumer has it now' }),
    contentType: z.enum(['text', 'bytes', 'json', 'v8']),
    body: z.string(),
    encoding: z.enum(['utf8', 'base64']).openapi({ description: 'Of `body`; base64 for `bytes` and `v8`' }),
    origin: z.string().nullable().openapi({
      description:
        'Of a dead letter: the queue that it could not be delivered from. Of what a webhook took: `webhook:`, the function and the path',
    }),
    boundTo: z.string().nullable().openapi({ description: 'The version that a retry stays on' }),
  })
  .openapi('Message');

export const QueueInvocationBody = z
  .strictObject({
    queue: z
      .string()
      .max(63)
      .optional()
      .openapi({ description: 'The name that the handler sees; the first that the version consumes where absent' }),
    messages: z
      .array(z.strictObject({ body: z.unknown(), attempts: z.int().min(1).max(101).optional() }))
      .min(1)
      .max(100)
      .openapi({ description: 'Their bodies, as JSON' }),
    reference: z.string().optional().openapi({ description: 'An alias, a number or a digest; `live` where absent' }),
  })
  .openapi('QueueInvocation');

export const QueueInvocationView = z
  .object({
    outcome: z.string().openapi({ description: '`ok`, or the code of the error' }),
    version: VersionNumber,
    messages: z.array(
      z.object({
        id: z.string(),
        result: z.enum(['ack', 'retry']),
        delaySeconds: z.number().nullable().openapi({ description: 'What the handler asked for' }),
      }),
    ),
  })
  .openapi('QueueInvocationResult');

export type QueueResult = z.infer<typeof QueueView>;
export type MessageResult = z.infer<typeof MessageView>;
export type QueueInvocationRequest = z.infer<typeof QueueInvocationBody>;
export type QueueInvocationResult = z.infer<typeof QueueInvocationView>;
