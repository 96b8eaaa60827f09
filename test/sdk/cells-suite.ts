import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freshName, type OpenHost, type TestHost } from '../conformance/harness.ts';
import { build, project } from '../build/project.ts';

/** A function whose loader takes its time, and counts itself. */
const SOURCE = `
import { cached, invalidate, type KVNamespace } from 'brink/sdk';

export default {
  async fetch(request: Request, { CACHE }: { CACHE: KVNamespace }): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const key = searchParams.get('key')!;
    const ask = (name: string) => searchParams.get(name) ?? undefined;
    if (ask('count')) return new Response((await CACHE.get('loads/' + key)) ?? '0');
    if (ask('invalidate')) await invalidate(CACHE, { tags: [ask('invalidate')!] });
    const options = { ttl: Number(ask('ttl') ?? 60), swr: Number(ask('swr') ?? 0), tags: [ask('tag') ?? 'none'] };
    const load = async () => {
      const loads = await CACHE.increment('loads/' + key);
      await new Promise((resolve) => setTimeout(resolve, Number(ask('wait') ?? 50)));
      if (ask('fail')) throw new Error('no luck');
      return { loads };
    };
    return cached(CACHE, key, options, load).then(
      ({ loads }) => new Response(String(loads)),
      (error: Error) => new Response(error.message, { status: 500 }),
    );
  },
};
`;

/** `cached` as authors import it, in the cells of several functions that share a namespace. */
export function cachedCellsSuite(open: OpenHost): void {
  describe('cached()', () => {
    let host: TestHost;
    let urls: string[];
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    /** Three functions, which have a cell each. */
    const deploy = async () => {
      urls = [];
      for (let index = 0; index < 3; index++) {
        const name = freshName();
        const dir = await project({
          'brink.toml': `name = "${name}"\nmain = "index.ts"\nkv_namespaces = [{ binding = "CACHE", id = "cached-${host.platform}" }]\n`,
          'index.ts': SOURCE,
        });
        await host.admin.publish(name, (await build(dir)).bytes, { alias: 'live' });
        urls.push(`${host.url}/${name}/`);
      }
    };
    const ask = async (cell: number, query: string, init?: RequestInit) => (await fetch(`${urls[cell]}?${query}`, init)).text();

    it('is bundled from brink/sdk, and of all who miss in all cells one loads', async () => {
      await deploy();
      const answers = await Promise.all(Array.from({ length: 120 }, (_, index) => ask(index % 3, 'key=many&wait=200')));
      expect(new Set(answers)).toEqual(new Set(['1']));
      expect(new Set(await Promise.all([0, 1, 2].map((cell) => ask(cell, 'key=many'))))).toEqual(new Set(['1']));
    });

    it('what fails is thrown to all who wait, in every cell', async () => {
      const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(index % 3, 'key=fails&wait=2000&fail=1')));
      expect(new Set(answers)).toEqual(new Set(['no luck']));
      expect(await ask(1, 'key=fails')).toBe('2');
    });

    it('a stale value comes at once, and a new one is loaded behind the response', async () => {
      const query = 'key=stale&ttl=0.1&swr=60&wait=20';
      expect(await ask(0, query)).toBe('1');
      await eventually(async () => (Number(await ask(1, query)) > 1 ? true : undefined));
      expect(await ask(2, 'key=stale&swr=60')).not.toBe('1');
    });

    it('a tag is invalidated for all cells', async () => {
      for (const [cell, query, loads] of [
        [0, '', '1'],
        [1, '', '1'],
        [2, '&invalidate=t', '2'],
        [0, '', '2'],
        [1, '', '2'],
        [1, '&invalidate=other', '2'],
      ] as const) {
        expect(await ask(cell, `key=tagged&tag=t${query}`)).toBe(loads);
      }
    });

    it('a client who goes does not end a load that others wait for', async () => {
      const gone = new AbortController();
      const first = ask(0, 'key=gone&wait=3000', { signal: gone.signal }).catch(() => 'gone');
      await eventually(async () => ((await ask(0, 'key=gone&count=1')) === '1' ? true : undefined));
      const others = [0, 1, 2].map((cell) => ask(cell, 'key=gone'));
      // What is sent after them, one after the other, is answered after they have begun.
      for (let times = 0; times < 5; times++) for (const cell of [0, 1, 2]) await ask(cell, 'key=gone&count=1');
      gone.abort();
      expect(await first).toBe('gone');
      expect(await Promise.all(others)).toEqual(['1', '1', '1']);
    });
  });
}
