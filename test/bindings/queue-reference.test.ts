import { startPlainWorkers } from '../plain-workers.ts';
import { functionSource } from './queue.ts';
import { QUEUES, queueApiSuite } from './queue-suite.ts';

/** Miniflare's own queues, and what workerd makes of them: what Workers does, as far as a machine without Cloudflare shows it. */
queueApiSuite("Miniflare's own, as the reference", {
  deviations: {
    'what was acked before a throw is acked': 'Miniflare retries it; Workers is documented not to',
  },
  async open() {
    const env = Object.fromEntries(
      QUEUES.producers.map(({ binding, queue, delivery_delay: deliveryDelay }) => [
        binding,
        { type: 'queue' as const, name: queue, ...(deliveryDelay > 0 && { deliveryDelay }) },
      ]),
    );
    const triggers = QUEUES.consumers.map((each) => ({
      type: 'queue' as const,
      name: each.queue,
      maxBatchSize: each.max_batch_size,
      maxBatchTimeout: each.max_batch_timeout,
      maxRetries: each.max_retries,
      ...('dead_letter_queue' in each && { deadLetterQueue: each.dead_letter_queue }),
    }));
    return startPlainWorkers([{ name: 'reference', source: await functionSource(), env, triggers }], { handleStructuredLogs: () => {} });
  },
});
