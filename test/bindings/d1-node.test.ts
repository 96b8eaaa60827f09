import { expect, it } from 'vitest';
import { publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { d1At, functionSource } from './d1.ts';
import { d1Suite } from './d1-suite.ts';

d1Suite('a cell on Node', {
  async open() {
    const host = await openNode();
    const { url } = await publish(host, await functionSource(), { alias: 'live', manifest: { d1_databases: [{ binding: 'DB' }] } });
    return { d1: d1At(url), close: () => host.stop() };
  },
});

it('a function with a query that never ends hurts no other function, nor its host', async () => {
  const host = await openNode();
  const manifest = { d1_databases: [{ binding: 'DB' }] };
  const spin = 'WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';
  const bad = `let state = 'idle';
    export default { fetch(request, { DB }) {
      if (request.method === 'POST') {
        state = 'runs';
        DB.prepare('${spin}').run().catch(() => {}).finally(() => (state = 'ended'));
      }
      return new Response(state);
    } }`;
  const good = "export default { async fetch(_request, { DB }) { return Response.json(await DB.prepare('SELECT 1 AS one').first()) } }";
  const spinning = await publish(host, bad, { alias: 'live', manifest });
  const other = await publish(host, good, { alias: 'live', manifest });
  await fetch(spinning.url, { method: 'POST' });
  for (let n = 0; n < 20; n++) expect(await (await fetch(other.url)).json()).toEqual({ one: 1 });
  // The other calls were answered meanwhile, and so is this one, by the same cell.
  expect(await (await fetch(spinning.url)).text()).toBe('runs');
  await host.stop();
});
