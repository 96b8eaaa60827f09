/**
 * What the store has of one lock: who holds it and who waits for it. The rules are those of the Web Locks API,
 * https://w3c.github.io/web-locks/, with leases. Everything here is a pure function of it.
 */
export interface LockRecord {
  readonly held: readonly Holder[];
  /** In the order in which they are served. */
  readonly waiting: readonly Claim[];
}

export type Mode = 'exclusive' | 'shared';

/** Someone's wish for a lock. */
export interface Claim {
  /** Given by the host; who knows it may release the lock. */
  readonly id: string;
  readonly mode: Mode;
  /** What its cell is called in `query()`. */
  readonly client: string;
  /** Milliseconds that it lasts from one renewal to the next. */
  readonly ttl: number;
  /** When it ends if nobody renews it: milliseconds since the epoch. */
  readonly expires: number;
}

export interface Holder extends Claim {
  /** The revision of the write that granted it; null where that is the one which wrote this record. */
  readonly fence: number | null;
}

export type Change =
  | { readonly do: 'ask'; readonly claim: Claim; readonly ifAvailable: boolean; readonly steal: boolean }
  | { readonly do: 'leave'; readonly id: string }
  | { readonly do: 'renew'; readonly ids: ReadonlySet<string> }
  /** Nothing but what time has brought. */
  | { readonly do: 'look' };

export const FREE: LockRecord = { held: [], waiting: [] };

export interface Seen {
  readonly now: number;
  /** Whether a claim may still have someone who renews it, as far as this host knows. */
  readonly lives: (claim: Claim) => boolean;
}

/** The record after a change; the same object where nothing is different. One claim is granted by it at most, as each grant has a fence of its own. */
export function changed(record: LockRecord, change: Change, seen: Seen): LockRecord {
  return granted(applied(alive(record, seen), change, seen.now));
}

/** Without those whose lease has ended. */
export function alive(record: LockRecord, { now, lives }: Seen): LockRecord {
  return without(record, (claim) => claim.expires <= now || !lives(claim));
}

/** Whether the record grants something that has no fence yet: nothing more may happen to it until it is written. */
export function grants({ held }: LockRecord): boolean {
  return held.some(({ fence }) => fence === null);
}

/** Whether the first of those that wait could have it. */
export function isDue(record: LockRecord): boolean {
  const [first] = record.waiting;
  return first !== undefined && fits(record, first);
}

/** As others read the record at this revision: what was granted by that write has its fence. */
export function fenced(record: LockRecord, revision: number): LockRecord {
  if (!grants(record)) return record;
  return { ...record, held: record.held.map((holder) => (holder.fence === null ? { ...holder, fence: revision } : holder)) };
}

export function isFree({ held, waiting }: LockRecord): boolean {
  return held.length === 0 && waiting.length === 0;
}

/** When the last of its leases ends. */
export function lastExpiry({ held, waiting }: LockRecord): number {
  return [...held, ...waiting].reduce((last, { expires }) => Math.max(last, expires), 0);
}

function applied(record: LockRecord, change: Change, now: number): LockRecord {
  switch (change.do) {
    case 'ask':
      return asked(record, change);
    case 'leave':
      return without(record, ({ id }) => id === change.id);
    case 'renew':
      return renewed(record, change.ids, now);
    case 'look':
      return record;
  }
}

/** https://w3c.github.io/web-locks/#algorithm-request-lock */
function asked(record: LockRecord, { claim, ifAvailable, steal }: Change & { do: 'ask' }): LockRecord {
  if (steal) return { held: [], waiting: [claim, ...record.waiting] };
  if (ifAvailable && !(record.waiting.length === 0 && fits(record, claim))) return record;
  return { ...record, waiting: [...record.waiting, claim] };
}

function renewed(record: LockRecord, ids: ReadonlySet<string>, now: number): LockRecord {
  if (![...record.held, ...record.waiting].some(({ id }) => ids.has(id))) return record;
  const renew = <Each extends Claim>(claim: Each): Each => (ids.has(claim.id) ? { ...claim, expires: now + claim.ttl } : claim);
  return { held: record.held.map(renew), waiting: record.waiting.map(renew) };
}

/** https://w3c.github.io/web-locks/#algorithm-process-lock-request-queue: the first of those that wait, or nobody. */
function granted(record: LockRecord): LockRecord {
  if (!isDue(record)) return record;
  const [first, ...waiting] = record.waiting;
  return { held: [...record.held, { ...first!, fence: null }], waiting };
}

function fits({ held }: LockRecord, { mode }: Claim): boolean {
  return held.length === 0 || (mode === 'shared' && held.every((holder) => holder.mode === 'shared'));
}

function without(record: LockRecord, gone: (claim: Claim) => boolean): LockRecord {
  if (!record.held.some(gone) && !record.waiting.some(gone)) return record;
  return { held: record.held.filter((claim) => !gone(claim)), waiting: record.waiting.filter((claim) => !gone(claim)) };
}

type Row = readonly [id: string, mode: Mode, client: string, ttl: number, expires: number, fence?: number | null];

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** As the store has it. */
export function bytesOf({ held, waiting }: LockRecord): Uint8Array {
  const row = ({ id, mode, client, ttl, expires }: Claim): Row => [id, mode, client, ttl, expires];
  return utf8.encode(JSON.stringify([held.map((holder) => [...row(holder), holder.fence]), waiting.map(row)]));
}

/** @param revision at which the store has it */
export function recordOf(bytes: Uint8Array, revision: number): LockRecord {
  const [held, waiting] = JSON.parse(text.decode(bytes)) as [Row[], Row[]];
  const claim = ([id, mode, client, ttl, expires]: Row): Claim => ({ id, mode, client, ttl, expires });
  return fenced({ held: held.map((row) => ({ ...claim(row), fence: row[5] ?? null })), waiting: waiting.map(claim) }, revision);
}
