import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './email-crash-child.ts';
import { publish } from './harness.ts';
import { openNode } from './harness-node.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 4;
const CHILD = fileURLToPath(new URL('email-crash-child.ts', import.meta.url));

/** Keeps each message, a while after it has come. */
const SOURCE = `export default {
  async email(message, env) {
    await new Response(message.raw).arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await env.KEPT.put(message.headers.get('x-number'), 'kept');
  },
  async fetch(request, env) {
    const found = [];
    for (let cursor, more = true; more; more = cursor !== undefined) {
      const page = await env.KEPT.list({ cursor });
      found.push(...page.keys.map(({ name }) => name));
      cursor = page.list_complete ? undefined : page.cursor;
    }
    return Response.json(found);
  },
};`;

it(`kill -9 of the host while mail comes, ${ROUNDS} times over: what the client was told is taken, the function has`, async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-email-crash-'));
  const manifest = { email: { addresses: ['in@example.com'] }, kv_namespaces: [{ binding: 'KEPT' }] };
  try {
    const first = await openNode({ state });
    await publish(first, SOURCE, { name: 'inbox', alias: 'live', manifest });
    await first.stop();
    const taken: string[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const line of await runAndKill<Line>({ module: CHILD, args: [state, String(round)], within: 500, after: 3 }))
        taken.push(line.taken);
    const last = await openNode({ state });
    const kept = new Set((await (await fetch(`${last.url}/inbox/`)).json()) as string[]);
    await last.stop();
    expect(taken.length).toBeGreaterThan(ROUNDS);
    expect(taken.filter((number) => !kept.has(number))).toEqual([]);
  } finally {
    removeFolder(state);
  }
});
