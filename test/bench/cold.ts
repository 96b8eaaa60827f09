import { setTimeout } from 'node:timers/promises';
import { createAdminClient } from '../../host/admin/client.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { functionOf } from './peers/functions.ts';
import { median, type Peer } from './peers.ts';

const TIMES = 12;
/** Ms: by then a host that has nothing to do has made ready for the next one, as far as it does. */
const SETTLES = 200;

/** Milliseconds from sending the first request to a version that has no cell yet until its whole response is there. */
export async function coldStart({ port, token }: Peer): Promise<number> {
  const url = `http://127.0.0.1:${port}`;
  const admin = createAdminClient({ url, token });
  const times: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const { version } = await admin.publish(
      'cold',
      encodeArtifact(functionOf('cold', `export default { fetch: () => new Response('${time} ${Math.random()}') }`)),
    );
    await setTimeout(SETTLES);
    const start = performance.now();
    const response = await fetch(`${url}/cold@${version}/`);
    await response.text();
    if (!response.ok) throw new Error(`The first request to version ${version} got ${response.status}.`);
    times.push(performance.now() - start);
  }
  return Math.round(median(times) * 10) / 10;
}
