import { nuid } from '@nats-io/nats-core';
import { concat } from '../../../bytes.ts';
import type { Lease, LeasedMessage, NewMessage, Queue, Settlement, StoredMessage } from '../../queue.ts';
import type { PartStore } from '../parts.ts';
import { LOOK_EVERY, type Presence } from '../presence.ts';
import { subjectOf } from '../subject.ts';
import type { Sweeper } from '../sweeper.ts';
import { Heads, type HeadsOptions } from './index.ts';
import type { Batch, Line, Row } from './line.ts';
import { takeRoom } from './room.ts';
import { BATCH, CLAIM, headWith, itemOf, letterOf, placeOf, RENEWAL, type ClaimState } from './names.ts';

export interface NatsQueueOptions extends Pick<HeadsOptions, 'bucket' | 'now' | 'watch'> {
  readonly parts: PartStore;
  readonly sweeper: Sweeper;
  readonly presence: Presence;
  /** Batches of more bytes go into parts. */
  readonly inline: number;
}

export interface NatsQueue extends Queue {
  /** What others write is not heard of any more. */
  stop(): void;
}

/** A lease of this host. */
interface Held {
  until: number;
  readonly rows: Map<string, Row>;
}

interface Settling {
  readonly lease: string;
  readonly rows: Map<string, Row>;
  readonly outcomes: readonly Settlement[];
}

/** How long, in ms, it is said that messages have gone, and what is said of a lease after it has ended: for hosts that were cut off. */
const SAID = 60_000;
const AT_ONCE = 64;
const EMPTY = new Uint8Array();

/**
 * Queues of any number of hosts. A message is leased by a write that compares what is known of it, so one host gets it; the
 * server decides, and each host knows by itself what there is to lease.
 */
