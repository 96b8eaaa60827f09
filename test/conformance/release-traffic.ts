import type { ReleaseResult } from '../../host/admin/schemas/releases.ts';
import { eventually, freshName, publish, type TestHost } from './harness.ts';

/** Two versions of a function: `live` names the first, and a release is to name the second. */
export async function publishPair(host: TestHost, { bad = '', name = freshName() }: { bad?: string; name?: string } = {}) {
  const source = (version: number, more: string) => `
    let calls = 0;
    export default { async fetch() { calls++; ${more} return new Response('v${version}'); } };
  `;
  const manifest = { scaling: { max_cells: 1 } };
  await publish(host, source(1, ''), { name, alias: 'live', manifest });
  const { version } = await publish(host, source(2, bad), { name, manifest });
  return { name, version, url: `${host.url}/${name}/` };
}

export interface Traffic {
  /** How often each version has answered, and with a status of 500. */
  readonly seen: Record<string, number>;
  stop(): Promise<void>;
}

/** Clients that send one request after the other. */
export function sendTraffic(url: string, clients = 4): Traffic {
  const seen: Record<string, number> = {};
  let going = true;
  const client = async () => {
    while (going) {
      const response = await fetch(url).catch(() => null);
      const text = response === null ? 'none' : response.status >= 500 ? 'failed' : await response.text();
      if (response?.body && !response.bodyUsed) await response.body.cancel();
      seen[text] = (seen[text] ?? 0) + 1;
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    seen,
    async stop() {
      going = false;
      await all;
    },
  };
}

/** The release once it is as it is wanted. */
export function becomes(host: TestHost, { name, id }: { name: string; id: number }, wanted: (release: ReleaseResult) => boolean) {
  return eventually(async () => {
    const release = await host.admin.release(name, id);
    if (wanted(release)) return release;
    // Who looks all the time keeps the host from what it is looked at for.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return undefined;
  }, 50_000);
}

export function isOver({ state }: ReleaseResult): boolean {
  return state === 'done' || state === 'rolled-back' || state === 'aborted';
}
