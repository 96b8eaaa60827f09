import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminClient } from '../../host/admin/client.ts';
import { startNode } from '../../host/platforms/node/serve.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { artifactOf } from '../conformance/harness.ts';
import { startPlainWorkers } from '../plain-workers.ts';
import { interleaved, median } from './peers.ts';
import type { BenchResult } from './run.ts';

const ROWS = 1_000;
const CALLS = 200;
const AT_ONCE = 8;

/** A Worker that reads or writes as often as it is told; the caller keeps the time, since a Worker's clock may stand still. */
const SOURCE = `export default { async fetch(request, { DB }) {
  const { searchParams } = new URL(request.url);
  if (searchParams.has('fill')) {
    await DB.exec('CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT)');
    await DB.batch(Array.from({ length: ${ROWS} }, (_, id) => DB.prepare('INSERT INTO item VALUES (?, ?)').bind(id, 'x'.repeat(100))));
    return new Response();
  }
  let next = 0;
  const read = () => DB.prepare('SELECT text FROM item WHERE id = ?').bind(next++ % ${ROWS}).first('text');
  const write = () => DB.prepare('UPDATE item SET text = ? WHERE id = ?').bind('y'.repeat(100), next++ % ${ROWS}).run();
  const call = searchParams.has('write') ? write : read;
  const work = async () => {
    while (next < ${CALLS}) await call();
  };
  await Promise.all(Array.from({ length: ${AT_ONCE} }, work));
  return new Response();
} }`;

/** D1 from a cell on Node, whose writes are synced, against Miniflare's own D1 from a plain Worker, both with files. */
export async function bench(): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-bench-'));
  const host = await startNode({ port: 0, state: join(directory, 'state') });
  const miniflare = await startPlainWorkers([{ name: 'd1', source: SOURCE, env: { DB: { type: 'd1', id: 'bench' } } }], {
    resourcePersistencePath: join(directory, 'miniflare'),
  });
  try {
    const manifest = { d1_databases: [{ binding: 'DB' }] };
    await createAdminClient({ url: host.url, token: host.token }).publish(
      'd1',
      encodeArtifact(artifactOf('d1', { 'index.js': SOURCE }, manifest)),
    );
    const urls = { ours: `${host.url}/d1/`, theirs: miniflare.url };
    const rate = async (url: string, query: string) => {
      const started = performance.now();
      const response = await fetch(`${url}?${query}`);
      if (!response.ok) throw new Error(await response.text());
      return CALLS / (performance.now() - started);
    };
    await rate(urls.ours, 'fill');
    await rate(urls.theirs, 'fill');
    const rates = await interleaved(
      {
        d1_read: () => rate(urls.ours, 'read'),
        miniflare_read: () => rate(urls.theirs, 'read'),
        d1_write: () => rate(urls.ours, 'write'),
        miniflare_write: () => rate(urls.theirs, 'write'),
      },
      3,
    );
    const against = (what: string) => median(rates[`d1_${what}`]!.map((each, round) => each / rates[`miniflare_${what}`]![round]!));
    return {
      ratios: { d1_read_vs_miniflare: against('read'), d1_write_vs_miniflare: against('write') },
      figures: Object.fromEntries(Object.entries(rates).map(([name, all]) => [`${name}s_per_second`, Math.round(median(all) * 1000)])),
    };
  } finally {
    await miniflare.close();
    await host.stop();
    rmSync(directory, { recursive: true });
  }
}