export function createNatsQueue({ bucket, parts, sweeper, presence, inline, now, watch }: NatsQueueOptions): NatsQueue {
  const heads: Heads = new Heads({ bucket, now, watch, finished: (batch) => void endBatch(batch).catch(() => {}) });
  const held = new Map<string, Held>();
  const filtered = new Map<string, number>();

  async function lineOf(queue: string): Promise<Line> {
    await heads.ready();
    return heads.line(subjectOf(queue));
  }

  async function sendBatch(queue: string, { name, messages }: { name: string; messages: readonly NewMessage[] }): Promise<void> {
    const subject = `${BATCH}.${placeOf(queue, name)}`;
    const value = concat(messages.map(({ body }) => body));
    const items = messages.map((message) => itemOf(message, now()));
    const large = value.byteLength > inline ? await parts.write(value, undefined) : undefined;
    const head = { ...headWith(items), ...(large !== undefined && { parts: large }) };
    for (let expected = 0; ;) {
      const revision = await bucket.put(subject, large ? EMPTY : value, { head, expected });
      if (revision !== null) {
        sweeper.never(subject);
        return heads.enter(subject, { head, revision });
      }
      // A dead letter that is there, or has been.
      const there = await bucket.get(subject);
      if (there === null || there.head.deleted === true) expected = there?.revision ?? 0;
      else return large && sweeper.discard(large.id);
    }
  }

  /** What is there of it, entered; whether this is what `state` says. */
  async function claim(row: Row, state: ClaimState): Promise<boolean> {
    const subject = `${CLAIM}.${row.batch.place}.${row.index}`;
    const head = headWith(state);
    for (let expected = row.claim; ;) {
      const revision = await bucket.put(subject, EMPTY, { head, expected });
      if (revision !== null) {
        heads.enter(subject, { head, revision });
        return true;
      }
      const there = await bucket.get(subject);
      const before = row.claim;
      if (there !== null) heads.enter(subject, there);
      // Left of another message by that name, or taken away with one that has gone.
      const stale = there === null || there.revision < row.batch.revision;
      if (!stale || (row.claim === before && there?.revision === expected)) return false;
      expected = there?.revision ?? 0;
    }
  }

  async function bodiesOf(rows: readonly Row[]): Promise<Map<Row, Uint8Array>> {
    const bodies = new Map<Row, Uint8Array>();
    await each([...Map.groupBy(rows, ({ batch }) => batch)], async ([batch, own]) => {
      const message = await bucket.get(`${BATCH}.${batch.place}`);
      const whole = message?.head.parts === undefined ? message?.value : await parts.read(message.head.parts);
      if (message?.revision !== batch.revision || !whole) return heads.lineOf(batch).remove(batch);
      let at = 0;
      const starts = batch.rows.map(({ size }) => (at += size) - size);
      for (const row of own) bodies.set(row, whole.slice(starts[row.index]!, starts[row.index]! + row.size));
      return undefined;
    });
    return bodies;
  }

  /** Leases end by themselves, or with their host; those of other hosts may have been renewed a moment ago. */
  async function endLeases(line: Line): Promise<void> {
    const time = now();
    await presence.look([...line.leased].map(({ lease }) => hostOf(lease!)));
    const isGone = ({ lease }: Row) => presence.isGone(hostOf(lease!));
    const ended = [...line.leased].filter((row) => heads.untilOf(row) <= time || isGone(row));
    const others = new Set(ended.flatMap(({ lease, batch }) => (held.has(lease!) ? [] : [`${queueOf(batch)}.${lease}`])));
    await each([...others], async (place) => {
      const message = await bucket.get(`${RENEWAL}.${place}`);
      if (message !== null) heads.enter(`${RENEWAL}.${place}`, message);
    });
    for (const row of ended) {
      if (!line.leased.has(row) || (heads.untilOf(row) > time && !isGone(row))) continue;
      held.delete(row.lease!);
      line.change(row, { lease: null });
    }
  }

  async function take(
    line: Line,
    { rows, lease, until }: { rows: readonly Row[]; lease: string; until: number },
  ): Promise<LeasedMessage[]> {
    line.take(rows);
    try {
      const own: Row[] = [];
      // Those with one key one after the other: where somebody else has the first, the others have to wait.
      const lines = Map.groupBy(rows, (row) => row.key ?? row);
      await each([...lines.values()], async (line) => {
        for (const row of line) {
          const { due, pin, attempts } = row;
          if (!(await claim(row, { attempts: attempts + 1, due, pin, lease, until }))) return;
          own.push(row);
        }
      });
      const claimed = rows.filter((row) => own.includes(row));
      held.set(lease, { until, rows: new Map(claimed.map((row) => [row.id, row])) });
      const bodies = await bodiesOf(claimed);
      return claimed.flatMap((row) => (bodies.has(row) ? [{ ...messageOf(row, bodies.get(row)!), attempts: row.attempts }] : []));
    } finally {
      line.putBack(rows);
    }
  }

  /** All of its messages are acked, or nobody wants them. False where somebody else has said so. */
  async function endBatch(batch: Batch): Promise<boolean> {
    const subject = `${BATCH}.${batch.place}`;
    const claims = batch.rows.map((row) => row.claim);
    const revision = await bucket.put(subject, EMPTY, { head: { deleted: true }, expected: batch.revision, keep: SAID });
    if (revision === null) return false;
    heads.leave(batch.place, revision);
    sweeper.later(subject, { revision, at: now() + SAID });
    if (batch.parts !== null) sweeper.discard(batch.parts);
    // What is left of them is found by the next host that begins.
    for (const each of claims) if (each > 0) bucket.remove(each).catch(() => {});
    return true;
  }

  async function settleAll(line: Line, { lease, rows, outcomes }: Settling): Promise<void> {
    const acked: Row[] = [];
    const others: (() => Promise<unknown>)[] = [];
    for (const outcome of outcomes) {
      const row = rows.get(outcome.id);
      if (row === undefined) continue;
      rows.delete(outcome.id);
      // Another lease has it by now.
      if (row.done || row.lease !== lease || !line.leased.has(row)) continue;
      const free = { due: row.due, pin: row.pin, attempts: row.attempts, lease: null, until: 0 };
      if (outcome.to === 'ack') acked.push(row);
      else if (outcome.to === 'release') others.push(() => claim(row, { ...free, attempts: row.attempts - 1 }));
      else others.push(() => claim(row, { ...free, due: now() + outcome.delay, pin: outcome.pin }));
    }
    for (const [batch, own] of Map.groupBy(acked, (row) => row.batch)) {
      const { attempts: _attempts, ...state } = { attempts: 0, due: 0, pin: null, lease: null, until: 0, done: true as const };
      if (own.length === batch.left) others.push(() => endBatch(batch));
      else others.push(() => each(own, async (row) => void (await claim(row, { ...state, attempts: row.attempts }))));
    }
    await each(others, async (work) => void (await work()));
  }

  return {
    async send(queue, messages, { quota } = {}) {
      const line = await lineOf(queue);
      const sent = quota && takeRoom(line, messages, quota);
      const [letters, plain] = [
        messages.filter(({ origin }) => origin !== undefined),
        messages.filter(({ origin }) => origin === undefined),
      ];
      try {
        await Promise.all([
          ...(plain.length > 0 ? [sendBatch(queue, { name: nuid.next(), messages: plain })] : []),
          ...letters.map((letter) => sendBatch(queue, { name: letterOf(letter), messages: [letter] })),
        ]);
      } finally {
        sent?.();
      }
      return line.backlog();
    },

    async lease(queue, { limit, wait = 0, ms }): Promise<Lease> {
      const line = await lineOf(queue);
      const lease = `${presence.id}-${nuid.next()}`;
      for (;;) {
        // What is given back now may be leased now.
        await Promise.allSettled(line.settling);
        await endLeases(line);
        const time = now();
        const backlog = line.backlog();
        const ready = line.ready(time, limit);
        const first = ready[0];
        if (first === undefined || (ready.length < limit && first.due + wait > time)) {
          // Of another host that is gone by then, they end earlier.
          const times = Array.from(line.leased, (row) =>
            hostOf(row.lease!) === presence.id ? heads.untilOf(row) : Math.min(heads.untilOf(row), time + LOOK_EVERY),
          );
          const due = first === undefined ? line.next(time) : first.due + wait;
          if (due !== undefined) times.push(due);
          return { lease, messages: [], backlog, ready: ready.length, next: times.length === 0 ? null : Math.min(...times) };
        }
        const messages = await take(line, { rows: ready, lease, until: time + ms });
        if (messages.length > 0) return { lease, messages, backlog, ready: 0, next: null };
      }
    },

    async renew(queue, lease, ms) {
      const line = await lineOf(queue);
      const own = held.get(lease);
      if (own === undefined || own.until <= now() || !isHeld(line, { lease, rows: own.rows })) return false;
      const until = now() + ms;
      const subject = `${RENEWAL}.${subjectOf(queue)}.${lease}`;
      const head = { ...headWith(until), expires: until };
      const revision = await bucket.put(subject, EMPTY, { head, keep: ms + SAID });
      heads.enter(subject, { head, revision: revision! });
      sweeper.later(subject, { revision: revision!, at: until + SAID });
      own.until = until;
      return true;
    },

    async settle(queue, lease, outcomes) {
      const line = await lineOf(queue);
      const own = held.get(lease);
      if (own === undefined || own.until <= now()) return;
      const unwanted = outcomes.filter((outcome) => outcome.to === 'ack' && outcome.filtered && own.rows.has(outcome.id)).length;
      const settling = settleAll(line, { lease, rows: own.rows, outcomes });
      line.settling.add(settling);
      try {
        await settling;
      } finally {
        line.settling.delete(settling);
        if (own.rows.size === 0) held.delete(lease);
      }
      if (unwanted > 0) filtered.set(queue, (filtered.get(queue) ?? 0) + unwanted);
    },

    async counts(queue) {
      const line = await lineOf(queue);
      const time = now();
      const leased = [...line.leased].filter((row) => heads.untilOf(row) > time).length;
      return { ...line.backlog(), delayed: line.delayed(time), leased, filtered: filtered.get(queue) ?? 0 };
    },

    async peek(queue, limit) {
      const line = await lineOf(queue);
      const rows = line.rows(limit);
      const bodies = await bodiesOf(rows);
      const time = now();
      return rows.flatMap((row): StoredMessage[] => {
        const body = bodies.get(row);
        const leased = row.lease !== null && heads.untilOf(row) > time;
        return body === undefined ? [] : [{ ...messageOf(row, body), attempts: row.attempts - (leased ? 1 : 0), due: row.due, leased }];
      });
    },

    async purge(queue) {
      const line = await lineOf(queue);
      let purged = 0;
      await each([...line.batches.values()], async (batch) => {
        const { left } = batch;
        if (await endBatch(batch)) purged += left;
      });
      return purged;
    },

    stop: () => heads.stop(),
  };
}

function messageOf({ id, type, sent, origin, key, pin }: Row, body: Uint8Array) {
  return { id, body, type, sent, ...(origin !== undefined && { origin }), ...(key !== undefined && { key }), pin };
}

function isHeld(line: Line, { lease, rows }: { lease: string; rows: Map<string, Row> }): boolean {
  return [...rows.values()].some((row) => !row.done && row.lease === lease && line.leased.has(row));
}

/** Of a lease's name. */
function hostOf(lease: string): string {
  return lease.split('-')[0]!;
}

function queueOf({ place }: Batch): string {
  return place.slice(0, place.lastIndexOf('.'));
}

async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items].reverse();
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
