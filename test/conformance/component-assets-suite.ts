import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILE_SERVER } from '../component/wat-assets.ts';
import { watComponent } from '../component/wat-component.ts';
import { build, project } from '../build/project.ts';
import { freshName, type OpenHost, type TestHost } from './harness.ts';

/** What a component finds in its `wasi:filesystem`, over HTTP. */
export function componentAssetsSuite(open: OpenHost): void {
  describe("a component's files", () => {
    let host: TestHost;
    let wasm: Uint8Array<ArrayBuffer>;
    beforeAll(async () => {
      host = await open();
      wasm = await watComponent('0.2', FILE_SERVER);
    });
    afterAll(() => host.stop());

    async function publish(files: Record<string, string>, config = ''): Promise<string> {
      const name = freshName();
      const dir = await project({ 'brink.toml': `name = "${name}"\nmain = "server.wasm"\n${config}`, 'server.wasm': wasm, ...files });
      const { bytes } = await build(dir);
      await host.admin.publish(name, bytes, {});
      return `${host.url}/${name}`;
    }

    it('are those of the folder that component.assets names, read-only, below /', async () => {
      const url = await publish(
        {
          'data/words.txt': 'one two',
          'data/de/words.txt': 'eins zwei',
          'data/100% #1?.txt': 'odd',
          'data/copy/words.txt': 'one two',
          'secret.txt': 'no',
        },
        '[component]\nassets = "data"\n',
      );
      const get = async (path: string) => {
        const response = await fetch(url + path);
        return [response.status, await response.text()];
      };
      for (let round = 0; round < 2; round += 1) {
        expect(await get('/words.txt')).toEqual([200, 'one two']);
        expect(await get('/copy/words.txt')).toEqual([200, 'one two']);
        expect(await get('/de/words.txt')).toEqual([200, 'eins zwei']);
      }
      expect(await get('/secret.txt')).toEqual([404, '']);
      expect(await get('//../secret.txt')).toEqual([404, '']);
      expect(await get('/de')).toEqual([403, '']);
    });

    it('are those of its own version', async () => {
      const [one, two] = [
        await publish({ 'data/words.txt': 'one' }, '[component]\nassets = "data"\n'),
        await publish({ 'data/words.txt': 'two' }, '[component]\nassets = "data"\n'),
      ];
      const texts = await Promise.all([one, two, one, two].map(async (url) => (await fetch(`${url}/words.txt`)).text()));
      expect(texts).toEqual(['one', 'two', 'one', 'two']);
    });
  });
}
