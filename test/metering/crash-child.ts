import { writeSync } from 'node:fs';
import { startNode } from '../../host/platforms/node/serve.ts';

/** A client was answered; its next request begins after that. */
export interface Line {
  readonly client: number;
}

export const CLIENTS = 8;
const SOURCE = 'export default { fetch: () => new Response("ok") }';

if (import.meta.main) await loadAHost(process.argv[2]!);

/** A host that counts exactly, and clients that call it one request after another. */
async function loadAHost(directory: string): Promise<void> {
  const { artifactOf } = await import('../conformance/harness.ts');
  const { encodeArtifact } = await import('../../host/registry/artifact.ts');
  const { createAdminClient } = await import('../../host/admin/client.ts');
  const { url, token } = await startNode({ port: 0, state: directory, metering: { exact: true } });
  const admin = createAdminClient({ url, token });
  const names = Array.from({ length: CLIENTS }, (_, client) => `client-${client}`);
  const known = (await admin.functions()).map(({ name }) => name);
  for (const name of names)
    if (!known.includes(name)) await admin.publish(name, encodeArtifact(artifactOf(name, { 'index.js': SOURCE })), { alias: 'live' });
  await Promise.all(names.map((name, client) => call(`${url}/${name}/`, client)));
}

async function call(url: string, client: number): Promise<never> {
  for (;;) {
    const response = await fetch(url);
    if ((await response.text()) !== 'ok') throw new Error(`It answered ${response.status}.`);
    writeSync(1, `${JSON.stringify({ client } satisfies Line)}\n`);
  }
}
