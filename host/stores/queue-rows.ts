import type { ContentType, LeasedMessage, NewMessage } from './queue.ts';
import type { Sql, SqlValue } from './sql.ts';

/** Where a message stands in the order of its queue. */
export interface Place {
  readonly due: number;
  readonly seq: number;
}

export interface Held {
  until: number;
  readonly places: Map<string, Place & { readonly bytes: number }>;
}

/** What this process knows of a queue: nobody else writes to the database. */
export interface Line {
  /** Everything at and before it is leased, or gone. */
  after: Place;
  readonly leases: Map<string, Held>;
  messages: number;
  bytes: number;
}

export const START: Place = { due: -1, seq: 0 };
export const COLUMNS = 'seq, id, due, sent, attempts, type, pin, origin, key, body';

export function createTables(sql: Sql): void {
  sql.run(
    'CREATE TABLE IF NOT EXISTS queue_message (seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, due INTEGER NOT NULL, id TEXT NOT NULL, sent INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, type TEXT NOT NULL, pin TEXT, origin TEXT, body BLOB NOT NULL, key TEXT)',
  );
  // That of an earlier release has none.
  if (!sql.all('PRAGMA table_info(queue_message)').some(({ name }) => name === 'key'))
    sql.run('ALTER TABLE queue_message ADD COLUMN key TEXT');
  sql.run('CREATE INDEX IF NOT EXISTS queue_key ON queue_message (queue, key, seq) WHERE key IS NOT NULL');
  sql.run('CREATE INDEX IF NOT EXISTS queue_due ON queue_message (queue, due, seq)');
  sql.run('CREATE UNIQUE INDEX IF NOT EXISTS queue_dead ON queue_message (queue, id) WHERE origin IS NOT NULL');
  sql.run('CREATE TABLE IF NOT EXISTS queue_lease (lease TEXT PRIMARY KEY, queue TEXT NOT NULL, seqs TEXT NOT NULL) WITHOUT ROWID');
  sql.run('CREATE TABLE IF NOT EXISTS queue_filtered (queue TEXT PRIMARY KEY, messages INTEGER NOT NULL) WITHOUT ROWID');
}

/** Those of a process that is gone. */
export function endLeases(sql: Sql): void {
  for (const { lease } of sql.all('SELECT lease FROM queue_lease')) sql.transaction(() => endLease(sql, lease as string));
}

export function endLease(sql: Sql, lease: string): void {
  sql.run(
    'UPDATE queue_message SET attempts = attempts + 1 WHERE seq IN (SELECT value FROM queue_lease, json_each(seqs) WHERE lease = ?)',
    lease,
  );
  sql.run('DELETE FROM queue_lease WHERE lease = ?', lease);
}

export function linesIn(sql: Sql): Map<string, Line> {
  const rows = sql.all('SELECT queue, COUNT(*) AS messages, SUM(LENGTH(body)) AS bytes FROM queue_message GROUP BY queue');
  return new Map(
    rows.map(({ queue, messages, bytes }) => [
      queue as string,
      { after: START, leases: new Map(), messages: Number(messages), bytes: Number(bytes) },
    ]),
  );
}

/** Whether it has an origin, and the queue has it. */
export function isThere(sql: Sql, queue: string, { id, origin }: NewMessage): boolean {
  if (origin === undefined) return false;
  return sql.all('SELECT 1 FROM queue_message WHERE queue = ? AND id = ? AND origin IS NOT NULL', queue, id).length > 0;
}

/** So many more were not wanted by the queue's consumer. */
export function countFiltered(sql: Sql, queue: string, messages: number): void {
  sql.run(
    'INSERT INTO queue_filtered VALUES (?, ?) ON CONFLICT (queue) DO UPDATE SET messages = messages + excluded.messages',
    queue,
    messages,
  );
}

export function filteredOf(sql: Sql, queue: string): number {
  return Number(sql.all('SELECT messages FROM queue_filtered WHERE queue = ?', queue)[0]?.['messages'] ?? 0);
}

interface Insert {
  readonly sql: Sql;
  readonly queue: string;
  readonly message: NewMessage;
  readonly time: number;
}

export function insert({ sql, queue, message: { id, body, type, sent, delay = 0, origin, key }, time }: Insert): void {
  sql.run(
    'INSERT INTO queue_message (queue, due, id, sent, type, origin, body, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    queue,
    time + delay,
    id,
    sent,
    type,
    origin ?? null,
    body as Uint8Array<ArrayBuffer>,
    key ?? null,
  );
}

export function messageOf(row: Record<string, SqlValue>): LeasedMessage {
  const { id, sent, attempts, type, pin, origin, key, body } = row;
  return {
    id: id as string,
    sent: Number(sent),
    attempts: Number(attempts),
    type: type as ContentType,
    pin: pin as string | null,
    ...(origin !== null && { origin: origin as string }),
    ...(key !== null && { key: key as string }),
    body: body as Uint8Array,
  };
}
