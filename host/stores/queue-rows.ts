import { Front, type Place, type Room, type Row } from './queue-front.ts';
import type { ContentType, NewMessage } from './queue.ts';
import type { Sql, SqlValue } from './sql.ts';

export interface Held {
  until: number;
  /** Of the messages, by their ids, in their order. */
  readonly rows: Map<string, Row>;
}

/** What this process knows of a queue: nobody else writes to the database. */
export interface Line {
  readonly front: Front;
  readonly leases: Map<string, Held>;
  messages: number;
  bytes: number;
}

const COLUMNS = 'seq, due, id, sent, attempts, type, pin, origin, message_group, body';
/** Messages that one statement puts in. Durable Objects take 100 parameters. */
const TOGETHER = 11;

export function createTables(sql: Sql): void {
  sql.run(
    'CREATE TABLE IF NOT EXISTS queue_message (seq INTEGER PRIMARY KEY, queue TEXT NOT NULL, due INTEGER NOT NULL, id TEXT NOT NULL, sent INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, type TEXT NOT NULL, pin TEXT, origin TEXT, body BLOB NOT NULL, message_group TEXT)',
  );
  // That of an earlier release has none.
  if (!sql.all('PRAGMA table_info(queue_message)').some(({ name }) => name === 'message_group'))
    sql.run('ALTER TABLE queue_message ADD COLUMN message_group TEXT');
  sql.run('CREATE INDEX IF NOT EXISTS queue_group ON queue_message (queue, message_group, seq) WHERE message_group IS NOT NULL');
  sql.run('CREATE INDEX IF NOT EXISTS queue_due ON queue_message (queue, due, seq)');
  sql.run('CREATE UNIQUE INDEX IF NOT EXISTS queue_dead ON queue_message (queue, id) WHERE origin IS NOT NULL');
  sql.run('CREATE TABLE IF NOT EXISTS queue_lease (lease TEXT PRIMARY KEY, queue TEXT NOT NULL, seqs TEXT NOT NULL) WITHOUT ROWID');
  sql.run(
    'CREATE TABLE IF NOT EXISTS queue_sent_key (queue TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (queue, key)) WITHOUT ROWID',
  );
  sql.run('CREATE INDEX IF NOT EXISTS queue_sent_key_until ON queue_sent_key (until)');
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

export function linesIn(sql: Sql, room: Room): Map<string, Line> {
  const rows = sql.all('SELECT queue, COUNT(*) AS messages, SUM(LENGTH(body)) AS bytes FROM queue_message GROUP BY queue');
  return new Map(
    rows.map(({ queue, messages, bytes }) => [
      queue as string,
      { front: new Front(room, false), leases: new Map(), messages: Number(messages), bytes: Number(bytes) },
    ]),
  );
}

export function lastSeq(sql: Sql): number {
  return Number(sql.all('SELECT MAX(seq) AS seq FROM queue_message')[0]!['seq'] ?? 0);
}

/** Whether it is a dead letter that the queue has. */
export function isThere(sql: Sql, queue: string, { id, origin }: NewMessage): boolean {
  if (origin === undefined) return false;
  return sql.all('SELECT 1 FROM queue_message WHERE queue = ? AND id = ? AND origin IS NOT NULL', queue, id).length > 0;
}

/** What was sent with a key that is in force. */
export function fingerprintOf(sql: Sql, queue: string, { key, time }: { readonly key: string; readonly time: number }): string | undefined {
  const [row] = sql.all('SELECT fingerprint FROM queue_sent_key WHERE queue = ? AND key = ? AND until > ?', queue, key, time);
  return row?.['fingerprint'] as string | undefined;
}

/** Keys of messages that are put there now. Of others whose time is over, some more go than come. */
export function keepKeys(sql: Sql, queue: string, { messages, time }: { messages: readonly NewMessage[]; time: number }): void {
  const keys = messages.flatMap(({ key }) => key ?? []);
  if (keys.length === 0) return;
  const over = 'SELECT queue, key FROM queue_sent_key WHERE until <= ? ORDER BY until LIMIT ?';
  sql.run(`DELETE FROM queue_sent_key WHERE (queue, key) IN (${over})`, time, keys.length * 2 + 10);
  for (const { name, fingerprint, ms } of keys)
    sql.run('INSERT OR REPLACE INTO queue_sent_key VALUES (?, ?, ?, ?)', queue, name, fingerprint, time + ms);
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

/** A statement for some at a time: each costs more than what one more row of it does. */
export function insert(sql: Sql, queue: string, rows: readonly Row[]): void {
  for (let at = 0; at < rows.length; at += TOGETHER) {
    const some = rows.slice(at, at + TOGETHER);
    const values: SqlValue[] = [];
    for (const { seq, due, id, sent, type, origin, group, body } of some)
      values.push(seq, queue, due, id, sent, type, origin, group, body as Uint8Array<ArrayBuffer>);
    sql.run(INSERTS[some.length]!, ...values);
  }
}

const INSERTS = Array.from(
  { length: TOGETHER + 1 },
  (_, count) =>
    `INSERT INTO queue_message (seq, queue, due, id, sent, type, origin, message_group, body) VALUES ${Array.from({ length: count }, () => '(?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
);

/** A statement for each run of numbers that follow one another. */
export function remove(sql: Sql, seqs: readonly number[]): void {
  for (let at = 0; at < seqs.length;) {
    let end = at;
    while (end + 1 < seqs.length && seqs[end + 1] === seqs[end]! + 1) end++;
    if (end === at) sql.run('DELETE FROM queue_message WHERE seq = ?', seqs[at]!);
    else sql.run('DELETE FROM queue_message WHERE seq BETWEEN ? AND ?', seqs[at]!, seqs[end]!);
    at = end + 1;
  }
}

/** The first `limit` rows behind a place. */
export function rowsAfter(sql: Sql, queue: string, { due, seq, limit }: Place & { readonly limit: number }): Row[] {
  return sql
    .all(`SELECT ${COLUMNS} FROM queue_message WHERE queue = ? AND (due, seq) > (?, ?) ORDER BY due, seq LIMIT ?`, queue, due, seq, limit)
    .map(rowOf);
}

/** As `rowsAfter`, without those that something of their group stands before. */
export function headsAfter(sql: Sql, queue: string, { due, seq, limit }: Place & { readonly limit: number }): Row[] {
  const first = 'SELECT MIN(seq) FROM queue_message AS own WHERE own.queue = at.queue AND own.message_group = at.message_group';
  return sql
    .all(
      `SELECT ${COLUMNS} FROM queue_message AS at WHERE queue = ? AND (due, seq) > (?, ?) AND (message_group IS NULL OR seq = (${first})) ORDER BY due, seq LIMIT ?`,
      queue,
      due,
      seq,
      limit,
    )
    .map(rowOf);
}

/** The first of a group behind a place of it. */
export function nextOf(sql: Sql, queue: string, { group, seq }: { readonly group: string; readonly seq: number }): Row | undefined {
  return sql
    .all(`SELECT ${COLUMNS} FROM queue_message WHERE queue = ? AND message_group = ? AND seq > ? ORDER BY seq LIMIT 1`, queue, group, seq)
    .map(rowOf)[0];
}

function rowOf(row: Record<string, SqlValue>): Row {
  const { seq, due, id, sent, attempts, type, pin, origin, message_group: group, body } = row;
  return {
    seq: Number(seq),
    due: Number(due),
    id: id as string,
    sent: Number(sent),
    attempts: Number(attempts),
    type: type as ContentType,
    pin: pin as string | null,
    origin: origin as string | null,
    group: group as string | null,
    body: body as Uint8Array,
  };
}
