import type { NewMessage } from './queue.ts';
import type { StoredObject } from './objects.ts';
import { ObjectError } from './object-error.ts';
import type { Sql } from './sql.ts';
import { createWriter, settle } from './sql-writer.ts';

/** Messages that a write has left, until they are in their queues. They are there from the moment that the write is. */
export interface Outbox {
  /** Queues that have some. */
  queues(): Promise<readonly string[]>;
  /** The first of a queue, in the order of the writes. */
  first(queue: string, limit: number): Promise<readonly Posted[]>;
  remove(posted: readonly Posted[]): Promise<void>;
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

export interface ObjectNotice {
  readonly queue: string;
  readonly message: NewMessage;
}

/** Says, while a write takes effect, what messages it leaves. */
export type Note = (change: ObjectChange) => readonly ObjectNotice[];

/** So many messages may wait. Where their queues take none, writes that would leave more are refused, so that they fill no disk. */
const MAX_WAITING = 100_000;

export interface SqlOutbox extends Outbox {
  /** Inside of the transaction of the write. */
  post(notices: readonly ObjectNotice[]): void;
}

export function createSqlOutbox(sql: Sql): SqlOutbox {
  sql.run(
    'CREATE TABLE IF NOT EXISTS object_event (seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, sent INTEGER NOT NULL, body BLOB NOT NULL)',
  );
  sql.run('CREATE INDEX IF NOT EXISTS object_event_queue ON object_event (queue, seq)');
  const write = createWriter(sql);
  const count = (what: string) => Number(sql.all(`SELECT ${what} AS waiting FROM object_event`)[0]!['waiting']);
  // At most what lies between the first and the last, which needs no look at those.
  const waiting = () => (count('MAX(seq) - MIN(seq)') < MAX_WAITING / 2 ? 0 : count('COUNT(*)'));
  return {
    post(notices) {
      if (notices.length === 0) return;
      if (waiting() + notices.length > MAX_WAITING) throw full();
      for (const { queue, message } of notices)
        sql.run(
          'INSERT INTO object_event (queue, id, sent, body) VALUES (?, ?, ?, ?)',
          queue,
          message.id,
          message.sent,
          message.body as Uint8Array<ArrayBuffer>,
        );
    },
    queues: () => settle(() => sql.all('SELECT DISTINCT queue FROM object_event').map(({ queue }) => queue as string)),
    first: (queue, limit) =>
      settle(() =>
        sql
          .all('SELECT seq, id, sent, body FROM object_event WHERE queue = ? ORDER BY seq LIMIT ?', queue, limit)
          .map(({ seq, id, sent, body }) => ({
            seq: Number(seq),
            message: { id: id as string, sent: Number(sent), type: 'json' as const, body: body as Uint8Array },
          })),
      ),
    async remove(posted) {
      await write(() => {
        for (const { seq } of posted) sql.run('DELETE FROM object_event WHERE seq = ?', seq);
      });
    },
  };
}

function full(): ObjectError {
  return new ObjectError(
    10058,
    `Too many events of buckets wait for room in their queues (${MAX_WAITING}). Have them consumed, or purge them.`,
  );
}
