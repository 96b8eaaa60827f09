import type { EntryChange } from './changes.ts';
import { OutboxFull, type Note, type Notice } from './outbox.ts';
import type { NewMessage } from './queue.ts';
import { QuotaExceeded } from './quota.ts';
import type { Entry, PutOptions, Store } from './store.ts';

export interface IntentsOptions {
  /** Has no transaction over several keys, but compares and sets. Metadata of what is told of is JSON, an object. */
  readonly store: Store;
  send(queue: string, messages: readonly NewMessage[]): Promise<unknown>;
  readonly now: () => number;
}

export interface IntendingStore extends Store {
  /** Sees to intents that nobody is at any more. False where some are left. */
  recover(): Promise<boolean>;
}

/** What is to be told of a write, put down before it. */
interface Intent {
  readonly key: string;
  readonly sent: number;
  readonly notices: readonly { readonly queue: string; readonly message: Omit<NewMessage, 'body'>; readonly body: string }[];
}

const PREFIX = 'told/';
/** After so many ms whoever wrote it is gone, or has given up. */
const LEFT = 30_000;
/** How long, in ms, an entry that was deleted is remembered, so that its intent can be judged. */
const REMEMBERED = 86_400_000;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Writes of a store without transactions that are told of all the same, each at least once and none that was not done. What is to
 * be told is put down first, under an id that the entry then has in its metadata: so a look at the entry says whether it was
 * written. Who writes over an entry sees to its intent before; an intent that an entry does not name was never done.
 */
export function createIntendingStore({ store, send, now }: IntentsOptions): IntendingStore {
  async function tell(place: string, { notices }: Intent, revision: number): Promise<void> {
    for (const { queue, message, body } of notices) {
      const change = { ...(JSON.parse(body) as object), revision };
      await send(queue, [{ ...message, id: crypto.randomUUID().replaceAll('-', ''), body: utf8.encode(JSON.stringify(change)) }]);
    }
    await store.delete(place);
  }

  /** What the entry has to tell is told. */
  async function settle(entry: Entry | null): Promise<void> {
    const id = changeOf(entry);
    const left = id === undefined ? null : await store.get(PREFIX + id);
    if (left === null) return;
    await tell(PREFIX + id!, intentIn(left), entry!.revision).catch((error: unknown) => {
      throw error instanceof QuotaExceeded ? new OutboxFull() : error;
    });
  }

  async function intend(key: string, notices: readonly Notice[]): Promise<{ id: string; intent: Intent }> {
    const id = crypto.randomUUID();
    const intent: Intent = {
      key,
      sent: now(),
      notices: notices.map(({ queue, message: { body, ...message } }) => ({ queue, message, body: text.decode(body) })),
    };
    await store.put(PREFIX + id, utf8.encode(JSON.stringify(intent)));
    return { id, intent };
  }

  /** One write that is told of, over what `entry` is. Null where that has changed meanwhile. */
  async function write(entry: Entry | null, { key, value, note, options, cause }: Write): Promise<number | null> {
    await settle(entry);
    const before = entry && { revision: entry.revision, ...(entry.metadata !== undefined && { metadata: entry.metadata }) };
    const { metadata } = options;
    const told = note({
      key,
      cause,
      revision: 0,
      value: cause === 'put' ? value : null,
      ...(metadata !== undefined && { metadata }),
      before,
    });
    const ifRevision = entry?.revision ?? 0;
    if (told.length === 0 && cause === 'put') return store.put(key, value, { ...options, ifRevision });
    if (told.length === 0) return (await store.delete(key, { ifRevision })) ? ifRevision : null;
    const { id, intent } = await intend(key, told);
    const marked = JSON.stringify({ ...(JSON.parse(metadata ?? '{}') as object), change: id });
    let revision: number | null;
    try {
      revision = await store.put(key, value, { ...options, metadata: marked, ifRevision });
    } catch (error) {
      // Where it was refused, nothing is to be told; where nothing is known of it, the entry will say.
      if (error instanceof QuotaExceeded) await store.delete(PREFIX + id).catch(() => {});
      throw error;
    }
    if (revision === null) await store.delete(PREFIX + id);
    // It is written: what cannot be told now is told later.
    else await tell(PREFIX + id, intent, revision).catch(() => {});
    return revision;
  }

  return {
    ...store,
    async put(key, value, { note, keepExpired: _kept, ...options }: PutOptions = {}) {
      if (note === undefined) return store.put(key, value, options);
      for (;;) {
        const entry = await store.get(key);
        if (options.ifRevision !== undefined && (entry?.revision ?? 0) !== options.ifRevision) return null;
        const revision = await write(entry, { key, value, note, options, cause: 'put' });
        if (revision !== null) return revision;
      }
    },
    async delete(key, { note, ifRevision } = {}) {
      if (note === undefined) return store.delete(key, ifRevision === undefined ? {} : { ifRevision });
      for (;;) {
        const entry = await store.get(key);
        if (entry === null || (ifRevision !== undefined && entry.revision !== ifRevision)) return false;
        const options = { metadata: '{"gone":true}', ttl: REMEMBERED };
        if ((await write(entry, { key, value: new Uint8Array(), note, options, cause: 'delete' })) !== null) return true;
      }
    },
    async recover() {
      let all = true;
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await store.list({ prefix: PREFIX, ...(cursor !== undefined && { cursor }) });
        for (const place of page.keys) if (!(await recoverOne(place).catch(() => false))) all = false;
        cursor = page.cursor;
      }
      return all;
    },
  };

  async function recoverOne(place: string): Promise<boolean> {
    const left = await store.get(place);
    if (left === null) return true;
    const intent = intentIn(left);
    if (intent.sent + LEFT > now()) return false;
    const entry = await store.get(intent.key);
    if (entry !== null && PREFIX + changeOf(entry) === place) await tell(place, intent, entry.revision);
    else await store.delete(place);
    return true;
  }
}

interface Write {
  readonly key: string;
  readonly value: Uint8Array;
  readonly note: Note<EntryChange>;
  readonly options: PutOptions;
  readonly cause: 'put' | 'delete';
}

function intentIn({ value }: Entry): Intent {
  return JSON.parse(text.decode(value)) as Intent;
}

function changeOf(entry: Entry | null): string | undefined {
  return entry?.metadata === undefined ? undefined : (JSON.parse(entry.metadata) as { change?: string }).change;
}
