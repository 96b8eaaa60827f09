import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually, publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { componentQueueSuite } from './queue-component-suite.ts';
import { queueDeliverySuite } from './queue-delivery-suite.ts';
import { removeFolder } from '../remove-folder.ts';

queueDeliverySuite(openNode);
componentQueueSuite(openNode);

it('a cell that is stopped in a batch fails it, and what it had acked is acked', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-spin-'));
  const host = await openNode({ state });
  try {
    const source = `export default {
      fetch: (_request, env) => env.OUT.sendBatch([{ body: 'good' }, { body: 'bad' }]).then(() => new Response()),
      async queue({ messages }) {
        for (const message of messages) {
          console.log(message.body + ' ' + message.attempts);
          if (message.body === 'good') message.ack();
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (message.body === 'bad' && message.attempts < 3) for (;;);
        }
      } }`;
    const { name, url } = await publish(host, source, {
      alias: 'live',
      manifest: {
        limits: { deadline_ms: 2_000 },
        queues: {
          producers: [{ binding: 'OUT', queue: 'q' }],
          consumers: [{ queue: 'q', max_batch_size: 2, max_batch_timeout: 0 }],
        },
      },
    });
    await fetch(url);
    const lines = () => host.events.flatMap((each) => (each.type === 'console' && each.function === name ? [each.message] : []));
    await eventually(async () => ((await host.admin.queues())[0]!.messages === 0 ? true : undefined), 20_000);
    await expect.poll(() => lines().at(-1)).toBe('bad 3');
    expect(lines().filter((line) => line.startsWith('good'))).toEqual(['good 1']);
    expect(host.events.filter((each) => each.type === 'cell' && each.change === 'crashed').length).toBeGreaterThan(0);
  } finally {
    await host.stop();
    removeFolder(state);
  }
});
