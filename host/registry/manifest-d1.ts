import { z } from 'zod';
import { bindingName, eventTypes, flag, list, must, text } from './manifest-fields.ts';
import { queueName } from './manifest-queues.ts';

const identifier = text.min(1, "is empty; leave it out for a database of the function's own").max(128, 'has more than 128 characters');

const TYPES = ['insert', 'update', 'delete'] as const;
const SAYS = 'must be "insert", "update" or "delete", or a list of them';

const table = text
  .min(1, 'is empty; write the name of a table')
  .max(128, 'has more than 128 characters')
  .refine((name) => !/^(?:sqlite_|_cf_|__brink_)|\0/i.test(name), 'is not the name of a table of yours');

/** Named as those of buckets are. */
const notification = z.strictObject(
  {
    queue: queueName,
    event_type: eventTypes(TYPES, SAYS).default([...TYPES]),
    // SQLite takes names in either case for the same.
    tables: z
      .array(table, { error: must('be a list of names of tables') })
      .min(1, 'is empty; write the names of the tables')
      .max(100, 'has more than 100 tables')
      .transform((names) => [...new Map(names.map((name) => [name.toLowerCase(), name.toWellFormed()])).values()]),
    rows: flag.default(true),
  },
  { error: must('be a table with queue and tables') },
);

/** An item of `d1_databases`. https://developers.cloudflare.com/workers/wrangler/configuration/#d1-databases */
export const d1Database = z
  .strictObject(
    {
      binding: bindingName,
      database_id: identifier.optional(),
      notifications: list(notification).max(100, 'has more than 100 rules').optional(),
      // What the CLI reads in the config, and not the host: its name there, where its migrations are and what keeps account of them.
      database_name: text.optional(),
      migrations_dir: text.optional(),
      migrations_table: text.optional(),
      migrations_pattern: text.optional(),
      // wrangler's: another database for its previews, what its own tools know, and whether it reaches for Cloudflare's.
      preview_database_id: text.optional(),
      database_internal_env: text.optional(),
      remote: z.literal(false, { error: 'must be false: databases on Cloudflare are not reached from here' }).optional(),
    },
    { error: must('be a table with binding') },
  )
  .transform(({ binding, database_id: id, notifications = [] }) => ({
    binding,
    ...(id !== undefined && { database_id: id.toWellFormed() }),
    ...(notifications.length > 0 && { notifications }),
  }));

/** The keys that may stand at a place of it. */
export function keysOfDatabases(path: readonly PropertyKey[]): string[] {
  return path.includes('notifications') ? Object.keys(notification.shape) : D1_KEYS;
}

const D1_KEYS = [
  'binding',
  'database_id',
  'notifications',
  'database_name',
  'migrations_dir',
  'migrations_table',
  'migrations_pattern',
  'preview_database_id',
  'database_internal_env',
  'remote',
];
