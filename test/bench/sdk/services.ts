import { createAdminClient } from '../../../host/admin/client.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';
import { HELLO } from '../peers/functions.ts';
import { interleaved, measure, median, startPeer, type Peer } from '../peers.ts';
import type { BenchResult } from '../run.ts';

const SOURCES = {
  hello: HELLO,
  fetching: `export default { fetch: (request, env) => env.OTHER.fetch('https://other/') }`,
  calling: `export default { fetch: async (request, env) => new Response(await env.RPC.hello()) }`,
  rpc: `import { WorkerEntrypoint } from 'cloudflare:workers'; export default class extends WorkerEntrypoint { hello() { return 'hello' } }`,
};
const SERVICES = [
  { binding: 'OTHER', service: 'hello' },
  { binding: 'RPC', service: 'rpc' },
];
const ROUND = { seconds: 0.5 };

/** A request that is answered by way of a second function, against one that its function answers itself, on the same host. */
export async function serviceBench(): Promise<BenchResult> {
  const peers = {
    node: await startPeer('node-cell'),
    workerd: await startPeer('loader'),
    bare: await startPeer('workerd'),
    bound: await startPeer('workerd-service'),
  };
  try {
    await publishAll(peers.node);
    await publishAll(peers.workerd);
    const at = (peer: Peer, name: string) => () => measure({ ...ROUND, port: peer.port, path: `/${name}/` });
    const rates = await interleaved({
      node_hello: at(peers.node, 'hello'),
      node_service_fetch: at(peers.node, 'fetching'),
      node_service_rpc: at(peers.node, 'calling'),
      workerd_hello: at(peers.workerd, 'hello'),
      workerd_service_fetch: at(peers.workerd, 'fetching'),
      workerd_service_rpc: at(peers.workerd, 'calling'),
      bare_hello: () => measure({ ...ROUND, port: peers.bare.port }),
      bare_service_fetch: () => measure({ ...ROUND, port: peers.bound.port }),
    });
    const ratio = (ours: string, peer: string) => median(rates[ours]!.map((rate, round) => rate / rates[peer]![round]!));
    return {
      ratios: {
        service_fetch_vs_http: ratio('node_service_fetch', 'node_hello'),
        service_rpc_vs_http: ratio('node_service_rpc', 'node_hello'),
        workerd_service_fetch_vs_http: ratio('workerd_service_fetch', 'workerd_hello'),
        workerd_service_rpc_vs_http: ratio('workerd_service_rpc', 'workerd_hello'),
        bare_workerd_service_fetch_vs_http: ratio('bare_service_fetch', 'bare_hello'),
      },
      figures: Object.fromEntries(Object.entries(rates).map(([name, all]) => [`${name}_per_second`, Math.round(median(all))])),
    };
  } finally {
    Object.values(peers).forEach((peer) => peer.stop());
  }
}

async function publishAll({ port, token }: Peer): Promise<void> {
  const admin = createAdminClient({ url: `http://127.0.0.1:${port}`, token: token! });
  for (const [name, source] of Object.entries(SOURCES)) {
    await admin.publish(name, encodeArtifact(artifactOf(name, { 'index.js': source }, { services: SERVICES })));
  }
}
