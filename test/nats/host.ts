import { createAdminClient, type AdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { start, temporaryFolder, type Serving } from '../cli/brink.ts';
import { artifactOf } from '../conformance/harness.ts';

/** A host in a process of its own. */
export interface ServingHost extends Serving {
  readonly admin: AdminClient;
  /** Of one type, oldest first. */
  events<Type extends HostEvent['type']>(type: Type): Extract<HostEvent, { type: Type }>[];
  publish(name: string, source: string, options?: { alias?: string; manifest?: Record<string, unknown> }): Promise<number>;
  text(path: string, init?: RequestInit): Promise<string>;
}

export const SECRET_KEY = Buffer.alloc(32, 7).toString('base64');

const LISTENING = /"listening":"([^"]+)"/;

export async function serveOn(
  nats: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<ServingHost> {
  const folder = temporaryFolder();
  const options = { cwd: folder.path, env: { BRINK_SECRET_KEY: SECRET_KEY, BRINK_NATS: nats, ...env } };
  const host = start(['serve', '--port', '0', '--json', ...args], options);
  await host.says(LISTENING);
  const url = LISTENING.exec(host.stdout())![1]!;
  const admin = createAdminClient({ url, token: null });
  return {
    ...host,
    url,
    admin,
    events: (type) =>
      host
        .stdout()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as HostEvent)
        .filter((event) => event.type === type) as never,
    async publish(name, source, { alias, manifest = {} } = {}) {
      const bytes = encodeArtifact(artifactOf(name, { 'index.js': source }, manifest));
      return (await admin.publish(name, bytes, { ...(alias !== undefined && { alias }) })).version;
    },
    text: async (path, init) => (await fetch(url + path, init)).text(),
    async stop(signal) {
      const code = await host.stop(signal);
      folder.remove();
      return code;
    },
  };
}
