import { describe, expect, it } from 'vitest';
import { artifactOf, coded, FETCH, registryOn, type OpenedStores } from './registry-cases.ts';

/** Who has which route. */
export function registryRouteSuite(opened: () => OpenedStores): void {
  describe('routes', () => {
    const publish = (name: string, text: string, ...routes: string[]) =>
      registryOn(opened()).publish(name, artifactOf(name, text, { routes }), FETCH);
    const patterns = async () =>
      (await registryOn(opened()).routes()).map(({ pattern, function: owner }) => `${pattern} ${owner}`).toSorted();

    it('are those of the manifest published last', async () => {
      await publish('shop', 'one', 'shop.test/*', 'shop.test/old');
      await publish('shop', 'two', 'shop.test/*', 'shop.test/new');
      expect(await patterns()).toEqual(['shop.test/* shop', 'shop.test/new shop']);
    });

    it('come back with a version that is published again', async () => {
      await publish('shop', 'one', 'shop.test/old');
      await publish('shop', 'two');
      expect(await patterns()).toEqual([]);
      await publish('shop', 'one', 'shop.test/old');
      expect(await patterns()).toEqual(['shop.test/old shop']);
    });

    it('of another function are refused, before anything is stored', async () => {
      await publish('shop', 'one', 'shop.test/*');
      const before = await opened().blobs.list('');
      await expect(publish('blog', 'one', 'blog.test/*', 'shop.test/*')).rejects.toThrow(coded('route-conflict', { function: 'shop' }));
      expect(await opened().blobs.list('')).toEqual(before);
      expect(await patterns()).toEqual(['shop.test/* shop']);
      expect(await registryOn(opened()).find('blog')).toBeNull();
    });

    it('wanted by two functions at once go to one, and the other leaves nothing behind', async () => {
      const results = await Promise.allSettled(['shop', 'blog'].map((name) => publish(name, 'one', 'both.test/*')));
      const lost = results.filter((result) => result.status === 'rejected');
      expect(lost.map(({ reason }) => reason as unknown)).toEqual([coded('route-conflict')]);
      const [winner, ...others] = await registryOn(opened()).list();
      expect(others).toEqual([]);
      expect(await patterns()).toEqual([`both.test/* ${winner!.name}`]);
      expect(await opened().blobs.list('')).toHaveLength(1);
    });

    it('of a removed function are free', async () => {
      await publish('shop', 'one', 'shop.test/*');
      await registryOn(opened()).removeFunction('shop');
      expect(await patterns()).toEqual([]);
      await publish('blog', 'one', 'shop.test/*');
      expect(await patterns()).toEqual(['shop.test/* blog']);
    });
  });
}
