import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BindingError } from '../../../bindings/binding-error.ts';
import type { Databases } from '../../../bindings/d1/databases.ts';
import { DEFAULT_QUOTAS } from '../../../bindings/quotas.ts';
import { ProcessPool, type PoolOptions } from './pool.ts';

export interface DatabaseOptions extends Partial<Pick<PoolOptions, 'deadline' | 'patience' | 'maxSize' | 'maxMemory' | 'maxProcesses'>> {
  /** Directory of the files; null puts them into one that is gone when these are closed. */
  readonly directory: string | null;
}

/** Milliseconds, as on Cloudflare: https://developers.cloudflare.com/d1/platform/limits/ */
const DEADLINE = 30_000;
const PATIENCE = 5_000;
const MAX_MEMORY = 1024 ** 3;
/** Each is some 60 MB of memory while it is there; as many databases can run a query at the same time. */
const MAX_PROCESSES = 4;

/** A host's SQL databases, each a SQLite file of its own. Nothing is made before the first query. */
export function openDatabases({ directory, ...limits }: DatabaseOptions): Databases & { close(): Promise<void> } {
  let pool: ProcessPool | undefined;
  let place: string | undefined;
  let closed = false;
  const start = (): ProcessPool => {
    if (closed) throw new BindingError('The host is stopping.', { code: 'unavailable' });
    if (pool !== undefined) return pool;
    place = directory ?? mkdtempSync(join(tmpdir(), 'brink-d1-'));
    const temporary = join(place, 'tmp');
    mkdirSync(temporary, { recursive: true });
    return (pool = new ProcessPool({
      temporary,
      deadline: DEADLINE,
      patience: PATIENCE,
      maxSize: DEFAULT_QUOTAS.database.bytes,
      maxMemory: MAX_MEMORY,
      maxProcesses: MAX_PROCESSES,
      ...limits,
    }));
  };
  return {
    open: (scope) => ({
      async query(request) {
        const running = start();
        return running.run(join(place!, fileName(scope)), request);
      },
    }),
    async close() {
      closed = true;
      await pool?.stop();
      if (directory === null && place !== undefined) rmSync(place, { recursive: true, force: true });
    },
  };
}

/** A name that people can read, and that two scopes never share. */
function fileName(scope: string): string {
  const readable = scope
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${readable}-${createHash('sha256').update(scope).digest('hex').slice(0, 32)}.sqlite`;
}
