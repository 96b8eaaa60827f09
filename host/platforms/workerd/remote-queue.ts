import { BrinkError } from '../../errors.ts';
import type { Queue } from '../../stores/queue.ts';

/** The part of the object that keeps a queue. */
export interface QueueStub {
  /** A method of `Queue`, whose first argument is the queue's name. */
  useQueue<Method extends keyof Queue>(method: Method, args: Parameters<Queue[Method]>): ReturnType<Queue[Method]>;
}

/** The queues of all objects, each by calls to its own. A stub belongs to the request that it was made in, so each call makes one. */
export function createRemoteQueue(objectOf: (queue: string) => QueueStub): Queue {
  const use = <Method extends keyof Queue>(method: Method, ...args: Parameters<Queue[Method]>): ReturnType<Queue[Method]> => {
    const used: Promise<unknown> = objectOf(args[0]).useQueue(method, args);
    return used.catch((cause: unknown) => {
      throw new BrinkError('store-unavailable', `The queue ${args[0]} cannot be reached now. Try again in a moment.`, { cause });
    }) as ReturnType<Queue[Method]>;
  };
  return {
    send: (queue, messages) => use('send', queue, messages),
    lease: (queue, options) => use('lease', queue, options),
    renew: (queue, lease, ms) => use('renew', queue, lease, ms),
    settle: (queue, lease, outcomes) => use('settle', queue, lease, outcomes),
    counts: (queue) => use('counts', queue),
    peek: (queue, limit) => use('peek', queue, limit),
    purge: (queue) => use('purge', queue),
  };
}

/** Of queues that lie apart: the own one here, the others there. */
export function createRoutedQueue(own: string, here: Queue, there: Queue): Queue {
  const at = (queue: string) => (queue === own ? here : there);
  return {
    send: (queue, messages) => at(queue).send(queue, messages),
    lease: (queue, options) => at(queue).lease(queue, options),
    renew: (queue, lease, ms) => at(queue).renew(queue, lease, ms),
    settle: (queue, lease, outcomes) => at(queue).settle(queue, lease, outcomes),
    counts: (queue) => at(queue).counts(queue),
    peek: (queue, limit) => at(queue).peek(queue, limit),
    purge: (queue) => at(queue).purge(queue),
  };
}
