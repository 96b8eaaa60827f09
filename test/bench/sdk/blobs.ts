import { createReadStream, createWriteStream, mkdtempSync, openSync, closeSync, fsyncSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createAdminClient } from '../../../host/admin/client.ts';
import { startNode } from '../../../host/platforms/node/serve.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';
import { interleaved, median } from '../peers.ts';
import type { BenchResult } from '../run.ts';

const SIZE = 100_000_000;
const PIECE = 256 * 1024;

/** A function that puts an object, or reads it to its end. */
const SOURCE = `export default { async fetch(request, { FILES }) {
  const piece = new Uint8Array(${PIECE}).fill(7);
  if (request.method === 'PUT') {
    let left = ${SIZE};
    const { size } = await FILES.put('large', new ReadableStream({
      pull(controller) {
        controller.enqueue(piece.slice(0, left));
        if ((left -= Math.min(left, ${PIECE})) === 0) controller.close();
      },
    }));
    return new Response(String(size));
  }
  let size = 0;
  const reader = (await FILES.get('large')).body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) size += next.value.byteLength;
  return new Response(String(size));
} }`;

/** `blob_100m_vs_copy`: an object of 100 MB put and got by a cell against a copy of such a file, synced as an object is. */
export async function bench(): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-bench-'));
  const host = await startNode({ port: 0, state: join(directory, 'state') });
  try {
    const admin = createAdminClient({ url: host.url, token: host.token });
    await admin.publish('files', encodeArtifact(artifactOf('files', { 'index.js': SOURCE }, { r2_buckets: [{ binding: 'FILES' }] })));
    const ask = async (method: string) => {
      const started = performance.now();
      const response = await fetch(`${host.url}/files/`, { method });
      const text = await response.text();
      if (text !== String(SIZE)) throw new Error(text);
      return performance.now() - started;
    };
    const rss = watchRss();
    const [from, to] = [join(directory, 'from'), join(directory, 'to')];
    await writeFile(from);
    // Writes are over each time what was there the time before.
    const rates = await interleaved({
      copy: async () => 1 / (await copied(from, to)),
      put: async () => 1 / (await ask('PUT')),
      get: async () => 1 / (await ask('GET')),
    });
    const both = rates['put']!.map((rate, round) => 1 / (1 / rate + 1 / rates['get']![round]!));
    const ms = (name: string) => Math.round(1 / median(rates[name]!));
    return {
      ratios: { blob_100m_vs_copy: median(both.map((rate, round) => rate / rates['copy']![round]!)) },
      figures: {
        blob_100m_put_ms: ms('put'),
        blob_100m_get_ms: ms('get'),
        blob_100m_copy_ms: ms('copy'),
        blob_100m_rss_grown_mb: Math.round(rss() / 2 ** 20),
      },
    };
  } finally {
    await host.stop();
    rmSync(directory, { recursive: true });
  }
}

/** The time, in ms, that a copy takes until it survives a loss of power. */
async function copied(from: string, to: string): Promise<number> {
  const started = performance.now();
  await pipeline(createReadStream(from, { highWaterMark: PIECE }), createWriteStream(to, { highWaterMark: PIECE, flush: true }));
  const folder = openSync(join(to, '..'), 'r');
  fsyncSync(folder);
  closeSync(folder);
  const took = performance.now() - started;
  if (statSync(to).size !== SIZE) throw new Error('The copy is not whole.');
  return took;
}

async function writeFile(path: string): Promise<void> {
  const pieces = function* () {
    for (let left = SIZE; left > 0; left -= PIECE) yield new Uint8Array(Math.min(PIECE, left)).fill(7);
  };
  await pipeline(pieces, createWriteStream(path));
}

/** How much more this process has had at most than now, in bytes. */
function watchRss(): () => number {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5).unref();
  return () => {
    clearInterval(timer);
    return most - before;
  };
}
