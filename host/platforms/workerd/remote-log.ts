import type { HostEvent } from '../../observe/events.ts';
import { jsonLine } from '../../observe/json-line.ts';
import type { EventFilter, EventLog } from '../../observe/log.ts';
import type { StateStub } from './state.ts';

export interface RemoteLogOptions {
  readonly state: () => StateStub;
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Takes each batch too, as JSON: events for whoever started this host. */
  readonly also?: (events: string) => Promise<unknown>;
}

/** How long events are gathered before they leave this isolate, in ms. */
const GATHER = 50;
/** Whoever was to send the batch is gone when it has not left by then, in ms: the next event sees to it. */
const OVERDUE = 1_000;
/** More than the log keeps need not be sent; `also` loses them too, oldest first. */
const MAX_WAITING = 5_000;

/** The log of all isolates: events go to the state object in batches, each with a request that is under way anyhow. */
export function createRemoteLog({ state, waitUntil, also }: RemoteLogOptions): EventLog {
  let waiting: HostEvent[] = [];
  let planned = 0;

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const count = waiting.length;
    const events = `[${waiting.map(jsonLine).join()}]`;
    waiting = [];
    await Promise.allSettled([state().write(events, count), also?.(events)]);
  }

  async function flushSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER));
    planned = 0;
    await flush();
  }

  return {
    emit(event) {
      waiting.push(event);
      if (waiting.length > MAX_WAITING) waiting.splice(0, MAX_WAITING / 10);
      if (event.time - planned < OVERDUE) return;
      planned = event.time;
      try {
        waitUntil(flushSoon());
      } catch {
        // Outside of any request: the next one sends it.
        planned = 0;
      }
    },
    async recent(filter = {}) {
      await flush();
      return state().recent(filter);
    },
    async follow(filter = {}) {
      await flush();
      const { body } = await state().fetch(`https://state/?${queryOf(filter)}`);
      return body as ReadableStream<Uint8Array>;
    },
  };
}

function queryOf({ function: name, limit }: EventFilter): string {
  return new URLSearchParams({
    ...(name !== undefined && { function: name }),
    ...(limit !== undefined && { limit: String(limit) }),
  }).toString();
}
