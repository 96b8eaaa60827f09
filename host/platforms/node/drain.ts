import { setTimeout as wait } from 'node:timers/promises';
import type { Host } from '../../app.ts';
import type { EventSink, NoticeEvent } from '../../observe/events.ts';
import type { Bindings } from './bindings.ts';
import type { Door } from './door.ts';
import type { NodeEngine } from './engine.ts';

export interface DrainOptions {
  readonly door: Door;
  readonly bindings: Bindings;
  readonly host: Host;
  readonly engine: NodeEngine;
  readonly emit: EventSink;
  /** Ms that what runs may take. */
  readonly timeout: number;
}

/** Responses that say of what was cut off that it was, in ms. */
const LAST_WORDS = 100;
/** What was cut off is handed back in so many ms: a store that gives no answer is not waited for. */
const HAND_BACK = 2_000;

/**
 * Lets no one new in, begins nothing, and waits for what runs: requests with their `waitUntil` work, WebSockets, batches of
 * queues, runs of schedules. What has not ended in time is cut off and handed back, and the log says how much that was.
 *
 * @returns whether all of it has ended by itself
 */
export async function drain({ door, bindings, host, engine, emit, timeout }: DrainOptions): Promise<boolean> {
  // Cells last: those that run may call others, and the next request of a connection that is still open needs one.
  const drained = Promise.all([door.close(), bindings.stop()]).then(() => host.stop());
  const time = new AbortController();
  const late = wait(timeout, false, time);
  const clean = await Promise.race([drained.then(() => true), late]);
  time.abort();
  late.catch(() => {});
  if (clean) return true;
  const under = { ...door.underWay(), invocations: engine.running() };
  emit(notice(`Stopping took more than ${timeout / 1000} s. Cut off: ${told(under)}.`));
  bindings.cutOff();
  await engine.stop();
  await Promise.race([drained, wait(LAST_WORDS)]);
  door.cut();
  await Promise.race([drained, wait(HAND_BACK, undefined, { ref: false })]);
  await engine.stop();
  return false;
}

function told({ requests, webSockets, invocations }: Record<'requests' | 'webSockets' | 'invocations', number>): string {
  return [
    `${requests} ${requests === 1 ? 'request' : 'requests'}`,
    `${webSockets} ${webSockets === 1 ? 'WebSocket' : 'WebSockets'}`,
    `${invocations} ${invocations === 1 ? 'invocation' : 'invocations'} of functions`,
  ].join(', ');
}

function notice(message: string): NoticeEvent {
  return { type: 'host', time: Date.now(), function: '*', version: 0, level: 'warn', message };
}
