import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryBlobs, createMemoryStore } from '../../stores/memory.ts';
import { createSqlBlobs, createSqlStore } from '../../stores/sql.ts';
import type { BindingState } from '../../bindings/binding.ts';
import type { Blobs } from '../../stores/blobs.ts';
import type { Store } from '../../stores/store.ts';
import type { HostOptions } from '../running.ts';
import { secretKeys } from '../secret-keys.ts';
import { keptToken, newToken } from '../token.ts';
import { RateCounters } from '../../bindings/ratelimit/counters.ts';
import { openDatabases } from './d1/databases.ts';
import { openSql } from './sql.ts';

export interface State {
  readonly store: Store;
  readonly blobs: Blobs;
  /** What functions keep in their bindings. */
  readonly bindings: BindingState;
  readonly token: string;
  /** What secrets are encrypted with. */
  readonly keys: readonly Uint8Array<ArrayBuffer>[];
  close(): Promise<void>;
}

/** The state of a host: a directory, made where it is not there, or nothing that outlives the process. */
export function openState(directory: string | null, { token, secretKey }: Pick<HostOptions, 'token' | 'secretKey'> = {}): State {
  const databases = openDatabases({ directory: directory && join(directory, 'd1') });
  const shared = { now: Date.now, databases, rates: new RateCounters(Date.now) };
  if (directory === null) {
    return {
      store: createMemoryStore(Date.now),
      blobs: createMemoryBlobs(),
      bindings: { store: createMemoryStore(Date.now), ...shared },
      token: token ?? newToken(),
      keys: secretKeys(null, secretKey),
      close: () => databases.close(),
    };
  }
  mkdirSync(directory, { recursive: true });
  const sql = openSql(join(directory, 'state.sqlite'));
  try {
    return {
      store: createSqlStore(sql, Date.now),
      blobs: createSqlBlobs(sql),
      bindings: { store: createSqlStore(sql, Date.now, 'binding'), ...shared },
      token: token ?? keptToken(directory),
      keys: secretKeys(directory, secretKey),
      async close() {
        await databases.close();
        sql.close();
      },
    };
  } catch (error) {
    sql.close();
    throw error;
  }
}
