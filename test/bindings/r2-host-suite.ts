import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import { publish, type TestHost } from '../conformance/harness.ts';
import { removeFolder } from '../remove-folder.ts';

const KEEPER = `export default { async fetch(request, { FILES }) {
  if (request.method === 'PUT') await FILES.put('large', request.body, { customMetadata: { a: 'b' }, fence: 5 });
  const object = await FILES.get('large');
  if (object === null) return Response.json(null);
  const bytes = await object.bytes();
  const refused = await FILES.put('large', '', { fence: 4 }).catch(({ code }) => code);
  return Response.json([bytes.byteLength, bytes.every((byte) => byte === 7), object.customMetadata, refused]);
} }`;

const LISTER = `export default { fetch: async (_request, env) => Response.json(await Promise.all(Object.values(env).map(async (bucket) => (await bucket.list()).objects))) }`;

/** Of buckets what concerns the host: that they last, and whose they are. */
export function r2HostSuite(open: (options: Partial<HostOptions>) => Promise<TestHost>): void {
  describe('buckets of a host', () => {
    it('outlive it in the state directory, and are their function’s own', async () => {
      const state = mkdtempSync(join(tmpdir(), 'brink-r2-kept-'));
      try {
        const expected = [3_000_000, true, { a: 'b' }, 'fenced'];
        const first = await open({ state });
        const manifest = { r2_buckets: [{ binding: 'FILES' }] };
        const { name, url } = await publish(first, KEEPER, { alias: 'live', manifest });
        const body = new Uint8Array(3_000_000).fill(7);
        expect(await (await fetch(url, { method: 'PUT', body })).json()).toEqual(expected);
        const names = [name, 'function', `${name}-files`];
        const other = await publish(first, LISTER, {
          alias: 'live',
          manifest: {
            r2_buckets: [{ binding: 'FILES' }, ...names.map((bucket, index) => ({ binding: `B${index}`, bucket_name: bucket }))],
          },
        });
        expect(await (await fetch(other.url)).json()).toEqual([[], [], [], []]);
        await first.stop();
        const second = await open({ state });
        expect(await (await fetch(`${second.url}/${name}/`)).json()).toEqual(expected);
        await second.stop();
      } finally {
        removeFolder(state);
      }
    });
  });
}
