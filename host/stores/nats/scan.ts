import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { createInbox, nanos, nuid } from '@nats-io/nats-core';
import type { Heading } from './bucket.ts';
import { deliveryOf, HEARTBEAT } from './delivery.ts';
import { headingOf } from './heading.ts';
import { CALL_TIMEOUT, type Link } from './link.ts';

export interface Scanned extends Heading {
  readonly subject: string;
}

const HEARTBEAT_EVERY = 500;

/**
 * The heads of the last message of each subject that matches, in the order in which they were written. A consumer of its own
 * sends them, without the values. What is written meanwhile may be among them.
 */
export function scan(link: Link, { stream, filter }: { stream: string; filter: string }): Promise<Scanned[]> {
  return link.call(async () => {
    const inbox = createInbox();
    const received = Promise.withResolvers<void>();
    // Whoever waits for the consumer to be made does not wait for this yet.
    received.promise.catch(() => {});
    const all: Scanned[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => received.reject(new Error(`nothing came of a list for ${CALL_TIMEOUT} ms`)), CALL_TIMEOUT);
    };
    const subscription = link.connection.subscribe(inbox, {
      callback(error, message) {
        if (error !== null) return received.reject(error);
        alive();
        const status = message.headers?.code ?? 0;
        // Nothing is under way any more: of what it counted at first, some has gone.
        if (status === HEARTBEAT) return message.data.byteLength === 0 ? received.resolve() : undefined;
        if (status !== 0) return received.reject(new Error(message.headers!.description));
        const info = deliveryOf(message);
        if (info.order !== all.length + 1) return received.reject(new Error('a part of a list was lost'));
        all.push({ subject: message.subject, ...headingOf(message, info) });
        if (info.pending === 0) received.resolve();
        return undefined;
      },
    });
    try {
      alive();
      const name = `brink_${nuid.next()}`;
      const { num_pending: pending, delivered } = await link.jsm.consumers.add(stream, {
        name,
        deliver_subject: inbox,
        deliver_policy: DeliverPolicy.LastPerSubject,
        ack_policy: AckPolicy.None,
        filter_subject: filter,
        headers_only: true,
        mem_storage: true,
        num_replicas: 1,
        idle_heartbeat: nanos(HEARTBEAT_EVERY),
      });
      if (pending + delivered.consumer_seq > 0) await received.promise;
      void link.jsm.consumers.delete(stream, name).catch(() => {});
      return all;
    } finally {
      clearTimeout(timer);
      subscription.unsubscribe();
    }
  });
}
