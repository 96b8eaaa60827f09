import type { MessageResult, QueueInvocationRequest, QueueInvocationResult, QueueResult } from '../schemas/queues.ts';
import { query, segment, withBody, type Call } from './request.ts';

/** The part of the client for queues. */
export function queuesClient(call: Call) {
  return {
    queues: async () => (await call<{ queues: QueueResult[] }>('GET', '/queues')).queues,
    peekQueue: async (queue: string, limit?: number) =>
      (await call<{ messages: MessageResult[] }>('GET', `/queues/${segment(queue)}/messages${query({ limit })}`)).messages,
    purgeQueue: (queue: string) => call<{ removed: number }>('DELETE', `/queues/${segment(queue)}/messages`),
    /** To where they came from, or to another queue. */
    redriveQueue: (queue: string, to?: string) =>
      call<{ moved: number }>('POST', `/queues/${segment(queue)}/redrive`, withBody(to === undefined ? {} : { to })),
    pauseQueue: (queue: string) => call<QueueResult>('POST', `/queues/${segment(queue)}/pause`),
    resumeQueue: (queue: string) => call<QueueResult>('POST', `/queues/${segment(queue)}/resume`),
    invokeQueue: (name: string, request: QueueInvocationRequest) =>
      call<QueueInvocationResult>('POST', `/functions/${segment(name)}/queue`, withBody(request)),
  };
}
