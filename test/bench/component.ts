import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { prepareComponent } from '../../host/component/prepare.ts';
import { Instance } from '../../host/component/runtime/instance.ts';
import { serveComponent } from '../../host/component/serve/serve.ts';
import { settingsOf } from '../../host/component/serve/settings.ts';
import { hostsFor, isBlocking } from '../../host/component/wasi/hosts.ts';
import { NO_SETTINGS } from '../../host/component/wasi/settings.ts';
import { componentAt, guestPath, settingsFor } from './components.ts';
import { makeJsHello } from './js-hello.ts';
import { reasonOf, startOthers } from './others.ts';
import { interleaved, measure, median, startPeer, type Peer } from './peers.ts';
import type { BenchResult } from './run.ts';

/** Rounds of a second each: the runtime is many small functions, which V8 takes some seconds to compile. */
const WARM_UP = 4;
const KIB = 1024;
const MIB = KIB * KIB;

/** Each of two rates: ours and the peer's. */
export const RATIOS: Readonly<Record<string, readonly [ours: string, peer: string]>> = {
  p3_hello_vs_hono: ['p3_hello', 'hono_hello'],
  p2_hello_reset_vs_hono: ['p2_hello_reset', 'hono_hello'],
  p2_hello_reuse_vs_hono: ['p2_hello_reuse', 'hono_hello'],
  js_hello_reset_vs_jco_serve: ['js_hello_reset', 'js_jco_serve'],
  echo1k_vs_hono: ['echo1k', 'hono_echo1k'],
  echo1m_vs_hono: ['echo1m', 'hono_echo1m'],
  own_call_vs_hono: ['own_call', 'hono_json'],
  workerd_p3_hello_vs_worker: ['worker_p3_hello', 'worker'],
  workerd_p2_reset_vs_worker: ['worker_p2_reset', 'worker'],
  // Reused by both.
  p2_hello_vs_jco_glue: ['p2_hello_reuse', 'p2_jco_glue'],
  // Reset by ours; made for each request by jco's, since the engine takes one request per instance.
  js_hello_vs_jco_glue: ['js_hello_reset', 'js_jco_glue'],
};

/** Few, since jco serve answers in 10 ms: what it has in hand when its time is over takes from who is measured next. */
const JS_CONNECTIONS = 8;

const SHIPPING = new URL('../../functions/shipping/shipping.wasm', import.meta.url).pathname;

/** Of a function of the component's own, and of a handler that says the same. */
const CALL = { method: 'POST', path: '/quotes/heaviest', json: '{"to":"abroad"}', expect: 5 } as const;

/** Components in the serving thread against a bare Hono server and jco, and against a plain Worker on workerd, all in one run. */
export async function bench(): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), 'brink-bench-'));
  try {
    return await benchIn(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function benchIn(dir: string): Promise<BenchResult> {
  const missing: Record<string, string> = {};
  const js = await makeJsHello(dir).catch((error: unknown) => {
    missing['js_hello_reset'] = `jco componentize failed: ${reasonOf(error)}`;
    return null;
  });
  const peers = {
    hono: await startPeer('hono'),
    p3: await startPeer('component', 'p3-hello', 'instance'),
    reset: await startPeer('component', 'p2-hello', 'request'),
    reuse: await startPeer('component', 'p2-hello', 'instance'),
    echo: await startPeer('component', 'p3-echo', 'instance'),
    own: await startPeer('component', SHIPPING, 'request'),
    worker: await startPeer('workerd'),
    workerP3: await startPeer('component-workerd', 'p3-hello', 'instance'),
    workerReset: await startPeer('component-workerd', 'p2-hello', 'request'),
    ...(js !== null && { js: await startPeer('component', js, 'request') }),
  };
  const others = await startOthers(
    {
      p2_jco_glue: () => startPeer('jco-glue', 'p2-hello', 'instance'),
      ...(js !== null && {
        js_jco_serve: () => startPeer('jco-serve', js),
        js_jco_glue: () => startPeer('jco-glue', js, 'request'),
      }),
    },
    measure,
  );
  Object.assign(missing, others.missing);
  const { p2_jco_glue: p2Glue, js_jco_serve: jcoServe, js_jco_glue: jsGlue } = others.peers;
  const jsRate = ({ port }: Peer) => measure({ port, connections: JS_CONNECTIONS });
  try {
    const rates = await interleaved(
      {
        hono_hello: () => measure({ port: peers.hono.port }),
        p3_hello: () => measure({ port: peers.p3.port }),
        p2_hello_reset: () => measure({ port: peers.reset.port }),
        p2_hello_reuse: () => measure({ port: peers.reuse.port }),
        ...(p2Glue && { p2_jco_glue: () => measure({ port: p2Glue.port }) }),
        hono_echo1k: () => measure({ port: peers.hono.port, method: 'POST', body: KIB, expect: KIB }),
        echo1k: () => measure({ port: peers.echo.port, method: 'POST', body: KIB, expect: KIB }),
        hono_echo1m: () => measure({ port: peers.hono.port, method: 'POST', body: MIB, expect: MIB, connections: 8 }),
        echo1m: () => measure({ port: peers.echo.port, method: 'POST', path: '/pass', body: MIB, expect: MIB, connections: 8 }),
        hono_json: () => measure({ port: peers.hono.port, ...CALL }),
        own_call: () => measure({ port: peers.own.port, ...CALL }),
        worker: () => measure({ port: peers.worker.port }),
        worker_p3_hello: () => measure({ port: peers.workerP3.port }),
        worker_p2_reset: () => measure({ port: peers.workerReset.port }),
        ...(peers.js && { js_hello_reset: () => jsRate(peers.js!) }),
        ...(jsGlue && { js_jco_glue: () => jsRate(jsGlue) }),
        ...(jcoServe && { js_jco_serve: () => jsRate(jcoServe) }),
      },
      WARM_UP,
    );
    return {
      ...ratiosOf(rates, missing),
      figures: {
        ...Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(median(all))])),
        fresh_instance_ms: freshInstance(),
        build_ms: await buildTime(),
        heap_growth_bytes: await heapGrowth(),
        runtime_gzip_kb: await runtimeSize(),
      },
    };
  } finally {
    for (const peer of [...Object.values(peers), ...Object.values(others.peers)]) peer.stop();
  }
}

