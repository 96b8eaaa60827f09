import type { Backlog, ContentType, Lease, LeasedMessage, NewMessage, Queue, Settlement } from './queue.ts';
import { createWriter, settle as settled } from './sql-writer.ts';
import type { Sql, SqlValue } from './sql.ts';

/** Where a message stands in the order of its queue. */
interface Place {
  readonly due: number;
  readonly seq: number;
}

interface Held {
  until: number;
  readonly places: Map<string, Place & { readonly bytes: number }>;
}

/** What this process knows of a queue: nobody else writes to the database. */
interface Line {
  /** Everything at and before it is leased, or gone. */
  after: Place;
  readonly leases: Map<string, Held>;
  messages: number;
  bytes: number;
}

const START: Place = { due: -1, seq: 0 };
const COLUMNS = 'seq, id, due, sent, attempts, type, pin, origin, body';

/**
 * Queues in a SQL database. Leases are this process's, in memory: another that opens the database begins without any. What
 * is kept of one is a row with the messages that it had, so that a delivery which the process did not outlive counts.
 */
export function createSqlQueue(sql: Sql, now: () => number): Queue {
  createTables(sql);
  endLeases(sql);
  const write = createWriter(sql);
  const lines = linesIn(sql);
  let leases = 0;
  const lineOf = (queue: string): Line => {
    let line = lines.get(queue);
    if (line === undefined) lines.set(queue, (line = { after: START, leases: new Map(), messages: 0, bytes: 0 }));
    return line;
  };

  return {
    async send(queue, messages) {
      const added = await write(() => messages.filter((message) => insert(sql, queue, message, now())));
      const line = lineOf(queue);
      // A clock that was set back puts them before others.
      line.after = earlier(line.after, { due: now(), seq: 0 });
      line.messages += added.length;
      for (const { body } of added) line.bytes += body.byteLength;
      return backlogOf(sql, queue, line);
    },

    async lease(queue, options) {
      const line = lineOf(queue);
      const lease = String(++leases);
      const time = now();
      for (const [name, { until }] of line.leases) if (until <= time) await giveUp({ line, name });
      const undo = line.after;
      try {
        return await write(() => {
          // Of a transaction that failed for another's sake.
          line.leases.delete(lease);
          line.after = earliest(line.after, undo);
          return take({ sql, queue, line, lease, time, options });
        });
      } catch (error) {
        line.leases.delete(lease);
        line.after = earliest(line.after, undo);
        throw error;
      }
    },

    async renew(queue, lease, ms) {
      const held = lineOf(queue).leases.get(lease);
      if (held === undefined || held.until <= now()) return false;
      held.until = now() + ms;
      return true;
    },

    async settle(queue, lease, outcomes) {
      const line = lineOf(queue);
      const held = line.leases.get(lease);
      if (held === undefined || held.until <= now()) return;
      const known = outcomes.flatMap((outcome) => {
        const place = held.places.get(outcome.id);
        return place === undefined ? [] : [{ outcome, place }];
      });
      try {
        await write(() => {
          for (const { outcome, place } of known) {
            const moved = settleOne({ sql, outcome, place, time: now() });
            // At once: a lease in the same transaction is to find them.
            held.places.delete(outcome.id);
            if (moved !== null) line.after = earlier(line.after, moved);
          }
          if (held.places.size > 0) return;
          line.leases.delete(lease);
          sql.run('DELETE FROM queue_lease WHERE lease = ?', lease);
        });
      } catch (error) {
        for (const { outcome, place } of known) held.places.set(outcome.id, place);
        line.leases.set(lease, held);
        throw error;
      }
      const acked = known.filter(({ outcome }) => outcome.to === 'ack');
      line.messages -= acked.length;
      for (const { place } of acked) line.bytes -= place.bytes;
    },

    counts(queue) {
      return settled(() => {
        const line = lineOf(queue);
        const [row] = sql.all('SELECT COUNT(*) AS delayed FROM queue_message WHERE queue = ? AND due > ?', queue, now());
        const leased = [...line.leases.values()].reduce((sum, { places }) => sum + places.size, 0);
        return { ...backlogOf(sql, queue, line), delayed: Number(row!['delayed']), leased };
      });
    },

    peek(queue, limit) {
      return settled(() => {
        const held = new Set([...lineOf(queue).leases.values()].flatMap(({ places }) => [...places.keys()]));
        return sql
          .all(`SELECT ${COLUMNS} FROM queue_message WHERE queue = ? ORDER BY due, seq LIMIT ?`, queue, limit)
          .map((row) => ({ ...messageOf(row), due: Number(row['due']), leased: held.has(row['id'] as string) }));
      });
    },

    async purge(queue) {
      const messages = await write(() => {
        const [row] = sql.all('SELECT COUNT(*) AS messages FROM queue_message WHERE queue = ?', queue);
        sql.run('DELETE FROM queue_message WHERE queue = ?', queue);
        sql.run('DELETE FROM queue_lease WHERE queue = ?', queue);
        return Number(row!['messages']);
      });
      lines.delete(queue);
      return messages;
    },
  };

  /** Its time is over: whoever had them did not say what became of them. */
  async function giveUp({ line, name }: { line: Line; name: string }): Promise<void> {
    const held = line.leases.get(name)!;
    line.leases.delete(name);
    await write(() => endLease(sql, name));
    for (const place of held.places.values()) line.after = earlier(line.after, place);
  }
}

