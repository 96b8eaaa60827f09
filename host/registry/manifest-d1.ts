import { z } from 'zod';
import { bindingName, must, text } from './manifest-fields.ts';

const identifier = text.min(1, "is empty; leave it out for a database of the function's own").max(128, 'has more than 128 characters');

/** An item of `d1_databases`. https://developers.cloudflare.com/workers/wrangler/configuration/#d1-databases */
export const d1Database = z
  .strictObject(
    {
      binding: bindingName,
      database_id: identifier.optional(),
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
  .transform(({ binding, database_id: id }) => ({ binding, ...(id !== undefined && { database_id: id.toWellFormed() }) }));

export const D1_KEYS = [
  'binding',
  'database_id',
  'database_name',
  'migrations_dir',
  'migrations_table',
  'migrations_pattern',
  'preview_database_id',
  'database_internal_env',
  'remote',
];
