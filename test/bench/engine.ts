import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { coldStart } from './cold.ts';
import { hangRecovery } from './engine/hang.ts';
import { memoryOfFunctions } from './engine/memory.ts';
import { p99 } from './engine/open-load.ts';
import { workerdRestart } from './engine/restart.ts';
import { makeJsHello } from './js-hello.ts';
import { reasonOf, startOthers } from './others.ts';
import { interleaved, measure, median, startPeer, type Peer } from './peers.ts';
import type { BenchResult } from './run.ts';

const KIB = 1024;
const MIB = KIB * KIB;
/** Of those that answer in milliseconds: what they have in hand when their time is over takes from who is measured next. */
const FEW = 8;
const LATENCY_ROUNDS = 5;

/** Each of two rates: ours and the peer's. */
const RATIOS: Readonly<Record<string, readonly [ours: string, peer: string]>> = {
  cell_hello_vs_hono: ['cell_hello', 'hono_hello'],
  inthread_hello_vs_hono: ['inthread_hello', 'hono_hello'],
  cell_echo1k_vs_hono: ['cell_echo1k', 'hono_echo1k'],
  cell_echo1m_vs_hono: ['cell_echo1m', 'hono_echo1m'],
  cell_hello_vs_workerd: ['cell_hello', 'workerd_hello'],
  cell_hello_vs_wrangler_dev: ['cell_hello', 'wrangler_dev'],
  cell_hello_vs_dispatch_fetch: ['cell_hello', 'dispatch_fetch'],
  cell_hello_vs_jco_serve: ['cell_hello', 'jco_serve'],
};

/** The Node engine against a bare Hono server and other hosts, all in one run. */
export async function bench(): Promise<BenchResult> {
  const memory = await memoryOfFunctions();
  const dir = await mkdtemp(join(tmpdir(), 'brink-bench-'));
  try {
    const { ratios, figures, missing } = await benchIn(dir);
    const restart = { workerd_restart_ms: await workerdRestart() };
    return { ratios, figures: { ...figures, ...memory, ...restart }, ...(missing && { missing }) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function benchIn(dir: string): Promise<BenchResult> {
  const peers = {
    hono: await startPeer('hono'),
    cell: await startPeer('node-cell'),
    inthread: await startPeer('node-inthread'),
    workerd: await startPeer('workerd'),
  };
  const others = await startOthers(
    {
      wrangler_dev: () => startPeer('wrangler-dev'),
      dispatch_fetch: () => startPeer('dispatch-fetch'),
      jco_serve: async () => startPeer('jco-serve', await makeJsHello(dir)),
    },
    (peer) => measure({ port: peer.port, connections: FEW }),
  );
  try {
    const few = ({ port }: Peer) => measure({ port, connections: FEW });
    const rates = await interleaved({
      hono_hello: () => measure({ port: peers.hono.port }),
      cell_hello: () => measure({ port: peers.cell.port, path: '/hello/' }),
      inthread_hello: () => measure({ port: peers.inthread.port, path: '/hello/' }),
      hono_echo1k: () => measure({ port: peers.hono.port, method: 'POST', body: KIB, expect: KIB }),
      cell_echo1k: () => measure({ port: peers.cell.port, path: '/echo/', method: 'POST', body: KIB, expect: KIB }),
      hono_echo1m: () => measure({ port: peers.hono.port, method: 'POST', body: MIB, expect: MIB, connections: 8 }),
      cell_echo1m: () => measure({ port: peers.cell.port, path: '/echo/', method: 'POST', body: MIB, expect: MIB, connections: 8 }),
      workerd_hello: () => measure({ port: peers.workerd.port }),
      ...Object.fromEntries(Object.entries(others.peers).map(([name, peer]) => [name, () => few(peer)])),
    });
    const { ratios, missing } = ratiosOf(rates, others.missing);
    const latency = await latencies(peers.hono, peers.cell, rates);
    return {
      ratios: { ...ratios, p99_half_load_vs_hono: latency.ratio },
      figures: {
        ...Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(median(all))])),
        hono_p99_ms: latency.hono,
        cell_p99_ms: latency.cell,
        cold_start_ms_node: await coldStart(peers.cell),
        hang_recovery_ms: await hangRecovery(peers.cell),
      },
      missing,
    };
  } finally {
    for (const peer of [...Object.values(peers), ...Object.values(others.peers)]) peer.stop();
  }
}

function ratiosOf(
  rates: Readonly<Record<string, readonly number[]>>,
  reasons: Readonly<Record<string, string>>,
): { ratios: Record<string, number>; missing: Record<string, string> } {
  const ratios: Record<string, number> = {};
  const missing: Record<string, string> = {};
  for (const [name, [ours, peer]] of Object.entries(RATIOS)) {
    const theirs = rates[peer];
    // Of rates measured one after the other: the machine may be another one a minute later.
    if (theirs !== undefined) ratios[name] = median(rates[ours]!.map((rate, round) => rate / theirs[round]!));
    else missing[name] = reasons[peer] ?? reasonOf(new Error(`${peer} was not measured.`));
  }
  return { ratios, missing };
}

/** Each at half of the rate that it has just reached, in an open loop; in turns. */
async function latencies(
  hono: Peer,
  cell: Peer,
  rates: Readonly<Record<string, readonly number[]>>,
): Promise<{ ratio: number; hono: number; cell: number }> {
  const half = (name: string) => median(rates[name]!) / 2;
  const times: { hono: number; cell: number }[] = [];
  for (let round = 0; round < LATENCY_ROUNDS; round++) {
    await setTimeout(100);
    times.push({
      hono: await p99({ port: hono.port, path: '/', rate: half('hono_hello'), seconds: 1 }),
      cell: await p99({ port: cell.port, path: '/hello/', rate: half('cell_hello'), seconds: 1 }),
    });
  }
  return {
    ratio: median(times.map((time) => time.cell / time.hono)),
    hono: round2(median(times.map((time) => time.hono))),
    cell: round2(median(times.map((time) => time.cell))),
  };
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
