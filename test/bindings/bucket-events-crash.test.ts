import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually, publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './bucket-events-crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 4;
const CHILD = fileURLToPath(new URL('bucket-events-crash-child.ts', import.meta.url));

/** Puts an object, another in parts, and deletes the first; says what it did, with what is there in the end. */
const SOURCE = `export default {
  async fetch(request, { FILES }) {
    if (request.method === 'GET') {
      const keys = [];
      for (let page = { truncated: true }; page.truncated; keys.push(...page.objects.map(({ key }) => key)))
        page = await FILES.list({ cursor: page.cursor });
      return Response.json(keys);
    }
    const name = await request.text();
    await FILES.put(name, name);
    const upload = await FILES.createMultipartUpload(name + '/parts');
    await upload.complete([await upload.uploadPart(1, name)]);
    await FILES.delete(name);
    return Response.json(['PutObject ' + name, 'CompleteMultipartUpload ' + name + '/parts', 'DeleteObject ' + name]);
  },
  queue({ messages }) {
    console.log(messages.map(({ body: { action, object } }) => JSON.stringify({ told: action + ' ' + object.key })).join('\\n'));
  },
};`;

it(`kill -9 of the host while objects are written, ${ROUNDS} times over: what is there was told, and so was what has gone`, async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-events-crash-'));
  const manifest = {
    r2_buckets: [{ binding: 'FILES', notifications: [{ queue: 'events', event_type: ['object-create', 'object-delete'] }] }],
    queues: { consumers: [{ queue: 'events', max_batch_size: 20, max_batch_timeout: 0, max_retries: ROUNDS + 2 }] },
  };
  const written: string[] = [];
  const told = new Set<string>();
  try {
    const first = await openNode({ state });
    await publish(first, SOURCE, { name: 'writer', alias: 'live', manifest });
    await first.stop();
    for (let round = 0; round < ROUNDS; round++) {
      for (const line of await runAndKill<Line>({ module: CHILD, args: [state, String(round)], within: 300, after: 20 })) {
        if ('written' in line) written.push(line.written);
        else told.add(line.told);
      }
    }
    const last = await openNode({ state });
    const keys = (await (await fetch(`${last.url}/writer/`)).json()) as string[];
    const read = () => {
      for (const each of last.events)
        if (each.type === 'console') for (const line of each.message.split('\n')) told.add((JSON.parse(line) as { told: string }).told);
      return told;
    };
    const expected = [...written, ...keys.map((key) => `${key.endsWith('/parts') ? 'CompleteMultipartUpload' : 'PutObject'} ${key}`)];
    const missing = () => expected.filter((each) => !read().has(each));
    await eventually(() => (missing().length === 0 ? true : undefined), 20_000).catch(() => {});
    expect(missing()).toEqual([]);
    await last.stop();

    expect(written.length).toBeGreaterThan(ROUNDS);
    // What was told has been: of each object that was made in parts, the put came before.
    const made = [...told].filter((each) => each.startsWith('CompleteMultipartUpload '));
    const puts = made.map((each) => each.replace('CompleteMultipartUpload', 'PutObject').replace('/parts', ''));
    expect(puts.filter((each) => !told.has(each))).toEqual([]);
    expect(made.filter((each) => !keys.includes(each.split(' ')[1]!))).toEqual([]);
  } finally {
    removeFolder(state);
  }
}, 90_000);
