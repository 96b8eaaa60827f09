import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker } from 'node:worker_threads';
import type { HostEvent } from '../../../host/observe/events.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';

export interface SoakOptions {
  readonly seconds: number;
  /** The same seed gives the same choices; what comes of them is up to the machine. */
  readonly seed: number;
  readonly clients?: number;
  /** Ms between two kills, on average. */
  readonly kills: number;
}

export interface SoakReport {
  readonly requests: number;
  /** By function and status, `closed` where the connection was: as the clients counted, and as the host did. */
  readonly client: Readonly<Record<string, number>>;
  readonly host: Readonly<Record<string, number>>;
  /** By code, or `none` where an answer of 400 or more had none. */
  readonly codes: Readonly<Record<string, number>>;
  readonly killed: number;
  readonly started: number;
  /** Threads that had not ended when the host had stopped. */
  readonly threadsLeft: number;
  readonly rssMb: number;
}

interface Kind {
  readonly source: string;
  readonly limits: Readonly<Record<string, number>>;
  /** Of a hundred requests. */
  readonly share: number;
}

/** The path says to a function which request it is, so that each misbehaves now and then. */
const KINDS: Readonly<Record<string, Kind>> = {
  good: { share: 60, limits: {}, source: `export default { fetch: () => new Response('good') }` },
  slow: {
    share: 18,
    limits: { deadline_ms: 400 },
    source: `export default { async fetch(request, env, ctx) { const n = Number(request.url.split('/').at(-1)); ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 20))); await new Promise((resolve) => setTimeout(resolve, n % 50 === 0 ? 900 : n % 40)); return new Response('slow') } }`,
  },
  streams: {
    share: 12,
    limits: {},
    source: `export default { fetch(request) { const n = Number(request.url.split('/').at(-1)); let left = n % 20; return new Response(new ReadableStream({ pull(controller) { if (n % 25 === 0 && left === 1) throw new Error('broken'); if (left-- > 0) controller.enqueue(new Uint8Array(20_000)); else controller.close() } })) } }`,
  },
  crashing: {
    share: 6,
    limits: {},
    source: `export default { fetch(request) { const n = Number(request.url.split('/').at(-1)); if (n % 2 === 0) throw new Error('thrown'); if (n % 7 === 0) return 'no response'; return new Response('up') } }`,
  },
  hanging: {
    share: 2,
    limits: { deadline_ms: 250, cpu_ms: 5_000 },
    source: `export default { fetch(request) { if (Number(request.url.split('/').at(-1)) % 3 === 0) for (;;); return new Response('up') } }`,
  },
  hungry: {
    share: 2,
    limits: { memory_mb: 32 },
    source: `let held = []; export default { fetch(request) { const n = Number(request.url.split('/').at(-1)); if (n % 3 === 0) for (;;) held.push(new Array(1e5).fill({})); return new Response(String(held.length)) } }`,
  },
};

/** A client that was refused waits so many ms. */
const REFUSED = 100;

/** Mixed load on a host of this process, whose threads are killed at random: everything that was asked has to be accounted for. */
export async function soak({ seconds, seed, clients = 8, kills }: SoakOptions): Promise<SoakReport> {
  const random = seededRandom(seed);
  const threads = trackThreads();
  const { startNode } = await import('../../../host/platforms/node/serve.ts');
  const { createAdminClient } = await import('../../../host/admin/client.ts');
  const [client, counted, codes]: Counts[] = [{}, {}, {}];
  let started = 0;
  const onEvent = (event: HostEvent) => {
    if (event.type === 'invocation') count(counted!, `${event.function} ${event.status}`);
    else if (event.type === 'cell' && event.change === 'started') started++;
  };
  const { url, token, stop } = await startNode({ port: 0, state: null, onEvent });
  const admin = createAdminClient({ url, token });
  for (const [name, { source, limits }] of Object.entries(KINDS))
    await admin.publish(name, encodeArtifact(artifactOf(name, { 'index.js': source }, { limits })));

  const deck = Object.entries(KINDS).flatMap(([name, { share }]) => Array.from({ length: share }, () => name));
  const end = performance.now() + seconds * 1_000;
  let requests = 0;
  const ask = async () => {
    while (performance.now() < end) {
      const name = deck[Math.floor(random() * deck.length)]!;
      const answer = await answerOf(`${url}/${name}/${++requests}`);
      count(client!, `${name} ${answer.status}`);
      if (answer.code !== null) count(codes!, answer.code);
      // Else what is refused at once would be nearly all that is asked.
      if (answer.status === '503') await new Promise((resolve) => setTimeout(resolve, REFUSED));
    }
  };
  let killed = 0;
  const kill = async () => {
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, random() * 2 * kills));
      const alive = [...threads];
      const victim = alive[Math.floor(random() * alive.length)];
      if (victim !== undefined && performance.now() < end) killed += await victim.terminate().then(() => 1);
    }
  };
  await Promise.all([kill(), ...Array.from({ length: clients }, ask)]);
  await stop();
  const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
  return { requests, client: client!, host: counted!, codes: codes!, killed, started, threadsLeft: threads.size, rssMb };
}

type Counts = Record<string, number>;

/** What is not as it has to be; empty where all adds up. */
export function faultsOf(report: SoakReport): string[] {
  const faults: string[] = [];
  const total = (counts: Readonly<Counts>) => Object.values(counts).reduce((sum, each) => sum + each, 0);
  for (const key of new Set([...Object.keys(report.client), ...Object.keys(report.host)])) {
    const seen = report.client[key] ?? 0;
    const told = report.host[key] ?? 0;
    if (seen !== told) faults.push(`${key}: clients counted ${seen}, the host ${told}`);
  }
  if (total(report.client) !== report.requests) faults.push(`${report.requests} were asked, ${total(report.client)} answered or closed`);
  if (report.codes['none'] !== undefined) faults.push(`${report.codes['none']} failed without a code`);
  if (report.codes['internal'] !== undefined) faults.push(`${report.codes['internal']} failed within the host`);
  if (report.threadsLeft > 0) faults.push(`${report.threadsLeft} threads are left`);
  if ((report.client['good 200'] ?? 0) === 0) faults.push('nothing was answered well');
  if (report.killed === 0) faults.push('nothing was killed');
  return faults;
}

/** The head counts, since that is what the host wrote down; a body that breaks off afterwards has its reason in the log. */
async function answerOf(url: string): Promise<{ status: string; code: string | null }> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    return { status: 'closed', code: null };
  }
  const text = await response.text().catch(() => null);
  if (response.status < 400) return { status: String(response.status), code: text === null ? 'body broken off' : null };
  const isProblem = response.headers.get('content-type') === 'application/problem+json' && text !== null;
  return { status: String(response.status), code: isProblem ? (JSON.parse(text) as { code: string }).code : 'none' };
}

function count(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Every worker thread that begins from now on, for as long as it is there. Before the host's code is loaded. */
function trackThreads(): ReadonlySet<Worker> {
  const threads = new Set<Worker>();
  const builtin = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker };
  const Native = builtin.Worker;
  builtin.Worker = class extends Native {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      threads.add(this);
      this.once('exit', () => threads.delete(this));
    }
  };
  syncBuiltinESMExports();
  return threads;
}

/** mulberry32 */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
