import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { createAdminClient } from '../../../host/admin/client.ts';
import { startMiniflare } from '../../../host/platforms/miniflare/serve.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';
import { median } from '../peers.ts';

const TIMES = 5;
const SOURCE = "export default { fetch: () => new Response('hello') };";

/** Milliseconds from SIGKILL of the workerd behind its supervisor to the next answer of a function. */
export async function workerdRestart(): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < TIMES; time++) times.push(await once());
  return Math.round(median(times));
}

/** A host of its own each time: one whose runtime ends again and again waits longer before the next. */
async function once(): Promise<number> {
  const host = await startMiniflare({ port: 0, state: null, supervision: {} });
  try {
    await createAdminClient(host).publish('hello', encodeArtifact(artifactOf('hello', { 'index.js': SOURCE })), { alias: 'live' });
    if ((await statusOf(`${host.url}/hello/`)) !== 200) throw new Error('The function does not answer.');
    const pid = Number(execFileSync('pgrep', ['-P', String(process.pid), '-x', 'workerd'], { encoding: 'utf8' }));
    const start = performance.now();
    process.kill(pid, 'SIGKILL');
    // What has come before the runtime's end is told so; what comes later waits for the next one.
    while ((await statusOf(`${host.url}/hello/`)) !== 200);
    return performance.now() - start;
  } finally {
    await host.stop();
  }
}

function statusOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false }, (response) => response.resume().once('end', () => resolve(response.statusCode!)));
    asked.once('error', reject).end();
  });
}
