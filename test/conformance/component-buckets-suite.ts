import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOTE_KEEPER } from '../component/wat-blobstore.ts';
import { watComponent } from '../component/wat-component.ts';
import { publish, type OpenHost, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';

/** What a component finds in its `wasi:blobstore`, over HTTP. */
export function componentBucketsSuite(open: OpenHost): void {
  describe("a component's buckets", () => {
    let host: TestHost;
    let wasm: Uint8Array<ArrayBuffer>;
    beforeAll(async () => {
      host = await open();
      wasm = await watComponent('0.2', NOTE_KEEPER);
    });
    afterAll(() => host.stop());
    const get = async (url: string) => {
      const response = await fetch(url);
      return [response.status, await response.text()];
    };

    it('are those of its manifest: it writes to one, and reads what is there', async () => {
      const { url } = await publishComponent(host, wasm, 'r2_buckets = [{ binding = "FILES" }]\n');
      expect(await get(`${url}/`)).toEqual([404, '']);
      expect(await get(`${url}/first-note`)).toEqual([200, '']);
      expect(await get(`${url}/`)).toEqual([200, '/first-note']);
      expect(await get(`${url}/second`)).toEqual([200, '']);
      expect(await get(`${url}/`)).toEqual([200, '/second']);
    });

    it('are shared with functions of JavaScript that name them', async () => {
      const component = await publishComponent(host, wasm, 'r2_buckets = [{ binding = "FILES", bucket_name = "shared-notes" }]\n');
      const source = `export default { async fetch(request, { NOTES }) {
        if (request.method === 'PUT') await NOTES.put('note', request.body);
        return new Response((await NOTES.get('note')).body);
      } }`;
      const manifest = { r2_buckets: [{ binding: 'NOTES', bucket_name: 'shared-notes' }] };
      const { url } = await publish(host, source, { alias: 'live', manifest });
      await get(`${component.url}/by-the-component`);
      expect(await get(url)).toEqual([200, '/by-the-component']);
      await fetch(url, { method: 'PUT', body: 'by JavaScript' });
      expect(await get(`${component.url}/`)).toEqual([200, 'by JavaScript']);
    });

    it('are none that the manifest does not name', async () => {
      const { url } = await publishComponent(host, wasm, 'r2_buckets = [{ binding = "OTHER" }]\n');
      expect(await get(`${url}/`)).toEqual([403, '']);
    });
  });
}
