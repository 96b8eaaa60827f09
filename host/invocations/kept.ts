import type { QueueBatch, QueueOutcome } from '../dispatch/cell.ts';
import type { QueueConsumer } from '../dispatch/consumers.ts';
import type { Invoked } from '../dispatch/event-calls.ts';
import type { Keeper } from '../dispatch/kept-call.ts';
import type { Functions } from '../dispatch/functions.ts';
import type { Platform } from '../platform.ts';
import { Callbacks } from './callbacks.ts';
import { Deferral, functionOfCallbackQueue, functionOfQueue } from './deferral.ts';
import { deferredConsumer, Delivery, type Attempts } from './delivery.ts';
import { createKeeper } from './keeper.ts';
import { Keys } from './keys.ts';
import { InvocationRecords } from './record.ts';
import { showInvocation } from './view.ts';

export interface KeptOptions {
  readonly platform: Pick<Platform, 'store' | 'queues' | 'condition' | 'now' | 'random' | 'waitUntil' | 'outbound'>;
  readonly functions: Functions;
  readonly attempt: Attempts['attempt'];
}

/** Requests that the host keeps: those for later, and the answers to those that run once. */
export interface Kept {
  readonly keeper: Keeper;
  /** At the status URL. */
  show(request: Request): Promise<Response>;
  /** Of the queues in which requests wait; null where it is another. */
  consumer(queue: string): Promise<QueueConsumer> | null;
  queue(name: string, batch: QueueBatch): Promise<QueueOutcome & Invoked> | null;
}

export function createKept({ platform, functions, attempt }: KeptOptions): Kept {
  const { store, queues, now, random, waitUntil, outbound } = platform;
  const { queue, quota } = queues;
  const records = new InvocationRecords(store);
  const attempts: Attempts = { attempt, requestOf };
  const draining = () => platform.condition?.().draining === true;
  const delivery = new Delivery({ records, functions, attempts, queue, quota, draining, now });
  const callbacks = new Callbacks({ records, functions, outbound, now, random });
  return {
    keeper: createKeeper({ keys: new Keys(store), deferral: new Deferral({ records, queue, now }), attempts, waitUntil }),
    show: (request) => showInvocation(request, records),
    consumer(queue) {
      const consumer = deferredConsumer(queue);
      return consumer && Promise.resolve(consumer);
    },
    queue(name, batch) {
      if (functionOfQueue(batch.queue) !== null) return delivery.run(name, batch);
      return functionOfCallbackQueue(batch.queue) === null ? null : callbacks.run(name, batch);
    },
  };
}

/** How it was framed on its way ended there. RFC 9112, section 6.1. */
function requestOf(...[{ method, target, headers }, body]: Parameters<Attempts['requestOf']>): Request {
  const all = new Headers();
  for (const [name, value] of headers) if (name !== 'transfer-encoding' && name !== 'connection') all.append(name, value);
  return new Request(target, { method, headers: all, ...(method !== 'GET' && method !== 'HEAD' && { body }) });
}
