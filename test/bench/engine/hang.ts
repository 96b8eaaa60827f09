import { createAdminClient } from '../../../host/admin/client.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';
import { median, type Peer } from '../peers.ts';

const DEADLINE = 300;
const TIMES = 5;
const SOURCE = `export default {
  fetch(request) {
    while (new URL(request.url).search === '?hang');
    return new Response('hello');
  },
};`;

/**
 * Milliseconds past its deadline that a function is away which never comes back from a handler: until its own request
 * has a 504, and the next one the answer of a fresh cell.
 */
export async function hangRecovery({ port, token }: Peer): Promise<number> {
  const url = `http://127.0.0.1:${port}`;
  const admin = createAdminClient({ url, token });
  const times: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    // Of its own each time: one that has hung before is not started again at once.
    const name = `hang-${time}`;
    await admin.publish(name, encodeArtifact(artifactOf(name, { 'index.js': SOURCE }, { limits: { deadline_ms: DEADLINE } })), {
      alias: 'live',
    });
    await answer(`${url}/${name}/`, 200);
    const start = performance.now();
    await answer(`${url}/${name}/?hang`, 504);
    await answer(`${url}/${name}/`, 200);
    times.push(performance.now() - start - DEADLINE);
  }
  return Math.round(median(times));
}

async function answer(url: string, status: number): Promise<void> {
  const response = await fetch(url);
  await response.text();
  if (response.status !== status) throw new Error(`${url} answers with ${response.status}, not ${status}.`);
}
