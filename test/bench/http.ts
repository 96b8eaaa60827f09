import { coldStart } from './cold.ts';
import { interleaved, measure, median, startPeer } from './peers.ts';
import type { BenchResult } from './run.ts';

const MIB = 1024 * 1024;

/** Request → cell → handler, against a bare Hono server and against bare workerd, all in one run. */
export async function bench(): Promise<BenchResult> {
  const peers = {
    hono: await startPeer('hono'),
    cell: await startPeer('node-cell'),
    inthread: await startPeer('node-inthread'),
    workerd: await startPeer('workerd'),
    loader: await startPeer('loader'),
  };
  try {
    const runs = {
      hono_hello: () => measure({ port: peers.hono.port }),
      cell_hello: () => measure({ port: peers.cell.port, path: '/hello/' }),
      inthread_hello: () => measure({ port: peers.inthread.port, path: '/hello/' }),
      hono_echo1k: () => measure({ port: peers.hono.port, method: 'POST', body: 1024, expect: 1024 }),
      cell_echo1k: () => measure({ port: peers.cell.port, path: '/echo/', method: 'POST', body: 1024, expect: 1024 }),
      hono_echo1m: () => measure({ port: peers.hono.port, method: 'POST', body: MIB, expect: MIB, connections: 8 }),
      cell_echo1m: () => measure({ port: peers.cell.port, path: '/echo/', method: 'POST', body: MIB, expect: MIB, connections: 8 }),
      workerd_hello: () => measure({ port: peers.workerd.port }),
      loader_hello: () => measure({ port: peers.loader.port, path: '/hello/' }),
    };
    const rates = await interleaved(runs);
    // Of rates measured one after the other: the machine may be another one a minute later.
    const ratio = (ours: string, peer: string) => median(rates[ours]!.map((rate, round) => rate / rates[peer]![round]!));
    const figures = Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(median(all))]));
    return {
      ratios: {
        cell_hello_vs_hono: ratio('cell_hello', 'hono_hello'),
        cell_echo1k_vs_hono: ratio('cell_echo1k', 'hono_echo1k'),
        cell_echo1m_vs_hono: ratio('cell_echo1m', 'hono_echo1m'),
        inthread_hello_vs_hono: ratio('inthread_hello', 'hono_hello'),
        loader_hello_vs_workerd: ratio('loader_hello', 'workerd_hello'),
      },
      figures: { ...figures, cold_start_ms_node: await coldStart(peers.cell), cold_start_ms_workerd: await coldStart(peers.loader) },
    };
  } finally {
    for (const peer of Object.values(peers)) peer.stop();
  }
}
