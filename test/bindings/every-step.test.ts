import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import { eventually, publish } from '../conformance/harness.ts';
import { TRIGGERS, type Line, type Trigger } from './every-step-child.ts';
import { removeFolder } from '../remove-folder.ts';

/** Of all steps, in the suite; `npm run deliveries` takes each. */
const SOME = 4;
const CHILD = fileURLToPath(new URL('every-step-child.ts', import.meta.url));

/** Counts what calls it. */
const SOURCE = `export default {
  async fetch(request, { KV, OUT, FILES, S }) {
    switch (new URL(request.url).pathname.split('/').at(-1)) {
      case 'queue': await OUT.send('a message', { idempotencyKey: 'one' }); break;
      case 'bucket': await FILES.put('an object', 'x'); break;
      case 'later': await KV.increment('later'); break;
      case 'schedule': await S.create({ at: Date.now() }); break;
      case 'done': return Response.json(Object.fromEntries(await Promise.all(${JSON.stringify(TRIGGERS)}.map(async (each) => [each, Number((await KV.get(each)) ?? 0)]))));
    }
    return new Response('well');
  },
  scheduled: (_, { KV }) => KV.increment('schedule'),
  queue: ({ queue, messages }, { KV }) => Promise.all(messages.map(() => KV.increment(queue))),
};`;

const folder = mkdtempSync(join(tmpdir(), 'brink-every-step-'));
const published = join(folder, 'published');
beforeAll(async () => {
  const host = await openNode({ state: published });
  const manifest = {
    kv_namespaces: [{ binding: 'KV' }],
    r2_buckets: [{ binding: 'FILES', notifications: [{ queue: 'bucket', event_type: 'object-create' }] }],
    schedules: [{ binding: 'S' }],
    async: { enabled: true, retry_delay: 0 },
    queues: {
      producers: [{ binding: 'OUT', queue: 'queue' }],
      consumers: ['queue', 'bucket'].map((queue) => ({ queue, max_batch_timeout: 0 })),
    },
  };
  await publish(host, SOURCE, { name: 'steps', alias: 'live', manifest });
  await host.stop();
});
afterAll(() => removeFolder(folder));

it('kill -9 right after each transaction of accept, store, deliver and ack: what was accepted is delivered, twice at most', async () => {
  const whole = await killedAfter(0);
  const [{ commits }] = whole.lines.slice(-1) as [{ commits: number }];
  expect(commits).toBeGreaterThan(SOME);
  const every = process.env['BRINK_DELIVERIES'] !== undefined;
  const steps = Array.from({ length: every ? commits : SOME }, (_, index) =>
    every ? index + 1 : 1 + Math.floor((index * commits) / SOME),
  );
  for (const step of steps) {
    const { state, lines } = await killedAfter(step);
    const accepted = lines.flatMap((line) => ('accepted' in line ? [line] : []));
    const host = await openNode({ state });
    try {
      const done = async () => (await (await fetch(`${host.url}/steps/done`)).json()) as Record<Trigger, number>;
      for (const { accepted: trigger, location } of accepted) {
        await eventually(async () => ((await done())[trigger] > 0 ? true : undefined), 20_000);
        if (location === null) continue;
        const status = async () => ((await (await fetch(new URL(location, host.url))).json()) as { status: string }).status;
        await eventually(async () => ((await status()) === 'done' ? true : undefined), 20_000);
      }
      const left = async () => (await host.admin.queues()).filter(({ messages }) => messages > 0);
      await eventually(async () => ((await left()).length === 0 ? true : undefined), 20_000).catch(() => {});
      expect([step, await left()]).toEqual([step, []]);
      for (const [trigger, count] of Object.entries(await done())) expect([step, trigger, count <= 2]).toEqual([step, trigger, true]);
    } finally {
      await host.stop();
    }
  }
}, 600_000);

let runs = 0;

async function killedAfter(step: number): Promise<{ readonly state: string; readonly lines: readonly Line[] }> {
  const state = join(folder, `run-${++runs}`);
  cpSync(published, state, { recursive: true });
  const child = spawn(process.execPath, [CHILD, state, String(step)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  // Not each run has as many transactions: what comes together shares one.
  expect([code, signal, errors]).toEqual(code === 0 ? [0, null, ''] : [null, 'SIGKILL', '']);
  const whole = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return { state, lines: whole.filter((line) => line !== '').map((line) => JSON.parse(line) as Line) };
}
