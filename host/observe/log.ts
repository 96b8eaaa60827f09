import type { EventSink, HostEvent } from './events.ts';
import { jsonLine } from './json-line.ts';
import { EventRing } from './ring.ts';

/** Where events go, and where `brink logs` reads them. */
export interface EventLog {
  readonly emit: EventSink;
  /** The newest `limit` events (default 100), oldest first, of one function or of all. */
  recent(filter?: EventFilter): Promise<readonly HostEvent[]>;
  /** `recent`, then each event as it happens: one JSON object a line (UTF-8), until the reader cancels. */
  follow(filter?: EventFilter): Promise<ReadableStream<Uint8Array>>;
}

export interface MemoryLog extends EventLog {
  /** Whether anyone waits for the next event. */
  followed(): boolean;
}

export interface EventFilter {
  readonly function?: string;
  readonly limit?: number;
}

/** Events that a log in memory keeps. */
export const KEPT = 1_000;
const DEFAULT_LIMIT = 100;
/** A reader this far behind is cut off: it must not hold the host's memory. */
const MAX_BEHIND = 10_000;

/** The newest events in memory, and those who follow them. `sink` sees each event too. */
export function createMemoryLog(sink?: EventSink): MemoryLog {
  const ring = new EventRing(KEPT);
  const followers = new Set<EventSink>();
  const newest = ({ function: name, limit = DEFAULT_LIMIT }: EventFilter) => ring.newest(limit, name);
  return {
    emit(event) {
      ring.add(event);
      sink?.(event);
      for (const follower of followers) follower(event);
    },
    recent: (filter = {}) => Promise.resolve(newest(filter)),
    follow: (filter = {}) => Promise.resolve(followStream(newest(filter), filter.function, followers)),
    followed: () => followers.size > 0,
  };
}

function followStream(first: readonly HostEvent[], name: string | undefined, followers: Set<EventSink>): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  let follower: EventSink;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (event: HostEvent) => controller.enqueue(utf8.encode(`${jsonLine(event)}\n`));
        follower = (event) => {
          if (name !== undefined && event.function !== name) return;
          if ((controller.desiredSize ?? 0) < -MAX_BEHIND) {
            followers.delete(follower);
            controller.error(new Error(`The reader is ${MAX_BEHIND} events behind.`));
            return;
          }
          write(event);
        };
        for (const event of first) write(event);
        followers.add(follower);
      },
      cancel() {
        followers.delete(follower);
      },
    },
    { highWaterMark: 100 },
  );
}
