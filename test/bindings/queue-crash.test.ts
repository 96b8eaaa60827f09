import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually, publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './queue-crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 4;
/** So many that what each kill may cut off and a retry of the handler's own do not use them up. */
const RETRIES = ROUNDS + 2;
const CHILD = fileURLToPath(new URL('queue-crash-child.ts', import.meta.url));

/** Takes most at once, some the second time, and some never. */
const SOURCE = `export default {
  async fetch(request, env) {
    await env.OUT.sendBatch((await request.json()).map((body) => ({ body })));
    return new Response();
  },
  async queue({ messages }) {
    console.log(messages.map(({ body, attempts }) => JSON.stringify({ got: body, attempts })).join('\\n'));
    await new Promise((resolve) => setTimeout(resolve, 2));
    for (const message of messages) {
      if (message.body % 10 === 9) message.retry();
      else if (message.body % 10 === 8 && message.attempts === 1) message.retry();
      else message.ack();
    }
  },
};`;

it(`kill -9 of the host under load, ${ROUNDS} times over: each message that it took is acked or a dead letter in the end`, async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-queue-crash-'));
  const manifest = {
    queues: {
      producers: [{ binding: 'OUT', queue: 'jobs' }],
      consumers: [{ queue: 'jobs', max_batch_size: 20, max_batch_timeout: 0, max_retries: RETRIES, dead_letter_queue: 'dead' }],
    },
  };
  const sent = new Set<number>();
  const got = new Map<number, number>();
  try {
    const first = await openNode({ state });
    await publish(first, SOURCE, { name: 'worker', alias: 'live', manifest });
    await first.stop();
    for (let round = 0; round < ROUNDS; round++) {
      for (const line of await runAndKill<Line>({ module: CHILD, args: [state, String(round)], within: 300, after: 40 })) {
        if ('sent' in line) sent.add(line.sent);
        else if ('got' in line) got.set(line.got, (got.get(line.got) ?? 0) + 1);
      }
    }
    const last = await openNode({ state });
    const countOf = async (queue: string) => (await last.admin.queues()).find((each) => each.queue === queue)!.messages;
    await eventually(async () => ((await countOf('jobs')) === 0 ? true : undefined), 20_000);
    const read = () =>
      last.events.flatMap((each) =>
        each.type === 'console' ? each.message.split('\n').map((line) => JSON.parse(line) as { got: number }) : [],
      );
    for (const line of read()) got.set(line.got, (got.get(line.got) ?? 0) + 1);
    const letters = await last.admin.peekQueue('dead', 100);
    const deadCount = await countOf('dead');
    await last.stop();

    expect(sent.size).toBeGreaterThan(ROUNDS);
    const missing = [...sent].filter((number) => !got.has(number));
    expect(missing).toEqual([]);
    // The hopeless ones are dead letters, once each, whatever was killed in between; the child may have sent ten more than it said.
    const hopeless = [...got.keys()].filter((number) => number % 10 === 9);
    expect(deadCount).toBe(hopeless.length);
    expect(letters.every(({ body }) => Number(body) % 10 === 9)).toBe(true);
    expect(letters.length).toBeGreaterThan(0);
    // Nothing was delivered more often than its attempts, which a crash counts as one.
    expect(Math.max(...got.values())).toBeLessThanOrEqual(RETRIES + 1);
  } finally {
    removeFolder(state);
  }
}, 90_000);

it('10,000 messages through a consumer that fails now and then: each is acked once or dead once', async () => {
  const host = await openNode();
  try {
    const source = `
      const acked = new Map();
      let deliveries = 0;
      export default {
        async fetch(request, env) {
          if (request.method === 'GET') return Response.json({ acked: acked.size, twice: [...acked.values()].filter((n) => n > 1).length, deliveries });
          const from = Number(await request.text());
          for (let at = from; at < from + 1000; at += 100)
            await env.OUT.sendBatch(Array.from({ length: 100 }, (_, index) => ({ body: at + index })));
          return new Response();
        },
        async queue({ messages }) {
          deliveries += messages.length;
          const ack = (message) => {
            message.ack();
            acked.set(message.body, (acked.get(message.body) ?? 0) + 1);
          };
          for (const message of messages) {
            if (message.body % 100 === 0) message.retry();
            else if (message.body % 7 === 0 && message.attempts === 1) message.retry();
            else if (message.body % 1000 === 501 && message.attempts === 1) throw new Error('now and then');
            else ack(message);
          }
        },
      };`;
    const { url } = await publish(host, source, {
      alias: 'live',
      manifest: {
        queues: {
          producers: [{ binding: 'OUT', queue: 'many' }],
          consumers: [{ queue: 'many', max_batch_size: 50, max_batch_timeout: 0, max_retries: 3, dead_letter_queue: 'many-dead' }],
        },
      },
    });
    await Promise.all(Array.from({ length: 10 }, (_, index) => fetch(url, { method: 'POST', body: String(index * 1_000) })));
    const countOf = async (queue: string) => (await host.admin.queues()).find((each) => each.queue === queue)!.messages;
    await eventually(async () => ((await countOf('many')) === 0 ? true : undefined), 40_000);
    expect(await (await fetch(url)).json()).toMatchObject({ acked: 9_900, twice: 0 });
    expect(await countOf('many-dead')).toBe(100);
  } finally {
    await host.stop();
  }
});
