import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminClient } from '../../../host/admin/client.ts';
import { startNode } from '../../../host/platforms/node/serve.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';

const MESSAGES = 400;
const EVERY = 10;

/** One message after another, and how long it took in ms from its send to its handler. */
const SOURCE = `
  const took = [];
  export default {
    async fetch(request, env) {
      took.length = 0;
      for (let sent = 0; sent < ${MESSAGES}; sent++) {
        await env.OUT.send(performance.now());
        await new Promise((resolve) => setTimeout(resolve, ${EVERY}));
      }
      while (took.length < ${MESSAGES}) await new Promise((resolve) => setTimeout(resolve, ${EVERY}));
      return Response.json(took.toSorted((a, b) => a - b));
    },
    async queue({ messages }) {
      for (const { body } of messages) took.push(performance.now() - body);
    },
  };`;

/** From `send` to the start of the handler, where there is little to do, with state in a directory. */
export async function benchLatency(): Promise<Record<string, number>> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-bench-'));
  const host = await startNode({ port: 0, state: join(directory, 'state') });
  try {
    const queues = { producers: [{ binding: 'OUT', queue: 'out' }], consumers: [{ queue: 'out', max_batch_timeout: 0 }] };
    const artifact = encodeArtifact(artifactOf('bench', { 'index.js': SOURCE }, { queues, scaling: { max_cells: 1 } }));
    await createAdminClient(host).publish('bench', artifact);
    await fetch(`${host.url}/bench/`);
    const took = (await (await fetch(`${host.url}/bench/`)).json()) as number[];
    const at = (part: number) => Math.round(took[Math.floor(took.length * part)]! * 100) / 100;
    return { delivery_p50_ms: at(0.5), delivery_p99_ms: at(0.99) };
  } finally {
    await host.stop();
    rmSync(directory, { recursive: true });
  }
}
