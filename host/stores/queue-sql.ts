import { Front, isBefore, leasedOf, ROOM, type Room, type Row } from './queue-front.ts';
import { enterFirsts, together } from './queue-groups.ts';
import { KeyReused, unsentOf } from './queue-keys.ts';
import type { Backlog, Lease, LeaseOptions, NewMessage, Queue, Settlement } from './queue.ts';
import { excessOfQueue, QuotaExceeded } from './quota.ts';
import {
  countFiltered,
  createTables,
  endLease,
  endLeases,
  filteredOf,
  fingerprintOf,
  headsAfter,
  insert,
  isThere,
  keepKeys,
  lastSeq,
  linesIn,
  remove,
  rowsAfter,
  type Held,
  type Line,
} from './queue-rows.ts';
import { createWriter, settle as settled } from './sql-writer.ts';
import type { Sql } from './sql.ts';
import { undoable } from './undo.ts';

/** Rows that are read at once where a front has too few: as many as have so many bytes, but not more than so many. */
const READ_BYTES = 1024 * 1024;
const READ_ROWS = 500;

/**
 * Queues in a SQL database. Leases are this process's, in memory: another that opens the database begins without any. What
 * is kept of one is a row with the messages that it had, so that a delivery which the process did not outlive counts.
 *
 * @param limits how much of its queues is kept in memory
 */
