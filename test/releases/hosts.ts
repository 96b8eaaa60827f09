import type { InvocationEvent, ReleaseEvent } from '../../host/observe/events.ts';
import { createMemoryLog } from '../../host/observe/log.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { Freezes } from '../../host/registry/freezes.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { Registry } from '../../host/registry/registry.ts';
import type { ReleaseRequest } from '../../host/registry/release-change.ts';
import { tellReleases } from '../../host/releases/release-events.ts';
import { createReleases, type Releases } from '../../host/releases/releases.ts';
import type { Store } from '../../host/stores/store.ts';
import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';

export interface TestHost {
  readonly store: Store;
  readonly registry: Registry;
  readonly freezes: Freezes;
  readonly releases: Releases;
  readonly events: readonly ReleaseEvent[];
  /** Requests that this host has answered. */
  answered(version: number, outcomes: { readonly good: number; readonly failed?: number; readonly ms?: number }): void;
}

/** Hosts that share a store, without cells: what becomes of requests is said. Their clock stands still until it is moved. */
export async function openHosts(count: number) {
  const clock = { time: Date.UTC(2026, 5, 1) };
  const now = () => clock.time;
  const store = createMemoryStore(now);
  const blobs = createMemoryBlobs();
  const asked: number[] = [];
  const hosts = Array.from({ length: count }, (): TestHost => {
    const events: ReleaseEvent[] = [];
    const log = createMemoryLog((event) => void (event.type === 'release' && events.push(event)));
    const registry = new Registry({ store, blobs, now, changed: tellReleases(log.emit, now) });
    const freezes = new Freezes({ store, now });
    const manage = async (_binding: unknown, _method: string, [time]: readonly unknown[]) => void asked.push(time as number);
    const platform = { log, manage, now, store, waitUntil: () => {} };
    const releases: Releases = createReleases({ platform, registry, freezes, changed: () => {} });
    return {
      store,
      registry,
      freezes,
      releases,
      events,
      answered(version, { good, failed = 0, ms = 10 }) {
        for (let index = 0; index < good + failed; index++) {
          releases.counted({ ...REQUEST, version, status: index < good ? 200 : 500, durationMs: ms });
        }
      },
    };
  });
  const [first] = hosts;
  for (const text of ['one', 'two', 'three']) await first!.registry.publish('fn', artifactOf(text), { probe: async () => ['fetch'] });
  return {
    hosts,
    asked,
    clock,
    ask: (plan: Partial<ReleaseRequest> = {}) => first!.releases.ask('fn', { ...PLAN, ...plan }, { by: 'token' }),
    /** Has every host do what is due at once, and read what then is. */
    async step(ms: number) {
      clock.time += ms;
      const next = await Promise.all(hosts.map((host) => host.releases.due('fn')));
      const record = await first!.registry.get('fn');
      for (const host of hosts) host.releases.follow('fn', record);
      return { next, release: record.releases![0]!, weights: record.aliases['live']!.versions };
    },
  };
}

const PLAN: ReleaseRequest = { alias: 'live', to: 2, steps: [10, 50, 100], every: 10_000, guard: '' };

const REQUEST: InvocationEvent = {
  type: 'invocation',
  time: 0,
  function: 'fn',
  version: 1,
  alias: 'live',
  trigger: 'http',
  method: 'GET',
  path: '/',
  status: 200,
  outcome: 'ok',
  durationMs: 10,
  cold: false,
  requestId: '0'.repeat(16),
  traceId: '0'.repeat(32),
};

function artifactOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(`export default { fetch: () => new Response(${JSON.stringify(text)}) };`);
  const manifest = parseManifest({ name: 'fn', compatibility_date: '2026-01-01' });
  return encodeArtifact({ manifest, mainModule: 'index.js', modules: { 'index.js': { type: 'js', bytes } } });
}
