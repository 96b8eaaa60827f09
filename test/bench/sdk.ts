import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from '../../host/platforms/node/serve.ts';
import type { RunningHost } from '../../host/platforms/running.ts';
import { bench as benchNats } from './nats.ts';
import type { BenchResult } from './run.ts';
import { bench as benchBlobs } from './sdk/blobs.ts';
import { benchKv } from './sdk/kv.ts';
import { benchLocksNats } from './sdk/locks-nats.ts';
import { benchLocks } from './sdk/locks.ts';
import { benchQueues } from './sdk/queues.ts';
import { serviceBench } from './sdk/services.ts';

type Part = () => Promise<BenchResult>;

const PARTS: readonly Part[] = [benchKv, onHost(benchLocks), benchLocksNats, benchBlobs, benchQueues, serviceBench, benchNats];

/** Bindings from a cell against what lies under them, in the same process and run; and stores against theirs. */
export async function bench(): Promise<BenchResult> {
  const results: BenchResult[] = [];
  for (const part of PARTS) results.push(await part());
  const merged = (part: 'ratios' | 'figures' | 'missing') => Object.assign({}, ...results.map((result) => result[part])) as never;
  return { ratios: merged('ratios'), figures: merged('figures'), missing: merged('missing') };
}

/** With a host on Node whose state is in a directory. */
function onHost(part: (host: RunningHost) => Promise<BenchResult>): Part {
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), 'brink-bench-'));
    const host = await startNode({ port: 0, state: join(directory, 'state') });
    try {
      return await part(host);
    } finally {
      await host.stop();
      rmSync(directory, { recursive: true });
    }
  };
}
