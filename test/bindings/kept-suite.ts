import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import { publish, type TestHost } from '../conformance/harness.ts';
import { removeFolder } from '../remove-folder.ts';

/** What lies in a state directory is there for the next host. */
export function keptSuite(open: (options: Partial<HostOptions>) => Promise<TestHost>): void {
  it('a namespace outlives its host, in the state directory', async () => {
    const state = mkdtempSync(join(tmpdir(), 'brink-kept-'));
    try {
      const source = `export default { async fetch(request, { KV }) {
        if (request.method === 'POST') await KV.put('large', new Uint8Array(3_000_000).fill(7), { metadata: 'm' });
        const { value, metadata } = await KV.getWithMetadata('large', 'arrayBuffer');
        return Response.json([await KV.increment('count'), value.byteLength, new Uint8Array(value).every((byte) => byte === 7), metadata]);
      } }`;
      const first = await open({ state });
      const { name, url } = await publish(first, source, { alias: 'live', manifest: { kv_namespaces: [{ binding: 'KV' }] } });
      expect(await (await fetch(url, { method: 'POST' })).json()).toEqual([1, 3_000_000, true, 'm']);
      await first.stop();
      const second = await open({ state });
      expect(await (await fetch(`${second.url}/${name}/`)).json()).toEqual([2, 3_000_000, true, 'm']);
      await second.stop();
    } finally {
      removeFolder(state);
    }
  });
}
