import { keysIn } from '../stores/keys.ts';
import type { Store } from '../stores/store.ts';
import { fieldOf, headerFields } from './headers.ts';
import type { OutgoingMail } from './outgoing.ts';

/** Mail that functions have sent, kept in the host instead of going out. */
export interface Mailbox {
  keep(owner: string, mail: OutgoingMail): Promise<void>;
  /** The newest first. */
  list(limit: number): Promise<KeptMail[]>;
  get(id: string): Promise<(KeptMail & { readonly raw: Uint8Array }) | null>;
  /** How many there were. */
  purge(): Promise<number>;
}

export interface KeptMail {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The function that sent it. */
  readonly function: string;
  readonly from: string;
  readonly to: readonly string[];
  /** As its header has it; null where there is none. */
  readonly subject: string | null;
  /** Bytes of the message. */
  readonly size: number;
  /** Whether its end was not kept. */
  readonly cut: boolean;
}

export interface MailboxOptions {
  readonly store: Pick<Store, 'get' | 'put' | 'delete' | 'list'>;
  readonly now: () => number;
}

/** Messages that are kept; of more, the oldest go. */
export const MAX_KEPT = 200;
/** Bytes that are kept of one, so that all together have a bound. */
export const MAX_KEPT_BYTES = 512 * 1024;
/** No binding has such a key: theirs begin with a kind. */
const PREFIX = 'mailbox/';

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Each message is one entry, whose key sorts by its time. */
export function createMailbox({ store, now }: MailboxOptions): Mailbox {
  let counter = 0;

  /** The oldest first. */
  async function keys(): Promise<string[]> {
    return (await keysIn(store, PREFIX)).toSorted();
  }

  async function read(key: string) {
    const entry = await store.get(key);
    return entry && decode(key.slice(PREFIX.length), entry.value);
  }

  return {
    async keep(owner, { from, to, raw }) {
      const time = now();
      const value = encode({ time, function: owner, from, to, size: raw.byteLength }, raw.subarray(0, MAX_KEPT_BYTES));
      // Its time, its place within that, and what tells it from those of other isolates.
      const id = () => `${time.toString(16).padStart(11, '0')}${(counter++ % 256).toString(16).padStart(2, '0')}${random()}`;
      while ((await store.put(PREFIX + id(), value, { ifRevision: 0 })) === null);
      const all = await keys();
      for (const key of all.slice(0, Math.max(0, all.length - MAX_KEPT))) await store.delete(key);
    },
    async list(limit) {
      const newest = (await keys()).toReversed().slice(0, limit);
      const mails = await Promise.all(newest.map(read));
      return mails.flatMap((mail) => (mail ? [viewOf(mail)] : []));
    },
    get: (id) => read(PREFIX + id),
    async purge() {
      const all = await keys();
      await Promise.all(all.map((key) => store.delete(key)));
      return all.length;
    },
  };
}

type Head = Pick<KeptMail, 'time' | 'function' | 'from' | 'to' | 'size'>;

function encode(head: Head, raw: Uint8Array): Uint8Array {
  const line = utf8.encode(`${JSON.stringify(head)}\n`);
  const bytes = new Uint8Array(line.byteLength + raw.byteLength);
  bytes.set(line);
  bytes.set(raw, line.byteLength);
  return bytes;
}

function decode(id: string, bytes: Uint8Array): KeptMail & { readonly raw: Uint8Array } {
  const end = bytes.indexOf(10);
  const head = JSON.parse(text.decode(bytes.subarray(0, end))) as Head;
  const raw = bytes.slice(end + 1);
  return { id, ...head, subject: subjectOf(raw), cut: head.size > raw.byteLength, raw };
}

function subjectOf(raw: Uint8Array): string | null {
  try {
    return fieldOf(headerFields(raw), 'subject') ?? null;
  } catch {
    return null;
  }
}

function viewOf({ raw: _raw, ...mail }: KeptMail & { readonly raw: Uint8Array }): KeptMail {
  return mail;
}

function random(): string {
  return crypto.randomUUID().slice(0, 3);
}
