import { writeSync } from 'node:fs';
import { openNode } from '../conformance/harness-node.ts';
import { publish } from '../conformance/harness.ts';

/** One line for each schedule that was acknowledged, when the handler of another one is under way. */
export interface Line {
  readonly id: string;
}

const [state] = process.argv.slice(2) as [string];
const host = await openNode({ state });
const source = `export default {
  async scheduled({ id, attempt, scheduledTime }, { KV }) {
    await KV.increment(id + '/' + attempt);
    // The first run of this one is under way when the host is killed.
    if (id === 'long' && attempt === 1) await new Promise(() => {});
    await KV.increment(id + '/done');
  },
  async fetch(request, { SCHEDULES, KV }) {
    const url = new URL(request.url);
    if (url.searchParams.has('key')) return new Response(await KV.get(url.searchParams.get('key')) ?? '0');
    await SCHEDULES.create({ id: url.searchParams.get('id'), at: Number(url.searchParams.get('at')) });
    return new Response();
  },
}`;
const manifest = { schedules: [{ binding: 'SCHEDULES' }], kv_namespaces: [{ binding: 'KV' }] };
const { url } = await publish(host, source, { name: 'crash', alias: 'live', manifest });
await fetch(`${url}?id=long&at=0`);
while ((await (await fetch(`${url}?key=long/1`)).text()) !== '1') await new Promise((resolve) => setTimeout(resolve, 5));
for (let index = 0; ; index++) {
  const id = `s${index}`;
  // Some fire before the kill, some are claimed at it, others come after.
  await fetch(`${url}?id=${id}&at=${Date.now() + (index % 3) * 150}`);
  writeSync(1, `${JSON.stringify({ id } satisfies Line)}\n`);
}
