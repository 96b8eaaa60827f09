import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import type { AdminClient } from '../../host/admin/client.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { artifactOf, eventually } from '../conformance/harness.ts';
import { signGithub } from './sign.ts';

/** A host that can be killed, and is there again. */
export interface Mortal {
  url(): string;
  readonly admin: () => AdminClient;
  /** `SIGKILL`; resolves when it listens again. */
  kill(): Promise<void>;
}

const CLIENTS = 4;
/** So many are answered before each kill. */
const AT_LEAST = 12;
const SECRET = 'a secret';

/** Counts each delivery in KV, and fails at the first attempt of some. */
const SOURCE = `export default {
  async fetch(request, { GOT }) {
    const counts = {};
    for (let cursor; ;) {
      const page = await GOT.list({ cursor });
      for (const { name } of page.keys) counts[name] = Number(await GOT.get(name));
      if (page.list_complete) return Response.json(counts);
      cursor = page.cursor;
    }
  },
  async queue({ messages }, { GOT }) {
    for (const message of messages) {
      if (message.attempts === 1 && message.body.id.endsWith('7')) { message.retry(); continue; }
      await GOT.increment(message.body.id);
      await new Promise((next) => setTimeout(next, 2));
      message.ack();
    }
  },
};`;

/** Kills a host under deliveries, between accept, store, deliver and ack: each that was answered 202 is handled. */
export async function deliverAndKill(host: Mortal, rounds: number): Promise<void> {
  const manifest = {
    vars: { SECRET },
    kv_namespaces: [{ binding: 'GOT' }],
    webhooks: [{ path: '/hooks', scheme: 'github', secret: 'SECRET', queue: 'hooks' }],
    queues: { consumers: [{ queue: 'hooks', max_batch_size: 5, max_batch_timeout: 0, max_retries: 20 }] },
  };
  await host.admin().publish('hooks', encodeArtifact(artifactOf('hooks', { 'index.js': SOURCE }, manifest)), { alias: 'live' });
  const accepted = new Set<string>();
  let ended = false;
  onTestFinished(() => void (ended = true));

  const post = async (id: string) => {
    const { body, headers } = signGithub(JSON.stringify({ id }), { secret: SECRET, headers: { 'x-github-delivery': id } });
    const response = await fetch(`${host.url()}/hooks/hooks`, { method: 'POST', headers, body }).catch(() => null);
    const answer = response?.status === 202 ? ((await response.json().catch(() => null)) as object | null) : null;
    await response?.body?.cancel().catch(() => {});
    return answer;
  };
  /** As senders do: the same again until it was taken. One whose first try was cut off may have to wait until its claim ends. */
  const client = async (name: string) => {
    const open: string[] = [];
    for (let count = 0; !ended; count++) {
      const id = `${name}-${count}`;
      if ((await post(id)) === null) {
        open.push(id);
        await wait(20);
      } else accepted.add(id);
      if (open.length > 0 && accepted.size % 3 === 0 && (await post(open[0]!)) !== null) accepted.add(open.shift()!);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, index) => client(`c${index}`));
  for (let round = 0; round < rounds; round++) {
    const before = accepted.size;
    await eventually(() => accepted.size >= before + AT_LEAST || undefined, 20_000);
    await wait(Math.random() * 100);
    await host.kill();
  }
  await wait(100);
  ended = true;
  await Promise.all(clients);
  const queue = async () => (await host.admin().queues()).find((each) => each.queue === 'hooks');
  await eventually(async () => ((await queue())?.messages === 0 ? true : undefined), 30_000);
  const counts = async () => (await (await fetch(`${host.url()}/hooks/`)).json()) as Record<string, number>;
  const before = await counts();
  expect([...accepted].filter((id) => before[id] === undefined)).toEqual([]);
  // What was answered is known over each crash: the same again is stored no more.
  const some = [...accepted].filter((_, index) => index % 5 === 0);
  for (const id of some) expect(await post(id)).toEqual({ accepted: 0, duplicates: 1 });
  await eventually(async () => ((await queue())?.messages === 0 ? true : undefined));
  const after = await counts();
  expect(some.map((id) => [id, after[id]])).toEqual(some.map((id) => [id, before[id]]));
}
