import { createInbox, errors } from '@nats-io/nats-core';
import type { Link } from './link.ts';

/** Which hosts are there, as their server knows it. */
export interface Presence {
  /** Of this host: a part of the names of its leases. */
  readonly id: string;
  /** Asks for other hosts, where that was not done a moment ago. */
  look(ids: Iterable<string>): Promise<void>;
  /** Whether a host has no connection, and had none `GONE` ago. */
  isGone(id: string): boolean;
  stop(): void;
}

interface Seen {
  readonly at: number;
  /** Since when it has no connection; null: it has one, or nobody knows. */
  readonly absent: number | null;
}

/** How long, in ms, a host has no connection before its leases end: longer than it takes to be connected again. */
export const GONE = 10_000;
/** When it is worth to ask again. */
export const LOOK_EVERY = 5_000;
const LOOK_AGAIN = 3_000;
const TIMEOUT = 1_000;
const EMPTY = new Uint8Array();

/**
 * Each host listens at a subject of its own. Where nobody does, the server says so at once: a process that was killed has no
 * connection any more, while one that is stopped, or slow, still has its own, and is not taken for gone.
 */
export function createPresence({ connection }: Pick<Link, 'connection'>, now: () => number): Presence {
  const inbox = createInbox();
  const at = inbox.lastIndexOf('.') + 1;
  const [root, id] = [inbox.slice(0, at), inbox.slice(at)];
  const subscription = connection.subscribe(inbox, { callback: (_error, message) => void message.respond(EMPTY) });
  const known = new Map<string, Seen>();

  async function isAbsent(other: string): Promise<boolean> {
    try {
      await connection.request(root + other, EMPTY, { timeout: TIMEOUT });
      return false;
    } catch (error) {
      // Whatever else fails says nothing about it.
      return error instanceof errors.NoRespondersError || (error instanceof errors.RequestError && error.isNoResponders());
    }
  }

  return {
    id,
    async look(ids) {
      const time = now();
      const asked = [...new Set(ids)].filter((other) => other !== id && Math.abs(time - (known.get(other)?.at ?? -Infinity)) >= LOOK_AGAIN);
      await Promise.all(
        asked.map(async (other) => {
          const absent = await isAbsent(other);
          known.set(other, { at: time, absent: absent ? (known.get(other)?.absent ?? time) : null });
        }),
      );
      for (const [other, seen] of known) if (Math.abs(time - seen.at) > 60 * GONE) known.delete(other);
    },
    isGone(other) {
      const { at: time, absent } = known.get(other) ?? { at: 0, absent: null };
      return absent !== null && time - absent >= GONE;
    },
    stop: () => subscription.unsubscribe(),
  };
}
