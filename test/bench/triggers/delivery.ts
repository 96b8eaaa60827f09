import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminClient } from '../../../host/admin/client.ts';
import { startNode } from '../../../host/platforms/node/serve.ts';
import { openSql } from '../../../host/platforms/node/sql.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { createSqlQueue } from '../../../host/stores/queue-sql.ts';
import type { Queue } from '../../../host/stores/queue.ts';
import { artifactOf } from '../../conformance/harness.ts';
import { startPlainWorkers } from '../../plain-workers.ts';
import { interleaved, median } from '../peers.ts';
import type { BenchResult } from '../run.ts';

const MESSAGES = 5_000;
/** Of one `sendBatch`: the most that Workers takes. */
const SENT = 100;
const SENDERS = 16;
/** What Workers has where a consumer does not say, and the most that it takes. */
const BATCHES = [10, 100];
const LANES = 10;
/** Rounds that are not measured: most of what they take is compiling. */
const WARM = 3;

/** Sends messages of 1 KB to each of its queues, and says how many of them were handled in a second. */
const SOURCE = `
  let done = 0;
  export default {
    async fetch(request, env) {
      const count = Number(new URL(request.url).searchParams.get('count'));
      const out = env[new URL(request.url).searchParams.get('queue')];
      const body = 'x'.repeat(1000);
      done = 0;
      const started = Date.now();
      let left = count / ${SENT};
      const work = async () => {
        while (left-- > 0) await out.sendBatch(Array.from({ length: ${SENT} }, () => ({ body, contentType: 'text' })));
      };
      await Promise.all(Array.from({ length: ${SENDERS} }, work));
      while (done < count) await new Promise((resolve) => setTimeout(resolve, 1));
      return new Response(String((count / (Date.now() - started)) * 1000));
    },
    async queue({ messages }) {
      for (const message of messages) if (message.body.length !== 1000) throw new Error('not what was sent');
      done += messages.length;
    },
  };`;

/**
 * Messages a second from send to ack, with a handler that is called for each batch: ours lie in SQLite and survive `kill -9`
 * and power loss, Miniflare's in memory. And against what our own store does, where no function is called.
 */
export async function benchDelivery(): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-bench-'));
  const host = await startNode({ port: 0, state: join(directory, 'state') });
  const sql = openSql(join(directory, 'bare.sqlite'));
  const miniflare = await startPlainWorkers(
    [
      {
        name: 'bench',
        source: SOURCE,
        env: Object.fromEntries(BATCHES.map((size) => [`Q${size}`, { type: 'queue' as const, name: `q${size}` }])),
        triggers: BATCHES.map((size) => ({ type: 'queue' as const, name: `q${size}`, maxBatchSize: size, maxBatchTimeout: 0 })),
      },
    ],
    { handleStructuredLogs: () => {} },
  );
  try {
    const queues = {
      producers: BATCHES.map((size) => ({ binding: `Q${size}`, queue: `q${size}` })),
      consumers: BATCHES.map((size) => ({ queue: `q${size}`, max_batch_size: size, max_batch_timeout: 0 })),
    };
    const artifact = encodeArtifact(artifactOf('bench', { 'index.js': SOURCE }, { queues, scaling: { max_cells: 1 } }));
    await createAdminClient(host).publish('bench', artifact);
    const store = createSqlQueue(sql, Date.now);
    const runs = BATCHES.map((size) => [
      [`delivery_${size}`, () => through(`${host.url}/bench/`, size)],
      [`store_${size}`, () => throughStore(store, size)],
      [`miniflare_${size}`, () => through(miniflare.url, size)],
    ]);
    const rates = await interleaved(Object.fromEntries(runs.flat()) as Record<string, () => Promise<number>>, WARM);
    const by = (own: string, peer: string) => median(rates[own]!.map((rate, round) => rate / rates[peer]![round]!));
    return {
      ratios: {
        queue_delivery_vs_miniflare: by('delivery_10', 'miniflare_10'),
        queue_delivery_vs_store: by('delivery_10', 'store_10'),
        queue_delivery_batch_100_vs_miniflare: by('delivery_100', 'miniflare_100'),
        queue_delivery_batch_100_vs_store: by('delivery_100', 'store_100'),
      },
      figures: Object.fromEntries(Object.entries(rates).map(([name, all]) => [`${name}_messages_per_second`, Math.round(median(all))])),
    };
  } finally {
    await host.stop();
    await miniflare.close();
    sql.close();
    rmSync(directory, { recursive: true });
  }
}

async function through(url: string, size: number): Promise<number> {
  const response = await fetch(`${url}?count=${MESSAGES}&queue=Q${size}`);
  if (!response.ok) throw new Error(await response.text());
  return Number(await response.text());
}

/** The same calls of the store as those of a host. */
async function throughStore(queue: Queue, size: number): Promise<number> {
  const body = new TextEncoder().encode('x'.repeat(1_000));
  const started = performance.now();
  let left = MESSAGES / SENT;
  const send = async () => {
    while (left-- > 0) {
      const messages = Array.from({ length: SENT }, () => ({ id: crypto.randomUUID(), body, type: 'text' as const, sent: Date.now() }));
      await queue.send('bench', messages);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  const lane = async () => {
    let { lease, messages } = await queue.lease('bench', { limit: size, ms: 60_000 });
    while (messages.length > 0) {
      const acks = messages.map(({ id }) => ({ id, to: 'ack' as const }));
      [{ lease, messages }] = await Promise.all([queue.lease('bench', { limit: size, ms: 60_000 }), queue.settle('bench', lease, acks)]);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return (MESSAGES / (performance.now() - started)) * 1000;
}
