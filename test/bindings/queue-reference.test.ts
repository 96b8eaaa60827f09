import { Miniflare } from 'miniflare';
import { COMPATIBILITY } from '../../host/platforms/workerd/build.ts';
import { functionSource } from './queue.ts';
import { QUEUES, queueApiSuite } from './queue-suite.ts';

/** Miniflare's own queues, and what workerd makes of them: what Workers does, as far as a machine without Cloudflare shows it. */
queueApiSuite("Miniflare's own, as the reference", {
  deviations: {
    'what was acked before a throw is acked': 'Miniflare retries it; Workers is documented not to',
  },
  async open() {
    const miniflare = new Miniflare({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      enableDevRegistry: false,
      telemetry: { enabled: false },
      handleStructuredLogs: () => {},
      workers: [
        {
          config: {
            name: 'reference',
            compatibilityDate: COMPATIBILITY.date,
            manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: await functionSource() } } },
            env: Object.fromEntries(
              QUEUES.producers.map(({ binding, queue, delivery_delay: deliveryDelay }) => [
                binding,
                { type: 'queue' as const, name: queue, ...(deliveryDelay > 0 && { deliveryDelay }) },
              ]),
            ),
            triggers: QUEUES.consumers.map((each) => ({
              type: 'queue' as const,
              name: each.queue,
              maxBatchSize: each.max_batch_size,
              maxBatchTimeout: each.max_batch_timeout,
              maxRetries: each.max_retries,
              ...('dead_letter_queue' in each && { deadLetterQueue: each.dead_letter_queue }),
            })),
          },
          dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
        },
      ],
    });
    await miniflare.ready;
    const url = await miniflare.unsafeGetDirectURL('reference');
    return { url: url.href, close: () => miniflare.dispose() };
  },
});
