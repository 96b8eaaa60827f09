import type { QueueEvent } from '../../observe/events.ts';
import type { Queue } from '../../stores/queue.ts';
import type { Pump } from './pump.ts';

/** What a host has for its queues. */
export interface QueuesState {
  /** Where the messages of all queues lie. What is sent through it is delivered. */
  readonly queue: Queue;
  /** Those that deliver in this process, by queue. */
  readonly pumps: Map<string, Pump>;
  readonly emit: (event: QueueEvent) => void;
  /** Aborts when the host stops: no more batches begin. */
  readonly stopping: AbortSignal | null;
}

/** Queues whose new messages are delivered: who delivers is told, or asked to begin. */
export function createWakingQueue(queue: Queue, pumps: QueuesState['pumps'], wake: (queue: string) => Promise<void>): Queue {
  return {
    ...queue,
    async send(name, messages, options) {
      const backlog = await queue.send(name, messages, options);
      if (pumps.get(name)?.notify(messages.length) !== true) await wake(name);
      return backlog;
    },
  };
}
