import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BindingError } from '../../../bindings/binding-error.ts';
import type { Executed, WatchableDatabases } from '../../../bindings/d1/databases.ts';
import { DEFAULT_QUOTAS } from '../../../bindings/quotas.ts';
import type { RowRule } from '../../../registry/change-rules.ts';
import type { Posted } from '../../../stores/outbox.ts';
import type { OutboxCall } from './frame.ts';
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
export function openDatabases({ directory, ...limits }: DatabaseOptions): WatchableDatabases & { close(): Promise<void> } {
  let pool: ProcessPool | undefined;
  let place: string | undefined;
  let closed = false;
  /** Those whose files are known to have no triggers of the host's. */
  const unwatched = new Set<string>();
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
    open(scope) {
      const call = async (outbox: OutboxCall): Promise<unknown> => {
        const running = start();
        const { body } = await running.run({ path: join(place!, fileName(scope)), outbox }, new Uint8Array());
        return JSON.parse(text.decode(body) || 'null');
      };
      const executed = async (request: Uint8Array, rules: readonly RowRule[]): Promise<Executed> => {
        const running = start();
        // Once without any, so that those of an earlier time are taken away.
        const none = rules.length === 0 && unwatched.has(scope);
        const { head, body } = await running.run({ path: join(place!, fileName(scope)), ...(!none && { rules }) }, request);
        if (rules.length > 0) unwatched.delete(scope);
        else if (!none) unwatched.add(scope);
        return { answer: body, told: head === 'told' };
      };
      return {
        query: async (request) => (await executed(request, [])).answer,
        execute: executed,
        outbox: {
          queues: () => call({ what: 'queues' }) as Promise<string[]>,
          async first(queue, limit) {
            const posted = (await call({ what: 'first', queue, limit })) as (Posted & { message: { body: string } })[];
            return posted.map(({ seq, message }) => ({
              seq,
              message: { ...message, body: new Uint8Array(Buffer.from(message.body, 'base64')) },
            }));
          },
          remove: async (posted, queue) => void (await call({ what: 'remove', queue, seqs: posted.map(({ seq }) => seq) })),
        },
      };
    },
    async close() {
      closed = true;
      await pool?.stop();
      if (directory === null && place !== undefined) rmSync(place, { recursive: true, force: true });
    },
  };
}

const text = new TextDecoder();

/** A name that people can read, and that two scopes never share. */
function fileName(scope: string): string {
  const readable = scope
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${readable}-${createHash('sha256').update(scope).digest('hex').slice(0, 32)}.sqlite`;
}
