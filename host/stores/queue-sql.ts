import type { Backlog, Lease, Queue, Settlement } from './queue.ts';
import { excessOfQueue, QuotaExceeded } from './quota.ts';
import {
  countFiltered,
  createTables,
  endLease,
  endLeases,
  filteredOf,
  insert,
  isThere,
  linesIn,
  messageOf,
  COLUMNS,
  START,
  type Line,
  type Place,
} from './queue-rows.ts';
import { Turns } from './queue-turns.ts';
import { createWriter, settle as settled } from './sql-writer.ts';
import type { Sql } from './sql.ts';
import { undoable } from './undo.ts';

/**
 * Queues in a SQL database. Leases are this process's, in memory: another that opens the database begins without any. What
 * is kept of one is a row with the messages that it had, so that a delivery which the process did not outlive counts.
 */
export function createSqlQueue(database: Sql, now: () => number): Queue {
  const { sql, onUndo } = undoable(database);
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
    async send(queue, messages, { quota } = {}) {
      const line = lineOf(queue);
      const over = await write(() => {
        const added = messages.filter((message) => !isThere(sql, queue, message));
        const what = quota === undefined ? null : excessOfQueue(line, added, quota);
        // Not thrown here, as that would undo what came together with it.
        if (what !== null) return new QuotaExceeded(what, quota![what]);
        const time = now();
        for (const message of added) insert({ sql, queue, message, time });
        // A clock that was set back puts them before others.
        line.after = earlier(line.after, { due: time, seq: 0 });
        add(
          line,
          added.length,
          added.reduce((sum, { body }) => sum + body.byteLength, 0),
        );
        return null;
      });
      if (over !== null) throw over;
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
      await write(() => {
        let filtered = 0;
        for (const outcome of outcomes) {
          const place = held.places.get(outcome.id);
          if (place === undefined) continue;
          const moved = settleOne({ sql, outcome, place, time: now() });
          // At once: a lease in the same transaction is to find them.
          held.places.delete(outcome.id);
          onUndo(() => held.places.set(outcome.id, place));
          if (moved !== null) line.after = earlier(line.after, moved);
          if (outcome.to !== 'ack') continue;
          add(line, -1, -place.bytes);
          if (outcome.filtered) filtered++;
        }
        if (filtered > 0) countFiltered(sql, queue, filtered);
        if (held.places.size > 0) {
          const left = JSON.stringify(Array.from(held.places.values(), ({ seq }) => seq));
          sql.run('UPDATE queue_lease SET seqs = ? WHERE lease = ?', left, lease);
          return;
        }
        line.leases.delete(lease);
        onUndo(() => line.leases.set(lease, held));
        sql.run('DELETE FROM queue_lease WHERE lease = ?', lease);
      });
    },

    counts(queue) {
      return settled(() => {
        const line = lineOf(queue);
        const [row] = sql.all('SELECT COUNT(*) AS delayed FROM queue_message WHERE queue = ? AND due > ?', queue, now());
        const leased = [...line.leases.values()].reduce((sum, { places }) => sum + places.size, 0);
        return { ...backlogOf(sql, queue, line), delayed: Number(row!['delayed']), leased, filtered: filteredOf(sql, queue) };
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

    purge(queue) {
      return write(() => {
        const line = lineOf(queue);
        const { messages, bytes } = line;
        sql.run('DELETE FROM queue_message WHERE queue = ?', queue);
        sql.run('DELETE FROM queue_lease WHERE queue = ?', queue);
        add(line, -messages, -bytes);
        line.after = START;
        // Whoever has some of them finds that they are gone.
        for (const [name, held] of line.leases) {
          const places = [...held.places];
          held.places.clear();
          onUndo(() => {
            for (const [id, place] of places) held.places.set(id, place);
            line.leases.set(name, held);
          });
        }
        line.leases.clear();
        return messages;
      });
    },
  };

  /** Counted with the rows, so that what comes next in the same transaction finds it. */
  function add(line: Line, messages: number, bytes: number): void {
    line.messages += messages;
    line.bytes += bytes;
    onUndo(() => {
      line.messages -= messages;
      line.bytes -= bytes;
    });
  }

  /** Its time is over: whoever had them did not say what became of them. */
  async function giveUp({ line, name }: { line: Line; name: string }): Promise<void> {
    const held = line.leases.get(name)!;
    line.leases.delete(name);
    await write(() => endLease(sql, name));
    for (const place of held.places.values()) line.after = earlier(line.after, place);
  }
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
  const { ready, passed } = readyPlaces({ sql, queue, line, time, limit });
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
  line.after = passed === undefined ? ready.at(-1)! : earlier(ready.at(-1)!, passed);
  return { lease, messages, backlog, ready: 0, next: null };
}

interface Ready {
  readonly ready: Place[];
  /** The first that was left, as it is not its turn. */
  readonly passed: Place | undefined;
}

/** Those that are left for others' turns are looked at so many at a time, and no more than so many. */
const PASSED_AT_ONCE = 100;
const MAX_PASSED = 10_000;

/** Where those stand that nobody has. Leased ones stand behind `after` only where something came before them. */
function readyPlaces({ sql, queue, line, time, limit }: Omit<Take, 'lease' | 'options'> & { limit: number }): Ready {
  const turns = new Turns<number>((key, mark = -1) => {
    const [row] = sql.all('SELECT seq FROM queue_message WHERE queue = ? AND key = ? AND seq > ? ORDER BY seq LIMIT 1', queue, key, mark);
    return row && Number(row['seq']);
  });
  let passed: Place | undefined;
  let count = 0;
  let held: Set<number> | undefined;
  const ready: Place[] = [];
  let { after } = line;
  for (;;) {
    const found = sql
      .all(
        'SELECT due, seq, key FROM queue_message WHERE queue = ? AND (due, seq) > (?, ?) AND due <= ? ORDER BY due, seq LIMIT ?',
        queue,
        after.due,
        after.seq,
        time,
        passed === undefined ? limit - ready.length : Math.max(limit, PASSED_AT_ONCE),
      )
      .map(({ due, seq, key }) => ({ due: Number(due), seq: Number(seq), key: key as string | null }));
    if (found.length === 0) return { ready, passed };
    held ??= new Set([...line.leases.values()].flatMap(({ places }) => Array.from(places.values(), ({ seq }) => seq)));
    for (const { key, ...place } of found) {
      if (held.has(place.seq)) continue;
      if (key === null || turns.take(key, place.seq)) ready.push(place);
      else {
        passed ??= place;
        count++;
      }
      if (ready.length === limit) return { ready, passed };
    }
    if (count >= MAX_PASSED) return { ready, passed };
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

function earliest(a: Place, b: Place): Place {
  return a.due < b.due || (a.due === b.due && a.seq <= b.seq) ? a : b;
}

/** The place from which what stands at `place` is found. */
function earlier(after: Place, place: Place): Place {
  return earliest({ due: place.due, seq: place.seq - 1 }, after);
}