export function createSqlQueue(database: Sql, now: () => number, limits: Omit<Room, 'bytes'> = ROOM): Queue {
  const { sql, onUndo } = undoable(database);
  createTables(sql);
  endLeases(sql);
  const write = createWriter(sql);
  const room: Room = { ...limits, bytes: 0 };
  const lines = linesIn(sql, room);
  let leases = 0;
  let seq = lastSeq(sql);
  const lineOf = (queue: string): Line => {
    let line = lines.get(queue);
    if (line === undefined) lines.set(queue, (line = { front: new Front(room, true), leases: new Map(), messages: 0, bytes: 0 }));
    return line;
  };

  return {
    async send(queue, messages, { quota } = {}) {
      const line = lineOf(queue);
      const refused = await write(() => {
        const time = now();
        const added = addedOf(queue, messages, time);
        // Not thrown here, as that would undo what came together with it.
        if (added instanceof KeyReused) return added;
        const what = quota === undefined ? null : excessOfQueue(line, added, quota);
        if (what !== null) return new QuotaExceeded(what, quota![what]);
        keepKeys(sql, queue, { messages: added, time });
        const rows = added.map(({ id, body, type, sent, delay = 0, origin = null, group = null }): Row => {
          return { seq: ++seq, due: time + delay, id, sent, attempts: 0, type, pin: null, origin, group, body: body.slice() };
        });
        insert(sql, queue, rows);
        onUndo(() => line.front.forget());
        enter(queue, line, { rows, changed: rows });
        add(
          line,
          rows.length,
          rows.reduce((sum, { body }) => sum + body.byteLength, 0),
        );
        return null;
      });
      if (refused !== null) throw refused;
      return backlogOf(queue, line);
    },

    async lease(queue, options) {
      const line = lineOf(queue);
      const time = now();
      for (const [name, { until }] of line.leases) if (until <= time) await giveUp(queue, name);
      const lease = String(++leases);
      return write(() => take(queue, line, { ...options, lease, time }));
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
      await write(() => settleAll(queue, line, { lease, held, outcomes }));
    },

    counts(queue) {
      return settled(() => {
        const line = lineOf(queue);
        const [row] = sql.all('SELECT COUNT(*) AS delayed FROM queue_message WHERE queue = ? AND due > ?', queue, now());
        const leased = [...line.leases.values()].reduce((sum, { rows }) => sum + rows.size, 0);
        return { ...backlogOf(queue, line), delayed: Number(row!['delayed']), leased, filtered: filteredOf(sql, queue) };
      });
    },

    peek(queue, limit) {
      return settled(() => {
        const held = heldIn(lineOf(queue));
        return rowsAfter(sql, queue, { due: -1, seq: 0, limit }).map((row) => {
          return { ...leasedOf(row), attempts: row.attempts, due: row.due, leased: held.has(row.seq) };
        });
      });
    },

    purge(queue) {
      return write(() => {
        const line = lineOf(queue);
        const { messages, bytes } = line;
        sql.run('DELETE FROM queue_message WHERE queue = ?', queue);
        sql.run('DELETE FROM queue_lease WHERE queue = ?', queue);
        add(line, -messages, -bytes);
        line.front.clear();
        onUndo(() => line.front.forget());
        // Whoever has some of them finds that they are gone.
        for (const [name, held] of line.leases) {
          const rows = [...held.rows];
          held.rows.clear();
          onUndo(() => {
            for (const [id, row] of rows) held.rows.set(id, row);
            line.leases.set(name, held);
          });
        }
        line.leases.clear();
        return messages;
      });
    },
  };

  /** Without dead letters that are there, and without what was sent before. */
  function addedOf(queue: string, messages: readonly NewMessage[], time: number): readonly NewMessage[] | KeyReused {
    try {
      const unsent = unsentOf(messages, (key) => fingerprintOf(sql, queue, { key, time }));
      return unsent.some(({ origin }) => origin !== undefined) ? unsent.filter((message) => !isThere(sql, queue, message)) : unsent;
    } catch (error) {
      if (error instanceof KeyReused) return error;
      throw error;
    }
  }

  function take(queue: string, line: Line, options: LeaseOptions & { readonly lease: string; readonly time: number }): Lease {
    const { limit, wait = 0, ms, lease, time } = options;
    const { front } = line;
    if (front.size < limit && front.end !== null) fill(queue, line, limit);
    const backlog = backlogOf(queue, line);
    let ready = front.ready(time, limit);
    const grouped = front.hasGroup(ready) ? together({ sql, queue, line }, { limit, time }) : null;
    if (grouped !== null) ready = grouped.rows.length;
    const { first } = front;
    if (ready === 0 || (ready < limit && first!.due + wait > time)) {
      const times = Array.from(line.leases.values(), ({ until }) => until);
      if (first !== undefined) times.push(ready === 0 ? first.due : first.due + wait);
      return { lease, messages: [], backlog, ready, next: times.length === 0 ? null : Math.min(...times) };
    }
    onUndo(() => {
      line.leases.delete(lease);
      front.forget();
    });
    const taken = new Map<string, Row>();
    const heads = front.take(grouped?.heads ?? ready);
    for (const row of grouped?.rows ?? heads) {
      // Sent twice under one id, in two leases: else the one would hide the other.
      if (taken.has(row.id)) front.add(row);
      else taken.set(row.id, row);
    }
    const rows = [...taken.values()];
    sql.run('INSERT OR REPLACE INTO queue_lease VALUES (?, ?, ?)', lease, queue, seqsOf(rows));
    line.leases.set(lease, { until: time + ms, rows: taken });
    return { lease, messages: rows.map(leasedOf), backlog, ready: 0, next: null };
  }

  /** Reads on until the front has `limit` rows, or all. */
  function fill(queue: string, line: Line, limit: number): void {
    const { front } = line;
    const average = line.bytes / Math.max(1, line.messages);
    const most = Math.max(limit, Math.min(READ_ROWS, Math.floor(READ_BYTES / Math.max(1, average))));
    const held = heldIn(line);
    while (front.end !== null && front.size < limit) {
      const read = headsAfter(sql, queue, { ...front.end, limit: most });
      const free = read.filter((row) => !held.has(row.seq));
      front.extend(free, read.length < most ? null : read.at(-1)!);
    }
  }

  function settleAll(queue: string, line: Line, settling: { lease: string; held: Held; outcomes: readonly Settlement[] }): void {
    const { lease, held, outcomes } = settling;
    // Given up meanwhile.
    if (line.leases.get(lease) !== held) return;
    const time = now();
    const acked: Row[] = [];
    const back: Row[] = [];
    const all: Row[] = [];
    let filtered = 0;
    for (const outcome of outcomes) {
      const row = held.rows.get(outcome.id);
      if (row === undefined) continue;
      // At once: a lease in the same transaction is to find them.
      held.rows.delete(outcome.id);
      all.push(row);
      if (outcome.to === 'release') back.push(row);
      else if (outcome.to === 'retry') back.push(again(row, { due: time + outcome.delay, pin: outcome.pin }));
      else if (acked.push(row) > 0 && outcome.filtered) filtered++;
    }
    onUndo(() => {
      for (const row of all) held.rows.set(row.id, row);
      line.leases.set(lease, held);
      line.front.forget();
    });
    remove(
      sql,
      acked.map((row) => row.seq),
    );
    add(line, -acked.length, -acked.reduce((sum, { body }) => sum + body.byteLength, 0));
    enter(queue, line, { rows: back, changed: all });
    if (filtered > 0) countFiltered(sql, queue, filtered);
    if (held.rows.size > 0) return sql.run('UPDATE queue_lease SET seqs = ? WHERE lease = ?', seqsOf([...held.rows.values()]), lease);
    line.leases.delete(lease);
    return sql.run('DELETE FROM queue_lease WHERE lease = ?', lease);
  }

  /** What came, or came back. Of a group it is not these that are next, but the first of it. */
  function enter(queue: string, line: Line, { rows, changed }: { readonly rows: readonly Row[]; readonly changed: readonly Row[] }): void {
    for (const row of rows) if (row.group === null) line.front.add(row);
    enterFirsts({ sql, queue, line }, changed);
  }

  function again(row: Row, { due, pin }: { readonly due: number; readonly pin: string | null }): Row {
    sql.run('UPDATE queue_message SET due = ?, attempts = attempts + 1, pin = ? WHERE seq = ?', due, pin, row.seq);
    return { ...row, due, pin, attempts: row.attempts + 1 };
  }

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
  function giveUp(queue: string, lease: string): Promise<void> {
    const line = lineOf(queue);
    return write(() => {
      const held = line.leases.get(lease);
      if (held === undefined) return;
      line.leases.delete(lease);
      onUndo(() => {
        line.leases.set(lease, held);
        line.front.forget();
      });
      endLease(sql, lease);
      const rows = Array.from(held.rows.values(), (row) => ({ ...row, attempts: row.attempts + 1 }));
      enter(queue, line, { rows, changed: rows });
    });
  }

  function backlogOf(queue: string, line: Line): Backlog {
    const { messages, bytes, front, leases: own } = line;
    if (messages === 0) return { messages, bytes, oldest: null };
    let first: Row | undefined = front.first ?? (front.end === null ? undefined : rowsAfter(sql, queue, { ...front.end, limit: 1 })[0]);
    for (const { rows } of own.values()) {
      // They were leased in their order.
      const [row] = rows.values();
      if (row !== undefined && (first === undefined || isBefore(row, first))) first = row;
    }
    return { messages, bytes, oldest: first?.sent ?? null };
  }
}

function heldIn({ leases }: Line): Set<number> {
  return new Set([...leases.values()].flatMap(({ rows }) => Array.from(rows.values(), ({ seq }) => seq)));
}

function seqsOf(rows: readonly Row[]): string {
  return `[${rows.map(({ seq }) => seq).join()}]`;
}
