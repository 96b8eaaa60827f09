import { createAdmin } from '../../host/admin/api.ts';
import { createProbes } from '../../host/admin/probes.ts';
import { createAdminClient } from '../../host/admin/client.ts';
import type { AdminPolicy } from '../../host/admin/policy.ts';
import type { Cell, Engine } from '../../host/dispatch/cell.ts';
import { createMailbox } from '../../host/mail/mailbox.ts';
import { createMemoryLog, type EventLog } from '../../host/observe/log.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import type { Condition } from '../../host/platform.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { Freezes } from '../../host/registry/freezes.ts';
import { Pool } from '../../host/dispatch/pool/pool.ts';
import { DEFAULT_LIMITS } from '../../host/dispatch/pool/settings.ts';
import { createShadows } from '../../host/shadows/shadows.ts';
import { createReleases } from '../../host/releases/releases.ts';
import { PublishPolicies } from '../../host/registry/publish-policy.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createKeyring } from '../../host/secrets/keyring.ts';
import type { Store } from '../../host/stores/store.ts';
import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';
import { ApiKeys } from '../../host/gateway/auth/api-keys.ts';
import { Hono } from 'hono';
import { memoryDatabases } from '../../host/platforms/node/d1/memory.ts';

export const TOKEN = 'a-token-for-tests';
export const KEY = new Uint8Array(32).fill(7);
export const ORIGIN = 'http://localhost:8787';

export interface AdminSetup {
  /** Of secrets: the first encrypts. `KEY` by default. */
  readonly keys?: readonly Uint8Array<ArrayBuffer>[];
  readonly store?: Store;
  readonly policy?: Partial<AdminPolicy>;
  readonly address?: string | null;
  /** All is well by default. */
  readonly condition?: Partial<Condition>;
}

/** The admin API on memory, mounted as the host mounts it. Its engine names handlers and evaluates nothing. */
export function adminOnMemory({ policy, address = '127.0.0.1', keys = [KEY], store, condition }: AdminSetup = {}) {
  const changes: string[] = [];
  const scheduled: unknown[] = [];
  const now = () => 1_767_225_600_000;
  const log: EventLog = createMemoryLog();
  const kept = store ?? createMemoryStore(now);
  const blobs = createMemoryBlobs();
  const registry = new Registry({
    store: kept,
    blobs,
    keyring: createKeyring(() => keys),
    now,
  });
  const freezes = new Freezes({ store: kept, now });
  const changed = (name: string) => void changes.push(name);
  const platform = {
    log,
    manage: null,
    now,
    random: () => 0,
    registryMaxAge: Infinity,
    responses: { memory: 0, store: null, apart: false },
    store: kept,
    waitUntil: () => {},
  };
  const pool = new Pool({ engine: namingEngine(), events: log.emit, limits: DEFAULT_LIMITS, now, random: () => 0, waitUntil: () => {} });
  const version = () => Promise.reject(new Error('nothing here runs'));
  const admin = createAdmin({
    registry,
    freezes,
    releases: createReleases({ platform, registry, freezes, changed }),
    shadows: createShadows({ platform, registry, pool, version, changed }),
    probes: createProbes({
      engine: namingEngine(),
      store: kept,
      condition: () => ({ draining: false, overloaded: false, cutOff: false, ...condition }),
      now,
    }),
    apiKeys: new ApiKeys({ store: kept, now, maxAge: Infinity }),
    engine: namingEngine(),
    databases: memoryDatabases(),
    log,
    policy: { token: TOKEN, loopback: true, ...policy },
    now,
    connection: () => ({ address, rawHeaders: null, raw: null }),
    schedules: null,
    invokeScheduled: async (name, reference, event) => {
      scheduled.push([name, reference, event]);
      return { outcome: 'ok', noRetry: false };
    },
    queues: { queue: createMemoryQueue(now), wake: () => Promise.resolve() },
    invokeEmail: () => Promise.reject(new Error('nothing here runs')),
    mailRoute: () => Promise.resolve(null),
    mailbox: createMailbox({ store: createMemoryStore(now), now }),
    invokeQueue: () => Promise.reject(new Error('nothing here runs')),
    describe: async () => [],
    cells: () => [],
    classes: () => [],
    purge: () => Promise.resolve(),
    usage: null,
    queueChanged: () => Promise.resolve(),
    changed,
    rulesChanged: () => {},
    publishPolicies: new PublishPolicies({ store: kept, blobs, now }),
    publishCheck: { publish: () => Promise.resolve(), move: () => Promise.resolve() },
  });
  const app = new Hono().route('/_brink', admin);
  const client = createAdminClient({ url: ORIGIN, token: TOKEN, fetch: async (request) => app.fetch(request) });
  return { app, client, registry, log, changes, scheduled };
}

/** An artifact of which nothing but its manifest matters; `text` makes it another version. */
export function artifactOf(name: string, text = '', manifest: Record<string, unknown> = {}): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(`export default { fetch: () => new Response(${JSON.stringify(text)}) };`);
  const parsed = parseManifest({ name, compatibility_date: '2026-01-01', ...manifest });
  return encodeArtifact({ manifest: parsed, mainModule: 'index.js', modules: { 'index.js': { type: 'js', bytes } } });
}

function namingEngine(): Engine {
  return {
    name: 'node',
    scales: true,
    cell(): Cell {
      throw new Error('Admin tests start no cells.');
    },
    probe: async () => ['fetch'],
    serve() {},
    stop: async () => {},
  };
}
