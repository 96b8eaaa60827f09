import { writeSync } from 'node:fs';
import { openNode } from '../conformance/harness-node.ts';
import { publish } from '../conformance/harness.ts';

/** One line each time that so many requests are known to have been compared. */
export interface Line {
  readonly compared: number;
}

const [state] = process.argv.slice(2) as [string];
const host = await openNode({ state });
const source = (version: number) => `export default { async fetch(request, env) {
  await env.KV.put('by-${version}', 'x');
  return Response.json({ version: ${version}, n: 1 });
} };`;
const more = {
  name: 'crash',
  manifest: { scaling: { max_cells: 1 }, limits: { deadline_ms: 3_000 }, kv_namespaces: [{ binding: 'KV' }] },
};
await publish(host, source(1), { ...more, alias: 'live' });
await publish(host, source(2), more);
await host.admin.startShadow('crash', { to: 2, share: 100, ignore: ['$.n'] });
for (;;) {
  for (let n = 0; n < 5; n++) await (await fetch(`${host.url}/crash/`)).text();
  const { compared } = (await host.admin.shadow('crash', 1)).report;
  writeSync(1, `${JSON.stringify({ compared } satisfies Line)}\n`);
}
