import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import { eventually, publish } from '../conformance/harness.ts';
import { removeFolder } from '../remove-folder.ts';

const SOURCE = `
let calls = 0;
let release;
const released = new Promise((resolve) => (release = resolve));
export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/release') return new Response(release());
    if (url.searchParams.has('waits')) await released;
    return new Response('call ' + ++calls, { headers: { 'cache-control': 'max-age=60', vary: 'x-kind' } });
  },
};`;

it('responses and purges outlive the host', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-kept-'));
  try {
    let host = await openNode({ state });
    await publish(host, SOURCE, { name: 'kept', manifest: { gateway: [{ cache: true }] } });
    const ask = async (path: string) => (await fetch(`${host.url}/kept${path}`)).text();
    expect([await ask('/a'), await ask('/b')]).toEqual(['call 1', 'call 2']);
    await host.admin.purge('kept', { url: '/b' });
    await host.stop();
    // The URL is the key.
    host = await openNode({ state, port: Number(new URL(host.url).port) });
    expect([await ask('/a'), await ask('/b')]).toEqual(['call 1', 'call 1']);
    expect((await fetch(`${host.url}/kept/b`)).headers.get('cache-status')).toMatch(/hit/);
    await host.stop();
  } finally {
    removeFolder(state);
  }
});

it('who leaves does not take the response from those who wait for it', async () => {
  const host = await openNode();
  try {
    const { name, url } = await publish(host, SOURCE, {
      manifest: { scaling: { max_cells: 1 }, gateway: [{ match: { path: '/a' }, cache: true }] },
    });
    const leaving = new AbortController();
    const first = fetch(`${url}a?waits`, { signal: leaving.signal }).catch((error: Error) => error.name);
    await eventually(async () => (await host.admin.cells(name))[0]?.calls === 1 || undefined);
    const second = fetch(`${url}a?waits`);
    // What is sent after it, one after the other, is answered after it was read.
    for (let times = 0; times < 5; times++) await (await fetch(`${host.url}/_brink/health`)).text();
    leaving.abort();
    expect(await first).toBe('AbortError');
    await fetch(`${url}release`);
    expect(await (await second).text()).toBe('call 1');
  } finally {
    await host.stop();
  }
});
