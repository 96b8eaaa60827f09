import { openNode } from '../conformance/harness-node.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import type { OpenHost } from '../conformance/harness.ts';
import type { BenchResult } from './run.ts';
import { lateness } from './schedules.ts';
import { benchDelivery } from './triggers/delivery.ts';
import { benchLatency } from './triggers/latency.ts';

const SECONDS = 8;

/** What delivers to functions: queues against Miniflare's and against the store beneath them, and how late handlers begin. */
export async function bench(): Promise<BenchResult> {
  const { ratios, figures } = await benchDelivery();
  const late = { cron_lateness_p99_ms: await p99Of(openNode), workerd_cron_lateness_p99_ms: await p99Of(openWorkerd) };
  return { ratios, figures: { ...figures, ...(await benchLatency()), ...late } };
}

async function p99Of(open: OpenHost): Promise<number> {
  const host = await open();
  try {
    const late = await lateness(host, SECONDS);
    return late[Math.floor(late.length * 0.99)]!;
  } finally {
    await host.stop();
  }
}
