import { waitUntil } from 'cloudflare:workers';
import { AsyncLocalStorage } from 'node:async_hooks';
import { documents, entries, mains, secrets } from 'brink:static';
import { createHost, type Host } from '../../app.ts';
import { captureConsole } from '../../cell/console.ts';
import { DEFAULT_LIMITS } from '../../cell/limits.ts';
import { LogBudget } from '../../cell/log-budget.ts';
import type { Running } from '../../cell/invocation.ts';
import { tracedFetch } from '../../cell/workerd/outgoing.ts';
import type { Engine } from '../../dispatch/cell.ts';
import { BrinkError } from '../../errors.ts';
import type { ConsoleLevel, HostEvent } from '../../observe/events.ts';
import { createMemoryLog } from '../../observe/log.ts';
import type { Keyring } from '../../secrets/keyring.ts';
import { createMemoryBlobs, createMemoryStore } from '../../stores/memory.ts';
import { createMailbox } from '../../mail/mailbox.ts';
import { createMemoryQueue } from '../../stores/queue-memory.ts';
import { workerdEncoding } from './encoding.ts';
import { incoming } from './incoming.ts';
import { runDue, type Cron } from './scheduled.ts';
import { createOutbound } from './outbound.ts';
import { StaticCell } from './static-cell.ts';

/** The host Worker of `brink deploy --static`: functions are modules of its own, the registry is what the deploy wrote. */
interface StaticEnv {
  readonly BRINK_TOKEN?: string;
  readonly BRINK_ROOT?: string;
  /** Secrets that functions require, each by its own name. */
  readonly [secret: string]: unknown;
}

interface StaticRunning extends Running {
  readonly owner: { readonly function: string; readonly version: number };
}

const storage = new AsyncLocalStorage<StaticRunning>();
const { log: print } = console;
// Workers' own logs are where these lines stay.
const log = createMemoryLog((event: HostEvent) => print(JSON.stringify(event)));
let host: Host | undefined;
const store = createMemoryStore(Date.now);
for (const [key, value] of entries) await store.put(key, new TextEncoder().encode(value));
const blobs = createMemoryBlobs();
for (const [key, value] of documents) await blobs.put(key, new TextEncoder().encode(value));

/** Bytes, of the 128 MiB that an isolate has. */
const RESPONSES = 16 * 2 ** 20;

const write = (level: ConsoleLevel, message: string, requestId: string | null) => {
  const { function: name, version } = storage.getStore()?.owner ?? { function: '*', version: 0 };
  log.emit({ type: 'console', time: Date.now(), function: name, version, level, message, requestId });
};
const budget = new LogBudget({
  limits: () => DEFAULT_LIMITS,
  now: Date.now,
  later: (tell) => void setTimeout(tell, 1_000),
  write: (message) => write('warn', message, null),
});
captureConsole(console, storage as never, { write, budget });
globalThis.fetch = tracedFetch(fetch, { running: () => storage.getStore(), egress: () => undefined });

export default {
  fetch(request: Request, env: StaticEnv): Response | Promise<Response> {
    const normal = incoming(request);
    return normal instanceof Response ? normal : (host ??= open(env)).fetch(normal, env);
  },
  async scheduled(cron: Cron, env: StaticEnv): Promise<void> {
    await runDue((host ??= open(env)), cron);
  },
};

function open(env: StaticEnv): Host {
  const { BRINK_TOKEN, BRINK_ROOT } = env;
  return createHost({
    engine: engineFor(env),
    store: { ...store, put: refuse, delete: refuse },
    blobs,
    keyring,
    databases: { open: () => ({ query: refuse }) },
    log,
    queues: { queue: createMemoryQueue(Date.now), wake: () => Promise.resolve() },
    mailbox: createMailbox({ store: { ...store, put: refuse, delete: refuse }, now: Date.now }),
    admin: { token: BRINK_TOKEN || null, loopback: false },
    manage: null,
    now: Date.now,
    random: Math.random,
    waitUntil,
    outbound: createOutbound(undefined),
    connection: (_env, request) => ({ address: request.headers.get('cf-connecting-ip'), rawHeaders: null, raw: request }),
    registryMaxAge: Infinity,
    responses: { memory: RESPONSES, store: null, encoding: workerdEncoding, apart: true },
    root: BRINK_ROOT || undefined,
  });
}

const keyring: Keyring = { current: refuse, seal: refuse, open: refuse };

function engineFor(env: StaticEnv): Engine {
  return {
    name: 'workerd',
    scales: false,
    cell(version) {
      const owner = { function: version.function, version: version.number };
      const place = `${version.function}@${version.number}`;
      return new StaticCell({
        version,
        secrets: given(env, secrets[place] ?? []),
        main: mains[place]!,
        storage: { run: (running, body) => storage.run(Object.assign(running, { owner }), body), getStore: () => storage.getStore() },
        events: log.emit,
        now: Date.now,
        waitUntil,
      });
    },
    probe: refuse,
    serve() {},
    stop: () => Promise.resolve(),
  };
}

/** Of the Worker's own secrets, those that a function requires and no other. */
function given(env: StaticEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, env[name]]).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

async function refuse(): Promise<never> {
  throw new BrinkError(
    'unsupported',
    'This host was deployed with --static: its functions are part of it. Deploy it again to change them.',
  );
}