function createTables(sql: Sql): void {
  sql.run(
    'CREATE TABLE IF NOT EXISTS queue_message (seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, due INTEGER NOT NULL, id TEXT NOT NULL, sent INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, type TEXT NOT NULL, pin TEXT, origin TEXT, body BLOB NOT NULL)',
  );
  sql.run('CREATE INDEX IF NOT EXISTS queue_due ON queue_message (queue, due, seq)');
  sql.run('CREATE UNIQUE INDEX IF NOT EXISTS queue_dead ON queue_message (queue, id) WHERE origin IS NOT NULL');
  sql.run('CREATE TABLE IF NOT EXISTS queue_lease (lease TEXT PRIMARY KEY, queue TEXT NOT NULL, seqs TEXT NOT NULL) WITHOUT ROWID');
}

/** Those of a process that is gone. */
function endLeases(sql: Sql): void {
  for (const { lease } of sql.all('SELECT lease FROM queue_lease')) sql.transaction(() => endLease(sql, lease as string));
}

function endLease(sql: Sql, lease: string): void {
  sql.run(
    'UPDATE queue_message SET attempts = attempts + 1 WHERE seq IN (SELECT value FROM queue_lease, json_each(seqs) WHERE lease = ?)',
    lease,
  );
  sql.run('DELETE FROM queue_lease WHERE lease = ?', lease);
}

function linesIn(sql: Sql): Map<string, Line> {
  const rows = sql.all('SELECT queue, COUNT(*) AS messages, SUM(LENGTH(body)) AS bytes FROM queue_message GROUP BY queue');
  return new Map(
    rows.map(({ queue, messages, bytes }) => [
      queue as string,
      { after: START, leases: new Map(), messages: Number(messages), bytes: Number(bytes) },
    ]),
  );
}

/** Whether it was put there. */
function insert(sql: Sql, queue: string, { id, body, type, sent, delay = 0, origin }: NewMessage, time: number): boolean {
  if (
    origin !== undefined &&
    sql.all('SELECT 1 FROM queue_message WHERE queue = ? AND id = ? AND origin IS NOT NULL', queue, id).length > 0
  )
    return false;
  sql.run(
    'INSERT INTO queue_message (queue, due, id, sent, type, origin, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    queue,
    time + delay,
    id,
    sent,
    type,
    origin ?? null,
    body as Uint8Array<ArrayBuffer>,
  );
  return true;
}

interface Take {
  readonly sql: Sql;
  readonly queue: string;
  readonly line: Line;
  readonly lease: string;
  readonly time: number;
  readonly options: { readonly limit: number; readonly wait?: number; readonly ms: number };
}

