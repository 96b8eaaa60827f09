import { z } from 'zod';
import { bindingName, eventTypes, flag, list, must, text } from './manifest-fields.ts';
import { queueName } from './manifest-queues.ts';

const TYPES = ['put', 'delete', 'increment', 'expire'] as const;
const SAYS = 'must be "put", "delete", "increment" or "expire", or a list of them';

/** Named as those of buckets are. */
const notification = z.strictObject(
  {
    queue: queueName,
    event_type: eventTypes(TYPES, SAYS).default([...TYPES]),
    prefix: text.max(512, 'has more than 512 characters').default(''),
    values: flag.default(false),
  },
  { error: must('be a table with queue') },
);

/** An item of `kv_namespaces`. https://developers.cloudflare.com/workers/wrangler/configuration/#kv-namespaces */
export const kvNamespace = z
  .strictObject(
    {
      binding: bindingName,
      id: text.min(1, "is empty; leave it out for a namespace of the function's own").max(128, 'has more than 128 characters').optional(),
      notifications: list(notification).max(100, 'has more than 100 rules').optional(),
      // wrangler's: another namespace for its previews, and whether it reaches for Cloudflare's.
      preview_id: text.optional(),
      remote: z.literal(false, { error: 'must be false: namespaces on Cloudflare are not reached from here' }).optional(),
    },
    { error: must('be a table with binding') },
  )
  .transform(({ binding, id, notifications = [] }) => ({
    binding,
    ...(id !== undefined && { id: id.toWellFormed() }),
    ...(notifications.length > 0 && { notifications }),
  }));

/** The keys that may stand at a place of it. */
export function keysOfNamespaces(path: readonly PropertyKey[]): string[] {
  return path.includes('notifications') ? Object.keys(notification.shape) : ['binding', 'id', 'notifications', 'preview_id', 'remote'];
}
