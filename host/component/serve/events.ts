import type { ScheduledController } from '../../../sdk/handler.ts';
import type { MessageBatch } from '../../../sdk/queue.ts';
import { GuestBatch } from '../brink/queues/batch.ts';
import type { Result } from '../wasi/values/result.ts';

/** `error` of brink:function/scheduled. */
export interface ScheduledError {
  readonly tag: 'failed' | 'no-retry';
  readonly val: string;
}

/** `scheduled-event` of brink:function/scheduled. */
export function scheduledEvent({ cron, scheduledTime, payload }: ScheduledController & { readonly payload?: unknown }): object {
  return {
    cron: cron ?? '',
    'scheduled-time': BigInt(Math.trunc(scheduledTime)),
    payload: payload === undefined ? undefined : JSON.stringify(payload),
  };
}

/** @throws {GuestError} */
export function scheduledEnded(result: Result<undefined, ScheduledError>, controller: ScheduledController): void {
  if (result.tag === 'ok') return;
  if (result.val.tag === 'no-retry') controller.noRetry();
  throw new GuestError(result.val.val);
}

/** `message-batch` of brink:queues. @throws {TypeError} where a component cannot get a message's body */
export function queueBatch(batch: MessageBatch): GuestBatch {
  return new GuestBatch(batch);
}

/** @throws {GuestError} */
export function eventEnded(result: Result<undefined, string>): void {
  if (result.tag === 'err') throw new GuestError(result.val);
}

/** The error that a handler of a guest returned, in its words. */
export function guestError(message: string): Error {
  return new GuestError(message);
}

/** The error that a handler of a guest returned. */
class GuestError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GuestError';
    // Where in the runtime it was found out tells its author nothing.
    this.stack = `${this.name}: ${message}`;
  }
}
