import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlainWorkers } from '../../plain-workers.ts';
import { LOCK_LOOP } from '../sdk/lock-loop.ts';

/** A lock as one would write it for Workers: a Durable Object that has a row for each, and waiters in its memory. */
const SOURCE = `
import { DurableObject } from 'cloudflare:workers';

export class Locks extends DurableObject {
  #waiting = new Map();

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS lock (name TEXT PRIMARY KEY, fence INTEGER, expires INTEGER) WITHOUT ROWID');
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS fence (id INTEGER PRIMARY KEY, value INTEGER)');
    ctx.storage.sql.exec('INSERT OR IGNORE INTO fence VALUES (1, 0)');
  }

  async acquire(name, ttl) {
    for (;;) {
      const fence = this.#take(name, ttl);
      if (fence !== null) return fence;
      await new Promise((resolve) => this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]));
    }
  }

  release(name, fence) {
    this.ctx.storage.sql.exec('DELETE FROM lock WHERE name = ? AND fence = ?', name, fence);
    const [next, ...rest] = this.#waiting.get(name) ?? [];
    if (rest.length > 0) this.#waiting.set(name, rest);
    else this.#waiting.delete(name);
    next?.();
  }

  #take(name, ttl) {
    const { sql } = this.ctx.storage;
    const [row] = sql.exec('SELECT expires FROM lock WHERE name = ?', name).toArray();
    if (row !== undefined && row.expires > Date.now()) return null;
    const { value } = sql.exec('UPDATE fence SET value = value + 1 WHERE id = 1 RETURNING value').one();
    sql.exec('INSERT OR REPLACE INTO lock VALUES (?, ?, ?)', name, value, Date.now() + ttl);
    return value;
  }
}

export default {
  async fetch(request, env) {
    const locks = env.LOCKS.getByName('locks');
    const once = async (name) => {
      const fence = await locks.acquire(name, 30_000);
      if (!(fence > 0)) throw new Error('no fence');
      await locks.release(name, fence);
    };
    ${LOCK_LOOP}
  },
};
`;

const directory = mkdtempSync(join(tmpdir(), 'brink-bench-locks-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
process.once('SIGTERM', () => process.exit(143));
const { url } = await startPlainWorkers(
  [
    {
      name: 'locks',
      source: SOURCE,
      env: { LOCKS: { type: 'durable-object', worker: 'locks', exportName: 'Locks' } },
      exports: { Locks: { type: 'durable-object', storage: 'sqlite' } },
    },
  ],
  { resourcePersistencePath: directory },
);
process.send!({ port: Number(new URL(url).port) });
