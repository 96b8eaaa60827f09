import { createAdminClient } from '../../../host/admin/client.ts';
import type { RunningHost } from '../../../host/platforms/running.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';
import { interleaved, median, startPeer } from '../peers.ts';
import type { BenchResult } from '../run.ts';
import { LOCK_LOOP } from './lock-loop.ts';

const CALLS = 4_000;
const AT_ONCE = 64;

const SOURCE = `export default { async fetch(request, { LOCKS }) {
  const once = (name) => LOCKS.request(name, (lock) => {
    if (!(lock.fence > 0)) throw new Error('no fence');
  });
  ${LOCK_LOOP}
} }`;

/** A lock that nobody else wants, taken and given back: from a cell, its state on the disk, against one in a Durable Object. */
export async function benchLocks(host: RunningHost): Promise<Omit<BenchResult, 'missing'>> {
  const admin = createAdminClient({ url: host.url, token: host.token });
  await admin.publish('locks', encodeArtifact(artifactOf('locks', { 'index.js': SOURCE }, { locks: [{ binding: 'LOCKS' }] })));
  const peer = await startPeer('lock-object');
  const rate = (url: string, calls: number, atOnce: number) => async () => {
    const response = await fetch(`${url}?calls=${calls}&at-once=${atOnce}`);
    if (!response.ok) throw new Error(await response.text());
    return calls / Number(await response.text());
  };
  try {
    const [ours, theirs] = [`${host.url}/locks/`, `http://127.0.0.1:${peer.port}/`];
    const rates = await interleaved({
      lock_miniflare_do: rate(theirs, CALLS / 20, AT_ONCE),
      lock: rate(ours, CALLS, AT_ONCE),
      lock_miniflare_do_one_by_one: rate(theirs, CALLS / 80, 1),
      lock_one_by_one: rate(ours, CALLS / 10, 1),
    });
    return {
      ratios: { lock_vs_miniflare_do: median(rates['lock']!.map((each, round) => each / rates['lock_miniflare_do']![round]!)) },
      figures: Object.fromEntries(Object.entries(rates).map(([name, all]) => [`${name}_per_second`, Math.round(median(all) * 1000)])),
    };
  } finally {
    peer.stop();
  }
}
