import { nuid } from '@nats-io/nats-core';
import type { Store } from '../../store.ts';
import { unavailable } from '../link.ts';
import type { ObjectFiles } from './files.ts';

/** What names a file, if it is named: an object, or a part of an upload. */
export interface Owner {
  readonly key: string;
  /** The upload's id, a slash, and the part's number. */
  readonly part?: string;
}

/** Of a file that is being written. */
export interface Writing {
  readonly id: string;
  /** To be called before it is named. @throws {BrinkError} where the mark is another's by now, as after a long sleep of this host */
  confirm(): Promise<void>;
  /** It has been named by an object. */
  named(): Promise<void>;
  /** It has been named by a part, which may be forgotten, or nothing is known of it: a sweep will look. */
  end(): void;
}

export interface MarksOptions {
  readonly store: Store;
  readonly files: ObjectFiles;
  readonly now: () => number;
  /** What names the file now. */
  namedBy(id: string, owner: Owner): Promise<'object' | 'part' | null>;
}

/** How long, in ms, a file that nothing names stays, for those who read it: they say so within this time. */
export const GRACE = 60_000;
/** A mark of a file that is being written holds for so long, and is renewed more often. */
export const WRITING = 60 * 60_000;
const RENEW = 10 * 60_000;
/** When a part's file is looked at again. */
const PART = 24 * 60 * 60_000;
/** Who reads for longer says so, and again every so often; it holds for `GRACE`. */
const HOLD_EVERY = 15_000;

const MARK = 'mark/';
const HOLD = 'hold/';
const EMPTY = new Uint8Array();
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Files that nothing may name: every file is marked before it is written, and again before what names it forgets it. So what
 * a crash leaves is found by its mark. Whether a file is named is looked up when its mark is due, never taken from the mark.
 */
export class Marks {
  readonly #options: MarksOptions;
  /** This host's, by id, with the time when they are due. */
  readonly #own = new Map<string, number>();

  constructor(options: MarksOptions) {
    this.#options = options;
  }

  async write(owner: Owner): Promise<Writing> {
    const { store, now } = this.#options;
    const id = nuid.next();
    let at = now();
    let revision: number | null = await this.#put(id, { owner, due: at + WRITING });
    const renew = async () => {
      const time = now();
      revision = revision === null ? null : await this.#put(id, { owner, due: time + WRITING, ifRevision: revision });
      if (revision === null) throw unavailable(new Error('a write of an object took too long a rest'));
      at = time;
    };
    const timer = setInterval(() => void renew().catch(() => {}), RENEW);
    return {
      id,
      confirm: async () => (Math.abs(now() - at) > RENEW ? renew() : undefined),
      named: async () => {
        clearInterval(timer);
        if (revision !== null && (await store.delete(MARK + id, { ifRevision: revision }))) this.#own.delete(id);
      },
      end: () => clearInterval(timer),
    };
  }

  /** Before they are forgotten, and where that is not done: they stay as long as something names them. */
  async doom(ids: readonly string[], owner: Owner): Promise<void> {
    const due = this.#options.now() + GRACE;
    await Promise.all(ids.map((id) => this.#put(id, { owner, due })));
  }

  /** Keeps files for who reads them; what it gives ends that. */
  hold(ids: readonly string[]): () => void {
    const { store } = this.#options;
    const keys = ids.map((id) => `${HOLD}${id}/${nuid.next()}`);
    let held = false;
    const timer = setInterval(() => {
      held = true;
      // What fails is tried again soon enough.
      for (const key of keys) store.put(key, EMPTY, { ttl: GRACE }).catch(() => {});
    }, HOLD_EVERY);
    return () => {
      clearInterval(timer);
      if (held) for (const key of keys) store.delete(key).catch(() => {});
    };
  }

  async sweep(): Promise<void> {
    const now = this.#options.now();
    for (const [id, due] of this.#own) if (due <= now) await this.#settle(id);
  }

  /** With those of other hosts. */
  async sweepWhole(): Promise<void> {
    const { store, now } = this.#options;
    const { metadata } = await store.list({ prefix: MARK, limit: Infinity, withMetadata: true });
    for (const [key, due] of metadata!) if (Number(due) <= now()) await this.#settle(key.slice(MARK.length));
  }

  async #settle(id: string): Promise<void> {
    const { store, files, now, namedBy } = this.#options;
    this.#own.delete(id);
    const mark = await store.get(MARK + id);
    if (mark === null || Number(mark.metadata) > now()) return;
    const owner = JSON.parse(text.decode(mark.value)) as Owner;
    // So that nobody confirms it meanwhile.
    const ifRevision = await this.#put(id, { owner, due: now() + WRITING, ifRevision: mark.revision });
    if (ifRevision === null) return;
    const named = await namedBy(id, owner);
    if (named === 'part') return void (await this.#put(id, { owner, due: now() + PART, ifRevision }));
    if (named === null) {
      if (await this.#isHeld(id)) return void (await this.#put(id, { owner, due: now() + GRACE, ifRevision }));
      await files.remove(id);
    }
    if (await store.delete(MARK + id, { ifRevision })) this.#own.delete(id);
    return undefined;
  }

  async #isHeld(id: string): Promise<boolean> {
    const { keys } = await this.#options.store.list({ prefix: `${HOLD}${id}/`, limit: 1 });
    return keys.length > 0;
  }

  async #put(id: string, { owner, due, ...how }: { owner: Owner; due: number; ifRevision?: number }): Promise<number | null> {
    const revision = await this.#options.store.put(MARK + id, utf8.encode(JSON.stringify(owner)), { ...how, metadata: String(due) });
    if (revision !== null) this.#own.set(id, due);
    return revision;
  }
}
