import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import { eventually, publish } from '../conformance/harness.ts';
import { ended } from '../conformance/kept-counter.ts';
import { removeFolder } from '../remove-folder.ts';

const SLOW_AT_FIRST = `export default { async fetch(request, { KV }) {
  if (request.url.endsWith('?count')) return new Response((await KV.get('count')) ?? '0');
  if ((await KV.increment('count')) === 1) await new Promise((resolve) => setTimeout(resolve, 20_000));
  return new Response('done');
} }`;

it('a request for later that the end of its host cuts off has lost no attempt by that', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-kept-'));
  let host = await openNode({ state, drainTimeout: 200 });
  try {
    const manifest = { kv_namespaces: [{ binding: 'KV' }], async: { enabled: true, max_attempts: 1 } };
    const { name, url } = await publish(host, SLOW_AT_FIRST, { alias: 'live', manifest });
    const accepted = await fetch(url, { method: 'POST', headers: { prefer: 'respond-async' } });
    await eventually(async () => ((await (await fetch(`${url}?count`)).text()) === '1' ? true : undefined));
    await host.stop();
    host = await openNode({ state });
    expect(await ended(host, accepted)).toMatchObject({ status: 'done', attempts: 1 });
    expect(await (await fetch(`${host.url}/${name}/?count`)).text()).toBe('2');
  } finally {
    await host.stop();
    removeFolder(state);
  }
});
