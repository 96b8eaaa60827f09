import { openNode } from '../conformance/harness-node.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { publish, type OpenHost, type TestHost } from '../conformance/harness.ts';
import type { BenchResult } from './run.ts';

const SCHEDULES = 20;
const SECONDS = 12;
const TOGETHER = 1_000;

const SOURCE = `export default {
  scheduled() {},
  async fetch(request, { S }) {
    const at = Number(new URL(request.url).searchParams.get('at'));
    for (let index = 0; index < ${TOGETHER}; index += 50)
      await Promise.all(Array.from({ length: 50 }, () => S.create({ at })));
    return new Response();
  },
}`;

/** How late due times fire: of a few schedules each second, and of a thousand that are due together. */
export async function bench(): Promise<BenchResult> {
  return { ratios: {}, figures: { ...(await measured('node', openNode)), ...(await measured('workerd', openWorkerd)) } };
}

/** How late each run of a few schedules began that were due each second, in ms, from the least. */
export async function lateness(host: TestHost, seconds: number): Promise<number[]> {
  const schedules = Array.from({ length: SCHEDULES }, (_, index) => ({ every: 1_000 + index, name: `s${index}` }));
  const often = await publish(host, SOURCE, { alias: 'live', manifest: { schedules } });
  await wait(seconds * 1_000);
  const late = (await host.admin.runs(often.name, { limit: 500 })).map((run) => run.late).toSorted((a, b) => a - b);
  await host.admin.removeFunction(often.name);
  return late;
}

async function measured(platform: string, open: OpenHost): Promise<Record<string, number>> {
  const host = await open();
  try {
    const late = await lateness(host, SECONDS);
    const many = await publish(host, SOURCE, { alias: 'live', manifest: { schedules: [{ binding: 'S' }] } });
    const at = Date.now() + 8_000;
    await fetch(`${many.url}?at=${at}`);
    while ((await host.admin.schedules(many.name)).length > 0) await wait(100);
    const last = (await host.admin.runs(many.name, { limit: 1 }))[0]!.ended;
    return {
      [`${platform}_runs`]: late.length,
      [`${platform}_cron_lateness_p50_ms`]: late[Math.floor(late.length / 2)]!,
      [`${platform}_cron_lateness_p99_ms`]: late[Math.floor(late.length * 0.99)]!,
      [`${platform}_thousand_together_ms`]: last - at,
    };
  } finally {
    await host.stop();
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
