import { BrinkError } from '../../errors.ts';
import { KeyReused } from '../../stores/queue-keys.ts';
import type { Queue } from '../../stores/queue.ts';
import { QuotaExceeded } from '../../stores/quota.ts';

/** The part of the object that keeps a queue. */
export interface QueueStub {
  /** A method of `Queue`, whose first argument is the queue's name. */
  useQueue<Method extends keyof Queue>(method: Method, args: Parameters<Queue[Method]>): Promise<Used<Method>>;
}

/** What it gave, what there would be too much of, or the key that came with another message: between objects, errors lose what they are. */
export type Used<Method extends keyof Queue> =
  | { readonly value: Awaited<ReturnType<Queue[Method]>> }
  | { readonly excess: Pick<QuotaExceeded, 'what' | 'limit'> }
  | { readonly reused: string };

export async function usedOf<Method extends keyof Queue>(work: ReturnType<Queue[Method]>): Promise<Used<Method>> {
  try {
    return { value: await work };
  } catch (error) {
    if (error instanceof KeyReused) return { reused: error.key };
    if (!(error instanceof QuotaExceeded)) throw error;
    return { excess: { what: error.what, limit: error.limit } };
  }
}

/** The queues of all objects, each by calls to its own. A stub belongs to the request that it was made in, so each call makes one. */
export function createRemoteQueue(objectOf: (queue: string) => QueueStub): Queue {
  const use = async <Method extends keyof Queue>(
    method: Method,
    ...args: Parameters<Queue[Method]>
  ): Promise<Awaited<ReturnType<Queue[Method]>>> => {
    const used = await objectOf(args[0])
      .useQueue(method, args)
      .catch((cause: unknown) => {
        throw new BrinkError('store-unavailable', `The queue ${args[0]} cannot be reached now. Try again in a moment.`, { cause });
      });
    if ('reused' in used) throw new KeyReused(used.reused);
    if ('excess' in used) throw new QuotaExceeded(used.excess.what, used.excess.limit);
    return used.value;
  };
  return {
    send: (queue, messages, options) => use('send', queue, messages, options),
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
    send: (queue, messages, options) => at(queue).send(queue, messages, options),
    lease: (queue, options) => at(queue).lease(queue, options),
    renew: (queue, lease, ms) => at(queue).renew(queue, lease, ms),
    settle: (queue, lease, outcomes) => at(queue).settle(queue, lease, outcomes),
    counts: (queue) => at(queue).counts(queue),
    peek: (queue, limit) => at(queue).peek(queue, limit),
    purge: (queue) => at(queue).purge(queue),
  };
}
