import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually, publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './changes-crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 3;
const CHILD = fileURLToPath(new URL('changes-crash-child.ts', import.meta.url));

/** Writes keys and rows at once, and says what it wrote; a GET gives what is there. */
const SOURCE = `export default {
  async fetch(request, { KV, DB }) {
    const { searchParams } = new URL(request.url);
    await DB.exec('CREATE TABLE IF NOT EXISTS t (id TEXT PRIMARY KEY, n INTEGER)');
    if (request.method === 'GET') {
      const { keys } = await KV.list();
      const values = await Promise.all(keys.map(async ({ name }) => [name, Number(await KV.get(name))]));
      const { results } = await DB.prepare('SELECT id, n FROM t').all();
      return Response.json([...values, ...results.map(({ id, n }) => [id, n])]);
    }
    const number = Number(searchParams.get('number'));
    const names = Array.from({ length: Number(searchParams.get('keys')) }, (_, index) => index);
    const numbers = Array.from({ length: 10 }, (_, index) => number + index);
    const insert = DB.prepare('INSERT OR REPLACE INTO t VALUES (?, ?)');
    await Promise.all([
      ...names.map(async (name) => {
        for (const each of numbers) await KV.put('key-' + name, String(each));
      }),
      DB.batch(numbers.flatMap((each) => names.map((name) => insert.bind('row-' + name, each)))),
    ]);
    return Response.json(numbers.flatMap((each) => names.flatMap((name) => [['key-' + name, each], ['row-' + name, each]])));
  },
  queue({ messages }) {
    const told = messages.map(({ body }) => (body.table ? [body.new.id, body.new.n] : [body.key, Number(body.value)]));
    console.log(told.map((each) => JSON.stringify({ told: each })).join('\\n'));
  },
};`;

it(`kill -9 of the host while keys and rows are written, ${ROUNDS} times over: each write was told, in order, and no other`, async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-changes-crash-'));
  const manifest = {
    kv_namespaces: [{ binding: 'KV', notifications: [{ queue: 'changes', values: true }] }],
    d1_databases: [{ binding: 'DB', notifications: [{ queue: 'changes', tables: ['t'] }] }],
    queues: { consumers: [{ queue: 'changes', max_batch_size: 100, max_batch_timeout: 0, max_retries: ROUNDS + 2, retry_delay: 0 }] },
  };
  const written: string[] = [];
  /** By key, in the order in which they came. */
  const told = new Map<string, number[]>();
  const tell = ([key, number]: readonly [string, number]) => void told.set(key, [...(told.get(key) ?? []), number]);
  try {
    const first = await openNode({ state });
    await publish(first, SOURCE, { name: 'writer', alias: 'live', manifest });
    await first.stop();
    for (let round = 0; round < ROUNDS; round++) {
      for (const line of await runAndKill<Line>({ module: CHILD, args: [state, String(round)], within: 1_500, after: 1_000 })) {
        if ('written' in line) written.push(line.written.join('@'));
        else tell(line.told);
      }
    }
    const last = await openNode({ state });
    const there = ((await (await fetch(`${last.url}/writer/`)).json()) as [string, number][]).map((each) => each.join('@'));
    let read = 0;
    const missing = () => {
      for (const each of last.events.slice(read))
        if (each.type === 'console')
          for (const line of each.message.split('\n')) tell((JSON.parse(line) as { told: [string, number] }).told);
      read = last.events.length;
      return [...written, ...there].filter((each) => !told.get(each.split('@')[0]!)?.includes(Number(each.split('@')[1])));
    };
    await eventually(() => (missing().length === 0 ? true : undefined), 20_000).catch(() => {});
    expect(missing()).toEqual([]);
    await last.stop();

    expect(written.length).toBeGreaterThan(1_000);
    for (const [key, numbers] of told) {
      // What comes again after a crash comes in its order as well: the first time that each is told is in the order of the writes.
      const firsts = [...new Set(numbers)];
      expect(firsts, key).toEqual(firsts.toSorted((a, b) => a - b));
    }
    // Nothing was told that is not there, as the last of a key or before it.
    const ends = new Map(there.map((each) => each.split('@') as [string, string]));
    for (const [key, numbers] of told) expect(Math.max(...numbers), key).toBe(Number(ends.get(key)));
  } finally {
    removeFolder(state);
  }
}, 90_000);
