import type { Lease, LeasedMessage, Queue, Settlement } from '../stores/queue.ts';

/** Messages of one step, and how long, in ms, nobody else gets them. */
const STEP = 100;
const LEASE = 60_000;

/**
 * Moves what waits in a queue to another, or each message back to where it came from; says how many. Those that came from
 * nowhere stay where they are. Each step is in the other queue before it leaves this one: a crash in between makes two of one.
 */
export async function redrive(queue: Queue, from: string, to: string | null): Promise<number> {
  const { messages: most } = await queue.counts(from);
  const kept: Lease[] = [];
  let moved = 0;
  for (let seen = 0; seen < most;) {
    const lease = await queue.lease(from, { limit: STEP, ms: LEASE });
    if (lease.messages.length === 0) break;
    seen += lease.messages.length;
    const groups = Map.groupBy(lease.messages, ({ origin }) => to ?? queueOf(origin));
    for (const [target, messages] of groups) {
      if (target === undefined) continue;
      await queue.send(target, messages.map(asNew));
      await queue.settle(
        from,
        lease.lease,
        messages.map(({ id }): Settlement => ({ id, to: 'ack' })),
      );
      moved += messages.length;
    }
    if (groups.has(undefined)) kept.push({ ...lease, messages: groups.get(undefined)! });
  }
  for (const { lease, messages } of kept)
    await queue.settle(
      from,
      lease,
      messages.map(({ id }): Settlement => ({ id, to: 'release' })),
    );
  return moved;
}

/** What came by a webhook came from no queue. */
function queueOf(origin: string | undefined): string | undefined {
  return origin?.includes(':') === true ? undefined : origin;
}

function asNew({ id, body, type, sent }: LeasedMessage) {
  return { id, body, type, sent };
}
