import type { Backlog, LeasedMessage, NewMessage, Queue, StoredMessage } from './queue.ts';
import { Turns } from './queue-turns.ts';
import { excessOfQueue, QuotaExceeded } from './quota.ts';

interface Row extends Omit<NewMessage, 'delay' | 'origin' | 'key'> {
  readonly origin: string | undefined;
  readonly key: string | undefined;
  readonly seq: number;
  attempts: number;
  due: number;
  pin: string | null;
}

interface Held {
  until: number;
  readonly rows: Map<string, Row>;
}

interface Line {
  /** Those that nobody has leased, by `due`, then `seq`. */
  readonly waiting: Row[];
  readonly leases: Map<string, Held>;
  bytes: number;
  filtered: number;
  /** By key: places of those that are not acked, in their order. */
  readonly turns: Map<string, number[]>;
}

/** Queues that do not outlive the process. */
export function createMemoryQueue(now: () => number): Queue {
  const lines = new Map<string, Line>();
  let seq = 0;
  let leases = 0;
  const lineOf = (queue: string): Line => {
    let line = lines.get(queue);
    if (line === undefined) lines.set(queue, (line = { waiting: [], leases: new Map(), bytes: 0, filtered: 0, turns: new Map() }));
    return line;
  };

  return {
    async send(queue, messages, { quota } = {}) {
      const line = lineOf(queue);
      const time = now();
      const added = messages.filter(({ id, origin }) => origin === undefined || !rowsOf(line).some((row) => row.id === id));
      const what = quota === undefined ? null : excessOfQueue(backlogOf(line), added, quota);
      if (what !== null) throw new QuotaExceeded(what, quota![what]);
      for (const { id, body, type, sent, delay = 0, origin, key } of added) {
        insert(line.waiting, { id, body: body.slice(), type, sent, origin, key, seq: ++seq, attempts: 0, due: time + delay, pin: null });
        line.bytes += body.byteLength;
        if (key === undefined) continue;
        const turns = line.turns.get(key);
        if (turns === undefined) line.turns.set(key, [seq]);
        else turns.push(seq);
      }
      return backlogOf(line);
    },
    async lease(queue, { limit, wait = 0, ms }) {
      const line = lineOf(queue);
      const time = now();
      for (const [lease, { until, rows }] of line.leases) if (until <= time) putBack(line, lease, rows);
      const lease = String(++leases);
      const { waiting } = line;
      const rows = readyRows(line, time, limit);
      const ready = rows.length;
      const full = ready === limit || (ready > 0 && rows[0]!.due + wait <= time);
      const backlog = backlogOf(line);
      if (!full)
        return { lease, messages: [], backlog, ready, next: nextOf(line, ready > 0 ? rows[0]!.due + wait : dueAfter(waiting, time)) };
      if (rows.at(-1) === waiting[ready - 1]) waiting.splice(0, ready);
      else for (const row of rows) waiting.splice(waiting.indexOf(row), 1);
      line.leases.set(lease, { until: time + ms, rows: new Map(rows.map((row) => [row.id, row])) });
      return { lease, messages: rows.map(leasedOf), backlog, ready: 0, next: null };
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
      for (const outcome of outcomes) {
        const row = held.rows.get(outcome.id);
        if (row === undefined) continue;
        held.rows.delete(outcome.id);
        if (outcome.to === 'ack') {
          line.bytes -= row.body.byteLength;
          endTurn(line, row);
          if (outcome.filtered) line.filtered++;
        } else if (outcome.to === 'release') insert(line.waiting, row);
        else insert(line.waiting, { ...row, attempts: row.attempts + 1, due: now() + outcome.delay, pin: outcome.pin });
      }
      if (held.rows.size === 0) line.leases.delete(lease);
    },
    async counts(queue) {
      const line = lineOf(queue);
      const time = now();
      return {
        ...backlogOf(line),
        delayed: line.waiting.filter(({ due }) => due > time).length,
        leased: rowsOf(line).length - line.waiting.length,
        filtered: line.filtered,
      };
    },
    async peek(queue, limit) {
      const line = lineOf(queue);
      const waiting = new Set(line.waiting);
      return rowsOf(line)
        .toSorted(inOrder)
        .slice(0, limit)
        .map((row): StoredMessage => ({ ...leasedOf(row), attempts: row.attempts, due: row.due, leased: !waiting.has(row) }));
    },
    async purge(queue) {
      const line = lineOf(queue);
      const count = rowsOf(line).length;
      lines.set(queue, { waiting: [], leases: new Map(), bytes: 0, filtered: line.filtered, turns: new Map() });
      return count;
    },
  };
}

function insert(waiting: Row[], row: Row): void {
  let at = waiting.length;
  while (at > 0 && inOrder(waiting[at - 1]!, row) > 0) at--;
  if (at === waiting.length) waiting.push(row);
  else waiting.splice(at, 0, row);
}

function inOrder(a: Row, b: Row): number {
  return a.due - b.due || a.seq - b.seq;
}

function readyRows({ waiting, turns }: Line, time: number, limit: number): Row[] {
  const taken = new Turns<number>((key, mark) => {
    const line = turns.get(key)!;
    return line[mark === undefined ? 0 : line.indexOf(mark) + 1];
  });
  const rows: Row[] = [];
  for (const row of waiting) {
    if (rows.length === limit || row.due > time) break;
    if (row.key === undefined || taken.take(row.key, row.seq)) rows.push(row);
  }
  return rows;
}

function dueAfter(waiting: readonly Row[], time: number): number | undefined {
  return waiting.find(({ due }) => due > time)?.due;
}

function endTurn({ turns }: Line, { key, seq }: Row): void {
  if (key === undefined) return;
  const left = turns.get(key)!.filter((each) => each !== seq);
  if (left.length === 0) turns.delete(key);
  else turns.set(key, left);
}

/** Its time is over: whoever had them did not say what became of them. */
function putBack(line: Line, lease: string, rows: Map<string, Row>): void {
  line.leases.delete(lease);
  for (const row of rows.values()) insert(line.waiting, { ...row, attempts: row.attempts + 1 });
}

function nextOf(line: Line, due: number | undefined): number | null {
  const times = [...line.leases.values()].map(({ until }) => until);
  if (due !== undefined) times.push(due);
  return times.length === 0 ? null : Math.min(...times);
}

function rowsOf({ waiting, leases }: Line): Row[] {
  return [...waiting, ...[...leases.values()].flatMap(({ rows }) => [...rows.values()])];
}

function backlogOf(line: Line): Backlog {
  let messages = line.waiting.length;
  let first = line.waiting[0];
  for (const { rows } of line.leases.values()) {
    messages += rows.size;
    // They were leased in their order.
    const [row] = rows.values();
    if (row !== undefined && (first === undefined || inOrder(row, first) < 0)) first = row;
  }
  return { messages, bytes: line.bytes, oldest: first?.sent ?? null };
}

function leasedOf({ id, body, type, sent, attempts, pin, origin, key }: Row): LeasedMessage {
  const more = { ...(origin !== undefined && { origin }), ...(key !== undefined && { key }) };
  return { id, body, type, sent, attempts: attempts + 1, pin, ...more };
}