/** Each ratio is there, or why it is not. */
export function ratiosOf(
  rates: Readonly<Record<string, readonly number[]>>,
  reasons: Readonly<Record<string, string>>,
): Pick<BenchResult, 'ratios' | 'missing'> & { readonly missing: Record<string, string> } {
  const ratios: Record<string, number> = {};
  const missing: Record<string, string> = {};
  for (const [name, [ours, peer]] of Object.entries(RATIOS)) {
    const reason = reasons[ours] ?? reasons[peer];
    // Of rates measured one after the other: the machine may be another one a minute later.
    if (reason === undefined) ratios[name] = median(rates[ours]!.map((rate, round) => rate / rates[peer]![round]!));
    else missing[name] = reason;
  }
  return { ratios, missing };
}

/** The largest guest at hand, of some 110 KB. */
const LARGEST = 'p3-echo';

function freshInstance(): number {
  const { plan, modules } = prepareComponent(componentAt(LARGEST), isBlocking);
  const compiled = modules.map((module) => new WebAssembly.Module(module));
  return timed(200, () => void new Instance(plan, compiled, (world) => hostsFor(plan, world, NO_SETTINGS), { maxPages: 2048 }));
}

async function buildTime(): Promise<number> {
  const config = await readConfig(guestPath(LARGEST));
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const start = performance.now();
    await buildFunction(config);
    times.push(performance.now() - start);
  }
  return round2(median(times));
}

async function heapGrowth(): Promise<number> {
  const { plan, modules } = prepareComponent(componentAt('p3-hello'), isBlocking);
  const compiled = modules.map((module) => new WebAssembly.Module(module));
  const { fetch } = serveComponent(plan, compiled, settingsOf(settingsFor('instance')));
  const requests = async (count: number) => {
    for (let request = 0; request < count; request += 1)
      await (await fetch!(new Request('http://x/'), {}, { waitUntil: () => undefined })).text();
    await collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await requests(5_000);
  return (await requests(20_000)) - before;
}

async function runtimeSize(): Promise<number> {
  const { artifact } = await buildFunction(await readConfig(guestPath('p3-hello')));
  return round2(gzipSync(artifact.modules['component-runtime.js']!.bytes).byteLength / KIB);
}

function timed(rounds: number, step: () => void): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    step();
    times.push(performance.now() - start);
  }
  return round2(median(times));
}

/** In turns: what a collected object leaves behind is tidied up by tasks, and collected after them. */
async function collect(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined)
    throw new Error('What is not collected yet would count as growth: start this with --expose-gc, as `npm run bench` does.');
  for (let round = 0; round < 3; round += 1) {
    gc();
    await setImmediate();
  }
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
