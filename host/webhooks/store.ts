import { hex, sha256 } from '../bytes.ts';
import { cloudEventJson } from '../../sdk/cloud-event-json.ts';
import type { CloudEvent } from '../../sdk/cloud-event.ts';
import { MAX_BATCH, MAX_MESSAGE, MAX_MESSAGES } from '../bindings/queues/limits.ts';
import { BrinkError } from '../errors.ts';
import type { NewMessage, Queue } from '../stores/queue.ts';
import type { QueueQuota } from '../stores/quota.ts';
import { tooLarge } from './body.ts';
import type { Hook } from './hook.ts';
import type { Seen } from './seen.ts';

export interface StoreOptions {
  readonly queue: Pick<Queue, 'send'>;
  readonly quota: QueueQuota | undefined;
  readonly seen: Seen;
  readonly now: () => number;
}

/** An event, and what names it to its webhook. */
export interface Named {
  readonly id: string;
  readonly event: CloudEvent;
}

export interface Stored {
  readonly accepted: number;
  /** Of those that came before. */
  readonly duplicates: number;
}

const utf8 = new TextEncoder();

/**
 * Puts events into the queue of their webhook, all of them or none; a crash cannot lose them then. Those that came before are
 * left out.
 *
 * @throws {BrinkError} `request-too-large`, `webhook-running`, `webhook-full`
 */
export async function storeEvents(events: readonly Named[], hook: Hook, { queue, quota, seen, now }: StoreOptions): Promise<Stored> {
  const { version, settings } = hook;
  const origin = `webhook:${version.function}${settings.path}`;
  const messages = new Map<string, NewMessage>();
  for (const { id, event } of events) {
    const body = utf8.encode(JSON.stringify(cloudEventJson(event)));
    if (body.byteLength > MAX_MESSAGE) throw tooLarge(MAX_MESSAGE);
    const key = await keyOf(origin, id);
    messages.set(`${version.function}/${key}`, { id: key, body, type: 'json', sent: now(), origin });
  }
  const size = [...messages.values()].reduce((sum, { body }) => sum + body.byteLength, 0);
  if (events.length > MAX_MESSAGES || size > MAX_BATCH) throw tooMany();
  const accepted = await seen.once({ keys: [...messages.keys()], ttl: settings.dedupe_ttl * 1000 }, async (fresh) => {
    const given = fresh.map((key) => messages.get(key)!);
    await queue.send(settings.queue, given, quota && { quota }).catch((error: unknown) => {
      // By its name: it may have come over a border.
      throw (error as Error).name === 'QuotaExceeded' ? full() : error;
    });
  });
  return { accepted, duplicates: events.length - accepted };
}

/** As ids of messages are: 32 hex digits. The same delivery has the same, so that a queue that has it takes it once. */
async function keyOf(origin: string, id: string): Promise<string> {
  return hex((await sha256(`${origin}\n${id}`)).subarray(0, 16));
}

function tooMany(): BrinkError {
  return new BrinkError('request-too-large', `A batch has at most ${MAX_MESSAGES} events and ${MAX_BATCH} bytes. Send it in parts.`, {
    details: { limit: MAX_BATCH, events: MAX_MESSAGES },
  });
}

function full(): BrinkError {
  return new BrinkError('webhook-full', 'The queue of this webhook has no room. Try again in 10 s.', { details: { retryAfter: 10 } });
}
