import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryBlobs, createMemoryStore } from '../../stores/memory.ts';
import type { Objects } from '../../stores/objects.ts';
import { createSqlObjects } from '../../stores/sql-objects.ts';
import { createSqlBlobs, createSqlStore } from '../../stores/sql.ts';
import type { Platform } from '../../platform.ts';
import type { Blobs } from '../../stores/blobs.ts';
import type { TellingStore } from '../../stores/changes.ts';
import { createMemoryQueue } from '../../stores/queue-memory.ts';
import { createSqlQueue } from '../../stores/queue-sql.ts';
import type { Queue } from '../../stores/queue.ts';
import type { Store } from '../../stores/store.ts';
import type { HostOptions } from '../running.ts';
import { secretKeys } from '../secret-keys.ts';
import { keptToken, newToken } from '../token.ts';
import { createFiles } from './files.ts';
import { createMemoryFiles } from './memory-files.ts';
import { openSql } from './sql.ts';

export interface State {
  readonly store: Store;
  readonly blobs: Blobs;
  /** What functions keep in their bindings. */
  readonly bindings: Store;
  /** The same where it leaves what writes have to tell with them; null where it has no transaction for that. */
  readonly telling: TellingStore | null;
  readonly objects: Objects;
  /** Messages of queues. */
  readonly queue: Queue;
  readonly token: string;
  /** What secrets are encrypted with. */
  readonly keys: readonly Uint8Array<ArrayBuffer>[];
  /** See `Platform`; where others write to it as well. */
  readonly changes?: Platform['changes'];
  close(): void | Promise<void>;
}

/** The state of a host: a directory, made where it is not there, or nothing that outlives the process. */
export function openState(
  directory: string | null,
  { token, secretKey, now = Date.now }: Pick<HostOptions, 'token' | 'secretKey'> & { now?: () => number } = {},
): State {
  if (directory === null) {
    const index = openSql(':memory:');
    const bindings = createMemoryStore(now);
    return {
      store: createMemoryStore(now),
      blobs: createMemoryBlobs(),
      bindings,
      telling: bindings,
      objects: createSqlObjects({ sql: index, files: createMemoryFiles(), now }),
      queue: createMemoryQueue(now),
      token: token ?? newToken(),
      keys: secretKeys(null, secretKey),
      close: () => index.close(),
    };
  }
  mkdirSync(directory, { recursive: true });
  const sql = openSql(join(directory, 'state.sqlite'));
  try {
    const objects = createSqlObjects({ sql, files: createFiles(join(directory, 'objects')), now });
    const bindings = createSqlStore(sql, now, 'binding');
    // What it does not get to, the next start does.
    objects.sweep().catch(() => {});
    return {
      store: createSqlStore(sql, now),
      blobs: createSqlBlobs(sql),
      bindings,
      telling: bindings,
      objects,
      queue: createSqlQueue(sql, now),
      token: token ?? keptToken(directory),
      keys: secretKeys(directory, secretKey),
      close: () => sql.close(),
    };
  } catch (error) {
    sql.close();
    throw error;
  }
}
