import type { NewMessage } from './queue.ts';
import type { StoredObject } from './objects.ts';
import type { Sql } from './sql.ts';
import { createWriter, settle } from './sql-writer.ts';

/** Messages that a write has left, until they are in their queues. They are there from the moment that the write is. */
export interface Outbox {
  /** Queues that have some. */
  queues(): Promise<readonly string[]>;
  /** The first of a queue, in the order of the writes. */
  first(queue: string, limit: number): Promise<readonly Posted[]>;
  /** Some of those that a queue has. */
  remove(posted: readonly Posted[], queue: string): Promise<void>;
}

export interface Posted {
  readonly seq: number;
  readonly message: NewMessage;
}

/** What a write did with one object; `object` is null where it removed it. */
export interface ObjectChange {
  readonly key: string;
  readonly object: StoredObject | null;
}

export interface Notice {
  readonly queue: string;
  readonly message: NewMessage;
}

/** Says, while a write takes effect, what messages it leaves. */
export type Note<Change = ObjectChange> = (change: Change) => readonly Notice[];

/** So many messages may wait. Where their queues take none, writes that would leave more are refused, so that they fill no disk. */
export const MAX_WAITING = 100_000;

/** The write was not done. */
export class OutboxFull extends Error {
  constructor() {
    super(`Too many changes wait for room in their queues (${MAX_WAITING}). Have them consumed, or purge them.`);
  }
}

export interface OpenOutbox extends Outbox {
  /** Inside of the transaction of the write. @throws where too many wait */
  post(notices: readonly Notice[]): void;
}

export interface SqlOutboxOptions {
  readonly table: string;
  /** What is thrown where too many wait; `OutboxFull` where it is not given. */
  readonly full?: () => Error;
}

export function createSqlOutbox(sql: Sql, { table, full = () => new OutboxFull() }: SqlOutboxOptions): OpenOutbox {
  sql.run(
    `CREATE TABLE IF NOT EXISTS ${table} (seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, sent INTEGER NOT NULL, body BLOB NOT NULL, key TEXT)`,
  );
  // That of an earlier release has none.
  if (!sql.all(`PRAGMA table_info(${table})`).some(({ name }) => name === 'key')) sql.run(`ALTER TABLE ${table} ADD COLUMN key TEXT`);
  sql.run(`CREATE INDEX IF NOT EXISTS ${table}_queue ON ${table} (queue, seq)`);
  const write = createWriter(sql);
  const count = (what: string) => Number(sql.all(`SELECT ${what} AS waiting FROM ${table}`)[0]!['waiting']);
  // At most what lies between the first and the last, which needs no look at those.
  const waiting = () => (count('MAX(seq) - MIN(seq)') < MAX_WAITING / 2 ? 0 : count('COUNT(*)'));
  return {
    post(notices) {
      if (notices.length === 0) return;
      if (waiting() + notices.length > MAX_WAITING) throw full();
      for (const { queue, message } of notices)
        sql.run(
          `INSERT INTO ${table} (queue, id, sent, body, key) VALUES (?, ?, ?, ?, ?)`,
          queue,
          message.id,
          message.sent,
          message.body as Uint8Array<ArrayBuffer>,
          message.key ?? null,
        );
    },
    queues: () => settle(() => sql.all(`SELECT DISTINCT queue FROM ${table}`).map(({ queue }) => queue as string)),
    first: (queue, limit) =>
      settle(() =>
        sql
          .all(`SELECT seq, id, sent, body, key FROM ${table} WHERE queue = ? ORDER BY seq LIMIT ?`, queue, limit)
          .map(({ seq, id, sent, body, key }) => ({
            seq: Number(seq),
            message: {
              id: id as string,
              sent: Number(sent),
              type: 'json' as const,
              body: body as Uint8Array,
              ...(key !== null && { key: key as string }),
            },
          })),
      ),
    async remove(posted) {
      await write(() => {
        for (const { seq } of posted) sql.run(`DELETE FROM ${table} WHERE seq = ?`, seq);
      });
    },
  };
}

/** One that does not outlive the process. */
export function createMemoryOutbox(): OpenOutbox {
  const lines = new Map<string, Posted[]>();
  let last = 0;
  let waiting = 0;
  return {
    post(notices) {
      if (waiting + notices.length > MAX_WAITING) throw new OutboxFull();
      waiting += notices.length;
      for (const { queue, message } of notices) {
        const line = lines.get(queue) ?? [];
        lines.set(queue, line);
        line.push({ seq: ++last, message });
      }
    },
    queues: async () => [...lines.keys()],
    first: async (queue, limit) => lines.get(queue)?.slice(0, limit) ?? [],
    async remove(posted) {
      const gone = new Set(posted.map(({ seq }) => seq));
      for (const [queue, line] of lines) {
        const left = line.filter(({ seq }) => !gone.has(seq));
        waiting -= line.length - left.length;
        if (left.length === 0) lines.delete(queue);
        else lines.set(queue, left);
      }
    },
  };
}
