import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminClient } from '../../host/admin/client.ts';
import { startNode } from '../../host/platforms/node/serve.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { artifactOf } from '../conformance/harness.ts';
import { interleaved, median } from './peers.ts';
import { benchQueues } from './sdk-queues.ts';
import type { BenchResult } from './run.ts';

const KEYS = 1_000;
const VALUE = 'x'.repeat(100);
const CALLS = 20_000;
/** Of one function at a time, as a handler that reads several keys, or several handlers, would have. */
const AT_ONCE = 64;

/** A function that reads or writes as often as it is told, and says how long that took, in ms. */
const SOURCE = `export default { async fetch(request, { KV }) {
  const { searchParams } = new URL(request.url);
  const [calls, atOnce] = [Number(searchParams.get('calls')), Number(searchParams.get('at-once'))];
  if (searchParams.has('fill')) {
    for (let index = 0; index < ${KEYS}; index++) await KV.put('key-' + index, '${VALUE}');
    return new Response();
  }
  let next = 0;
  const key = () => 'key-' + next++ % ${KEYS};
  const check = (value) => {
    if (value.length !== ${VALUE.length}) throw new Error('not what was written');
  };
  const call = searchParams.has('put') ? () => KV.put(key(), '${VALUE}') : async () => check(await KV.get(key()));
  const work = async () => {
    while (next < calls) await call();
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  return new Response(String(performance.now() - started));
} }`;

/** Bindings from a cell against what lies under them, in the same process and run. */
export async function bench(): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-bench-'));
  const host = await startNode({ port: 0, state: join(directory, 'state') });
  try {
    const admin = createAdminClient({ url: host.url, token: host.token });
    await admin.publish('kv', encodeArtifact(artifactOf('kv', { 'index.js': SOURCE }, { kv_namespaces: [{ binding: 'KV' }] })));
    const ask = async (query: string) => {
      const response = await fetch(`${host.url}/kv/?${query}`);
      if (!response.ok) throw new Error(await response.text());
      return Number(await response.text());
    };
    await ask('fill');
    const bare = bareSqlite(join(directory, 'bare.sqlite'));
    const rates = await interleaved(
      {
        sqlite_get: async () => bare(),
        kv_get: async () => CALLS / (await ask(`calls=${CALLS}&at-once=${AT_ONCE}`)),
        kv_put: async () => CALLS / 20 / (await ask(`put&calls=${CALLS / 20}&at-once=${AT_ONCE}`)),
        kv_get_one_by_one: async () => CALLS / 10 / (await ask(`calls=${CALLS / 10}&at-once=1`)),
      },
      3,
    );
    const queues = await benchQueues();
    return {
      ratios: {
        ...queues.ratios,
        kv_get_vs_sqlite: median(rates['kv_get']!.map((rate, round) => rate / rates['sqlite_get']![round]!)),
      },
      figures: {
        ...queues.figures,
        ...Object.fromEntries(Object.entries(rates).map(([name, all]) => [`${name}_per_second`, Math.round(median(all) * 1000)])),
      },
    };
  } finally {
    await host.stop();
    rmSync(directory, { recursive: true });
  }
}

/** Gets per ms of a table as ours is, by its client alone. */
function bareSqlite(path: string): () => number {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID');
  const put = database.prepare('INSERT INTO entry VALUES (?, ?)');
  for (let index = 0; index < KEYS; index++) put.run(`key-${index}`, new TextEncoder().encode(VALUE));
  const get = database.prepare('SELECT value FROM entry WHERE key = ?');
  return () => {
    const started = performance.now();
    for (let call = 0; call < CALLS; call++) {
      const row = get.get(`key-${call % KEYS}`) as { value: Uint8Array };
      if (row.value.byteLength !== VALUE.length) throw new Error('not what was written');
    }
    return CALLS / (performance.now() - started);
  };
}
