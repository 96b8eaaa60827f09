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
import { interleaved, measure, median, startPeer } from './peers.ts';
import type { BenchResult } from './run.ts';

/** Rounds of a second each: the runtime is many small functions, which V8 takes some seconds to compile. */
const WARM_UP = 4;
const KIB = 1024;
const MIB = KIB * KIB;

/** Components in the serving thread against a bare Hono server, and against a plain Worker on workerd, all in one run. */
export async function bench(): Promise<BenchResult> {
  const peers = {
    hono: await startPeer('hono'),
    p3: await startPeer('component', 'p3-hello', 'instance'),
    reset: await startPeer('component', 'p2-hello', 'request'),
    reuse: await startPeer('component', 'p2-hello', 'instance'),
    echo: await startPeer('component', 'p3-echo', 'instance'),
    worker: await startPeer('workerd'),
    workerP3: await startPeer('component-workerd', 'p3-hello', 'instance'),
    workerReset: await startPeer('component-workerd', 'p2-hello', 'request'),
  };
  try {
    const rates = await interleaved(
      {
        hono_hello: () => measure({ port: peers.hono.port }),
        p3_hello: () => measure({ port: peers.p3.port }),
        p2_hello_reset: () => measure({ port: peers.reset.port }),
        p2_hello_reuse: () => measure({ port: peers.reuse.port }),
        hono_echo1k: () => measure({ port: peers.hono.port, method: 'POST', body: KIB, expect: KIB }),
        echo1k: () => measure({ port: peers.echo.port, method: 'POST', body: KIB, expect: KIB }),
        hono_echo1m: () => measure({ port: peers.hono.port, method: 'POST', body: MIB, expect: MIB, connections: 8 }),
        echo1m: () => measure({ port: peers.echo.port, method: 'POST', path: '/pass', body: MIB, expect: MIB, connections: 8 }),
        worker: () => measure({ port: peers.worker.port }),
        worker_p3_hello: () => measure({ port: peers.workerP3.port }),
        worker_p2_reset: () => measure({ port: peers.workerReset.port }),
      },
      WARM_UP,
    );
    // Of rates measured one after the other: the machine may be another one a minute later.
    const ratio = (ours: string, peer: string) => median(rates[ours]!.map((rate, round) => rate / rates[peer]![round]!));
    return {
      ratios: {
        p3_hello_vs_hono: ratio('p3_hello', 'hono_hello'),
        p2_hello_reset_vs_hono: ratio('p2_hello_reset', 'hono_hello'),
        p2_hello_reuse_vs_hono: ratio('p2_hello_reuse', 'hono_hello'),
        echo1k_vs_hono: ratio('echo1k', 'hono_echo1k'),
        echo1m_vs_hono: ratio('echo1m', 'hono_echo1m'),
        workerd_p3_hello_vs_worker: ratio('worker_p3_hello', 'worker'),
        workerd_p2_reset_vs_worker: ratio('worker_p2_reset', 'worker'),
      },
      figures: {
        ...Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(median(all))])),
        fresh_instance_ms: freshInstance(),
        build_ms: await buildTime(),
        heap_growth_bytes: await heapGrowth(),
        runtime_gzip_kb: await runtimeSize(),
      },
    };
  } finally {
    for (const peer of Object.values(peers)) peer.stop();
  }
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
    collect();
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

/** With --expose-gc; without it the growth includes what is not collected yet. */
function collect(): void {
  for (let round = 0; round < 3; round += 1) (globalThis as { gc?: () => void }).gc?.();
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
