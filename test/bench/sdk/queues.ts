import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createAdminClient } from '../../../host/admin/client.ts';
import { startNode } from '../../../host/platforms/node/serve.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';
import { startPlainWorkers, type PlainWorkers } from '../../plain-workers.ts';
import { interleaved, median } from '../peers.ts';
import type { BenchResult } from '../run.ts';

const MESSAGES = 10_000;
/** Of one `sendBatch`, and of one batch of the consumer: the most that Workers takes. */
const BATCH = 100;
const SENDERS = 16;
/** Rounds that are not measured. */
const WARM = 3;

/** Sends messages of 1 KB and says, in ms, how long it took until the last of them was handled. */
const SOURCE = `
  let done = 0;
  let wanted = Infinity;
  let finished;
  export default {
    async fetch(request, env) {
      const count = Number(new URL(request.url).searchParams.get('count'));
      const body = 'x'.repeat(1000);
      done = 0;
      const all = new Promise((resolve) => (finished = resolve));
      wanted = count;
      const started = Date.now();
      let left = count / ${BATCH};
      const work = async () => {
        while (left-- > 0) await env.OUT.sendBatch(Array.from({ length: ${BATCH} }, () => ({ body, contentType: 'text' })));
      };
      await Promise.all(Array.from({ length: ${SENDERS} }, work));
      while (done < wanted) await new Promise((resolve) => setTimeout(resolve, 1));
      return new Response(String(Date.now() - started));
    },
    async queue({ messages }) {
      for (const message of messages) if (message.body.length !== 1000) throw new Error('not what was sent');
      done += messages.length;
    },
  };`;

/**
 * Queues of the host on Node, messages a second from send to ack: in a state directory against bare SQLite, and in memory
 * against Miniflare's own, which is in memory too.
 */
export async function benchQueues(): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-bench-'));
  const host = await startNode({ port: 0, state: join(directory, 'state') });
  const inMemory = await startNode({ port: 0, state: null });
  const miniflare = await startMiniflareQueue();
  try {
    const queues = {
      producers: [{ binding: 'OUT', queue: 'bench' }],
      consumers: [{ queue: 'bench', max_batch_size: BATCH, max_batch_timeout: 0 }],
    };
    const artifact = encodeArtifact(artifactOf('bench', { 'index.js': SOURCE }, { queues }));
    for (const { url, token } of [host, inMemory]) await createAdminClient({ url, token }).publish('bench', artifact);
    const through = async (url: string, count: number) => {
      const response = await fetch(`${url}?count=${count}`);
      if (!response.ok) throw new Error(await response.text());
      return (count / Number(await response.text())) * 1000;
    };
    // Until each runs as it will go on: most of what a first round takes is compiling.
    for (const url of [`${host.url}/bench/`, `${inMemory.url}/bench/`, miniflare.url]) {
      for (let round = 0; round < WARM; round++) await through(url, MESSAGES);
    }
    const bare = bareSqlite(join(directory, 'bare.sqlite'));
    const rates = await interleaved(
      {
        queue: () => through(`${host.url}/bench/`, MESSAGES),
        queue_in_memory: () => through(`${inMemory.url}/bench/`, MESSAGES),
        sqlite: async () => bare(MESSAGES),
        miniflare_queue: () => through(miniflare.url, MESSAGES),
      },
      5,
    );
    const by = (own: string, peer: string) => median(rates[own]!.map((rate, round) => rate / rates[peer]![round]!));
    return {
      ratios: { queue_vs_sqlite: by('queue', 'sqlite'), queue_vs_miniflare: by('queue_in_memory', 'miniflare_queue') },
      figures: Object.fromEntries(Object.entries(rates).map(([name, all]) => [`${name}_messages_per_second`, Math.round(median(all))])),
    };
  } finally {
    await Promise.all([host.stop(), inMemory.stop()]);
    await miniflare.close();
    rmSync(directory, { recursive: true });
  }
}

/** With its largest batches, and no wait for them to fill. */
function startMiniflareQueue(): Promise<PlainWorkers> {
  const env = { OUT: { type: 'queue' as const, name: 'bench' } };
  const triggers = [{ type: 'queue' as const, name: 'bench', maxBatchSize: BATCH, maxBatchTimeout: 0 }];
  return startPlainWorkers([{ name: 'bench', source: SOURCE, env, triggers }], { handleStructuredLogs: () => {} });
}

/** Messages a second that are inserted, read and deleted by batches, each step in a transaction that is synced as ours are. */
function bareSqlite(path: string): (count: number) => number {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE message (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)');
  const insert = database.prepare('INSERT INTO message (body) VALUES (?)');
  const next = database.prepare('SELECT seq, body FROM message ORDER BY seq LIMIT ?');
  const remove = database.prepare('DELETE FROM message WHERE seq = ?');
  const body = new TextEncoder().encode('x'.repeat(1_000));
  const step = (work: () => void) => {
    database.exec('BEGIN IMMEDIATE');
    work();
    database.exec('COMMIT');
  };
  return (count) => {
    const started = performance.now();
    for (let sent = 0; sent < count; sent += BATCH) {
      step(() => {
        for (let index = 0; index < BATCH; index++) insert.run(body);
      });
    }
    for (let taken = 0; taken < count; taken += BATCH) {
      step(() => {
        for (const row of next.all(BATCH) as { seq: number; body: Uint8Array }[]) {
          if (row.body.byteLength !== 1_000) throw new Error('not what was written');
          remove.run(row.seq);
        }
      });
    }
    return (count / (performance.now() - started)) * 1000;
  };
}
