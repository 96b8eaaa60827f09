import { z } from 'zod';
import { bindingName, list, must, text, whole } from './manifest-fields.ts';

/** Seconds that a message can be put off. https://developers.cloudflare.com/queues/platform/limits/ */
const MAX_DELAY = 86_400;

export const queueName = text.regex(/^[A-Za-z0-9][\w-]{0,62}$/, 'is not the name of a queue; write up to 63 letters, digits, - and _');
const delay = whole(0, MAX_DELAY, 0);

const producer = z
  .strictObject(
    {
      binding: bindingName,
      queue: queueName,
      delivery_delay: delay,
      // wrangler's: whether it reaches for Cloudflare's.
      remote: z.literal(false, { error: 'must be false: queues on Cloudflare are not reached from here' }).optional(),
    },
    { error: must('be a table with binding and queue') },
  )
  .transform(({ remote: _remote, ...rest }) => rest);

const consumer = z
  .strictObject(
    {
      queue: queueName,
      max_batch_size: whole(1, 100, 10),
      max_batch_timeout: z
        .number({ error: must('be a number of seconds') })
        .min(0, 'must be 0 to 60')
        .max(60, 'must be 0 to 60')
        .default(5),
      max_retries: whole(0, 100, 3),
      dead_letter_queue: queueName.optional(),
      max_concurrency: z
        .int({ error: 'must be a whole number, 1 to 250, or null' })
        .min(1, 'must be 1 or more')
        .max(250, 'must be at most 250')
        .nullable()
        .default(null),
      retry_delay: delay,
      type: z.literal('worker', { error: 'must be "worker": messages are not pulled over HTTP here' }).optional(),
      // wrangler's, of those who pull.
      visibility_timeout_ms: z.number({ error: must('be a number of milliseconds') }).optional(),
    },
    { error: must('be a table with queue') },
  )
  .refine(({ queue, dead_letter_queue: dead }) => dead !== queue, { path: ['dead_letter_queue'], error: 'is the queue itself' })
  .transform(({ type: _type, visibility_timeout_ms: _visibility, dead_letter_queue: dead, ...rest }) => ({
    ...rest,
    ...(dead !== undefined && { dead_letter_queue: dead }),
  }));

/** `queues`. https://developers.cloudflare.com/workers/wrangler/configuration/#queues */
export const queues = z.strictObject(
  { producers: list(producer).default([]), consumers: list(consumer).default([]) },
  { error: must('be a table with producers and consumers') },
);

/** The keys that may stand at a place of it. */
export function keysOfQueues(part: PropertyKey | undefined): string[] {
  switch (part) {
    case 'producers':
      return ['binding', 'queue', 'delivery_delay', 'remote'];
    case 'consumers':
      return [
        'queue',
        'max_batch_size',
        'max_batch_timeout',
        'max_retries',
        'dead_letter_queue',
        'max_concurrency',
        'retry_delay',
        'type',
        'visibility_timeout_ms',
      ];
    default:
      return ['producers', 'consumers'];
  }
}
