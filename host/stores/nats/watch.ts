import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { createInbox, nanos, nuid, type Subscription } from '@nats-io/nats-core';
import { streamOf, type Heading } from './bucket.ts';
import { deliveryOf, HEARTBEAT } from './delivery.ts';
import { headingOf } from './heading.ts';
import type { Link } from './link.ts';
import { keyOf } from './subject.ts';

export interface WatchOptions {
  readonly bucket: string;
  /** Of subjects in the bucket. */
  readonly filter: string;
  readonly seen: (subject: string, heading: Heading) => void;
}

const HEARTBEAT_EVERY = 1_000;
/** Silence of this long, in ms, means that the server's side has gone: a consumer like this ends with its server. */
const SILENCE = 2_500;
const RETRY = 250;

/** Tells of each key of a table as `watchHeads` does. */
export function watchKeys(
  link: Link,
  { bucket, table, changed }: { readonly bucket: string; readonly table: string; readonly changed: (key: string) => void },
): Promise<() => void> {
  const seen = (subject: string) => changed(keyOf(subject.slice(table.length + 1)));
  return watchHeads(link, { bucket, filter: `${table}.>`, seen });
}

/**
 * Tells of each message that is written from now on, as soon as it can be read; after a time without connection, of those
 * that were written meanwhile, where they are still there.
 */
export async function watchHeads(link: Link, { bucket, filter, seen }: WatchOptions): Promise<() => void> {
  const stream = streamOf(bucket);
  const root = `$KV.${bucket}.`;
  const { state } = await link.call(() => link.jsm.streams.info(stream));
  let last = state.last_seq;
  let consumer = '';
  let subscription: Subscription | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const later = (ms: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void begin(), ms);
  };

  async function begin(): Promise<void> {
    end();
    const inbox = createInbox();
    let order = 0;
    const own = link.connection.subscribe(inbox, {
      callback(error, message) {
        // Of the consumer before this one.
        if (own !== subscription) return;
        if (error !== null) return later(RETRY);
        later(SILENCE);
        const status = message.headers?.code ?? 0;
        if (status === HEARTBEAT) return;
        if (status !== 0) return later(RETRY);
        const info = deliveryOf(message);
        if (info.order !== ++order) return later(0);
        last = info.revision;
        seen(message.subject.slice(root.length), headingOf(message, info));
      },
    });
    subscription = own;
    const name = (consumer = `brink_${nuid.next()}`);
    const config = {
      name,
      deliver_subject: inbox,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: last + 1,
      ack_policy: AckPolicy.None,
      filter_subject: root + filter,
      headers_only: true,
      mem_storage: true,
      num_replicas: 1,
      idle_heartbeat: nanos(HEARTBEAT_EVERY),
    };
    await link
      .call(() => link.jsm.consumers.add(stream, config))
      .then(
        () => later(SILENCE),
        () => later(RETRY),
      );
  }

  function end(): void {
    clearTimeout(timer);
    subscription?.unsubscribe();
    subscription = undefined;
    if (consumer !== '') void link.jsm.consumers.delete(stream, consumer).catch(() => {});
    consumer = '';
  }

  await begin();
  return () => {
    stopped = true;
    end();
  };
}