function take({ sql, queue, line, lease, time, options: { limit, wait = 0, ms } }: Take): Lease {
  const backlog = backlogOf(sql, queue, line);
  const ready = readyPlaces({ sql, queue, line, time, limit });
  const oldest = ready[0]?.due;
  if (oldest === undefined || (ready.length < limit && oldest + wait > time)) {
    const times = [...line.leases.values()].map(({ until }) => until);
    const due = oldest === undefined ? nextDue(sql, queue, time) : oldest + wait;
    if (due !== null) times.push(due);
    return { lease, messages: [], backlog, ready: ready.length, next: times.length === 0 ? null : Math.min(...times) };
  }
  const messages = ready.map(({ seq }) => {
    const message = messageOf(sql.all(`SELECT ${COLUMNS} FROM queue_message WHERE seq = ?`, seq)[0]!);
    return { ...message, attempts: message.attempts + 1 };
  });
  sql.run('INSERT OR REPLACE INTO queue_lease VALUES (?, ?, ?)', lease, queue, JSON.stringify(ready.map(({ seq }) => seq)));
  const places = messages.map(({ id, body }, index) => [id, { ...ready[index]!, bytes: body.byteLength }] as const);
  line.leases.set(lease, { until: time + ms, places: new Map(places) });
  line.after = ready.at(-1)!;
  return { lease, messages, backlog, ready: 0, next: null };
}

type Row = Record<string, SqlValue>;

/** Where those stand that nobody has. Leased ones stand behind `after` only where something came before them. */
function readyPlaces({ sql, queue, line, time, limit }: Omit<Take, 'lease' | 'options'> & { limit: number }): Place[] {
  let held: Set<number> | undefined;
  const ready: Place[] = [];
  let { after } = line;
  for (;;) {
    const found = sql
      .all(
        'SELECT due, seq FROM queue_message WHERE queue = ? AND (due, seq) > (?, ?) AND due <= ? ORDER BY due, seq LIMIT ?',
        queue,
        after.due,
        after.seq,
        time,
        limit - ready.length,
      )
      .map(({ due, seq }): Place => ({ due: Number(due), seq: Number(seq) }));
    if (found.length === 0) return ready;
    held ??= new Set([...line.leases.values()].flatMap(({ places }) => Array.from(places.values(), ({ seq }) => seq)));
    for (const place of found) if (!held.has(place.seq)) ready.push(place);
    if (ready.length === limit) return ready;
    after = found.at(-1)!;
  }
}

function nextDue(sql: Sql, queue: string, time: number): number | null {
  const [row] = sql.all('SELECT MIN(due) AS due FROM queue_message WHERE queue = ? AND due > ?', queue, time);
  return row!['due'] === null ? null : Number(row!['due']);
}

/** Where the message stands now; null where it is gone. */
function settleOne({ sql, outcome, place, time }: { sql: Sql; outcome: Settlement; place: Place; time: number }): Place | null {
  const { seq } = place;
  if (outcome.to === 'ack') {
    sql.run('DELETE FROM queue_message WHERE seq = ?', seq);
    return null;
  }
  if (outcome.to === 'release') return place;
  const due = time + outcome.delay;
  sql.run('UPDATE queue_message SET due = ?, attempts = attempts + 1, pin = ? WHERE seq = ?', due, outcome.pin, seq);
  return { due, seq };
}

function backlogOf(sql: Sql, queue: string, { messages, bytes }: Line): Backlog {
  if (messages === 0) return { messages, bytes, oldest: null };
  const [row] = sql.all('SELECT sent FROM queue_message WHERE queue = ? ORDER BY due, seq LIMIT 1', queue);
  return { messages, bytes, oldest: row === undefined ? null : Number(row['sent']) };
}

function messageOf(row: Row): LeasedMessage {
  const { id, sent, attempts, type, pin, origin, body } = row;
  return {
    id: id as string,
    sent: Number(sent),
    attempts: Number(attempts),
    type: type as ContentType,
    pin: pin as string | null,
    ...(origin !== null && { origin: origin as string }),
    body: body as Uint8Array,
  };
}

function earliest(a: Place, b: Place): Place {
  return a.due < b.due || (a.due === b.due && a.seq <= b.seq) ? a : b;
}

/** The place from which what stands at `place` is found. */
function earlier(after: Place, place: Place): Place {
  return earliest({ due: place.due, seq: place.seq - 1 }, after);
}
