import type { Bucket, Heading } from '../bucket.ts';
import { Line, type Batch, type Row } from './line.ts';
import { ALL, BATCH, CLAIM, RENEWAL, type ClaimState, type Item } from './names.ts';

export interface HeadsOptions {
  readonly bucket: Bucket;
  readonly now: () => number;
  /** Tells of each head below a filter that is written from now on. */
  watch(filter: string, seen: (subject: string, heading: Heading) => void): Promise<() => void>;
  /** All messages of the batch have been acked. */
  finished(batch: Batch): void;
}

/** Claims whose messages have been gone for so long, in ms, are of a host that has not ended its work. */
const LEFT = 60_000;
/** From here on those that ended long ago are forgotten. */
const MOST_RENEWALS = 1_000;

/**
 * What this host knows of all queues: the heads of their messages, without the bodies. It has read them when the queues are
 * used first, and is told of what others write since; what it writes itself it enters at once.
 */
export class Heads {
  readonly #options: HeadsOptions;
  readonly #lines = new Map<string, Line>();
  /** Until when leases hold that have been renewed. */
  readonly renewals = new Map<string, number>();
  /** Batches that this host has taken away, with the revision of what says so, until that has come round. */
  readonly #gone = new Map<string, number>();
  /** The newest that has come round. */
  #seen = 0;
  #reading: Promise<void> | undefined;
  #unwatch: (() => void) | undefined;
  #stopped = false;

  constructor(options: HeadsOptions) {
    this.#options = options;
  }

  /** Once it is known what there is. */
  ready(): Promise<void> {
    this.#reading ??= this.#read().catch((error: unknown) => {
      this.stop();
      [this.#reading, this.#stopped] = [undefined, false];
      throw error;
    });
    return this.#reading;
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** `queue` as a subject has it. */
  line(queue: string): Line {
    let line = this.#lines.get(queue);
    if (line === undefined) this.#lines.set(queue, (line = new Line()));
    return line;
  }

  lineOf({ place }: Batch): Line {
    return this.line(place.slice(0, place.lastIndexOf('.')));
  }

  untilOf({ lease, until }: Row): number {
    return Math.max(until, this.renewals.get(lease ?? '') ?? 0);
  }

  /** Takes what has been written, by whomever. */
  enter(subject: string, { head, revision }: Pick<Heading, 'head' | 'revision'>): void {
    const tail = (kind: string) => subject.slice(kind.length + 1);
    const { deleted = false, metadata = '0' } = head;
    if (subject.startsWith(`${BATCH}.`)) {
      if (deleted) {
        if (this.#gone.get(tail(BATCH)) === revision) this.#gone.delete(tail(BATCH));
        this.#leave(tail(BATCH), revision);
      } else this.#enterBatch(tail(BATCH), { items: JSON.parse(metadata) as Item[], revision, parts: head.parts?.id ?? null });
    } else if (subject.startsWith(`${CLAIM}.`) && !deleted) {
      const place = tail(CLAIM);
      const at = place.lastIndexOf('.');
      const batch = this.#batchAt(place.slice(0, at));
      const row = batch?.rows[Number(place.slice(at + 1))];
      if (row !== undefined) this.enterClaim(row, { ...(JSON.parse(metadata) as ClaimState), claim: revision });
    } else if (subject.startsWith(`${RENEWAL}.`)) {
      const lease = subject.slice(subject.lastIndexOf('.') + 1);
      if (deleted) this.renewals.delete(lease);
      else this.#enterRenewal(lease, Number(metadata));
    }
  }

  #enterRenewal(lease: string, until: number): void {
    this.renewals.set(lease, Math.max(until, this.renewals.get(lease) ?? 0));
    if (this.renewals.size < MOST_RENEWALS) return;
    for (const [each, ended] of this.renewals) if (ended + LEFT < this.#options.now()) this.renewals.delete(each);
  }

  enterClaim(row: Row, { claim, ...state }: ClaimState & { claim: number }): void {
    if (row.claim >= claim) return;
    const line = this.lineOf(row.batch);
    // One that is older than the message is that of another with its name.
    if (claim < row.batch.revision) return line.change(row, { claim });
    line.change(row, { claim, ...state });
    if (row.batch.left === 0) this.#options.finished(row.batch);
    return undefined;
  }

  /** This host has taken the batch away: a message of this revision says so. */
  leave(place: string, revision: number): void {
    if (revision > this.#seen) this.#gone.set(place, revision);
    this.#leave(place, revision);
  }

  #leave(place: string, revision: number): void {
    const batch = this.#batchAt(place);
    if (batch !== undefined && batch.revision < revision) this.lineOf(batch).remove(batch);
  }

  #batchAt(place: string): Batch | undefined {
    return this.line(place.slice(0, place.lastIndexOf('.'))).batches.get(place);
  }

  #enterBatch(place: string, { items, revision, parts }: { items: readonly Item[]; revision: number; parts: string | null }): void {
    const known = this.#batchAt(place);
    if ((known?.revision ?? 0) >= revision || (this.#gone.get(place) ?? 0) > revision) return;
    if (known !== undefined) this.lineOf(known).remove(known);
    const rows: Row[] = [];
    const batch: Batch = { place, revision, rows, parts, left: items.length };
    const fresh = { attempts: 0, pin: null, claim: 0, lease: null, until: 0, done: false };
    for (const [index, item] of items.entries()) rows.push({ ...item, ...fresh, batch, index });
    this.lineOf(batch).add(batch);
  }

  async #read(): Promise<void> {
    const { bucket, watch, now } = this.#options;
    let meanwhile: (readonly [string, Heading])[] | null = [];
    const unwatch = await watch(ALL, (subject, heading) => {
      this.#seen = heading.revision;
      if (meanwhile === null) this.enter(subject, heading);
      else meanwhile.push([subject, heading]);
    });
    this.#unwatch = unwatch;
    if (this.#stopped) unwatch();
    for (const [subject, heading] of await bucket.scan(ALL)) {
      this.enter(subject, heading);
      if (subject.startsWith(`${CLAIM}.`) && heading.time + LEFT < now() && !this.#isClaimed(subject)) {
        bucket.remove(heading.revision).catch(() => {});
      }
    }
    for (const each of meanwhile) this.enter(...each);
    meanwhile = null;
  }

  #isClaimed(subject: string): boolean {
    return this.#batchAt(subject.slice(CLAIM.length + 1, subject.lastIndexOf('.'))) !== undefined;
  }
}
