import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import type { PublishOptions } from '../../host/registry/published.ts';
import { Registry } from '../../host/registry/registry.ts';
import type { Store } from '../../host/stores/store.ts';
import { artifactOf, coded, contents, FETCH, registryOn, type OpenedStores } from './registry-cases.ts';

/** What is left after something went wrong: nothing. */
export function registryFailureSuite(opened: () => OpenedStores): void {
  const shop = (text: string, ...routes: string[]) => artifactOf('shop', text, { routes });

  describe('a refused publish', () => {
    const failing = (code: 'startup-failed' | 'startup-timeout'): PublishOptions => ({
      probe: () => Promise.reject(new BrinkError(code, 'The main module threw.')),
    });

    it.each([
      ['whose main module throws', shop('two', 'new.test/*'), failing('startup-failed'), 'startup-failed'],
      ['whose main module never ends', shop('two', 'new.test/*'), failing('startup-timeout'), 'startup-timeout'],
      ['without handlers', shop('two', 'new.test/*'), { probe: async () => [] }, 'handlers-missing'],
      ['of another function', artifactOf('blog', 'one'), FETCH, 'manifest-invalid'],
      ['that was cut off', shop('two').subarray(0, -1) as Uint8Array<ArrayBuffer>, FETCH, 'artifact-invalid'],
      ['that is no artifact', new TextEncoder().encode('PK\x03\x04'), FETCH, 'artifact-invalid'],
      ['that is empty', new Uint8Array(), FETCH, 'artifact-invalid'],
      ['with an alias that cannot be', shop('two', 'new.test/*'), { ...FETCH, alias: 'No!' }, 'name-invalid'],
      ['with a module outside of it', artifactOf('shop', 'two', {}, '../main.js'), FETCH, 'module-name-invalid'],
    ] as const)('%s leaves every key and byte as it was', async (_name, bytes, options, code) => {
      await registryOn(opened()).publish('shop', shop('one', 'shop.test/*'), FETCH);
      const before = await contents(opened());
      await expect(registryOn(opened()).publish('shop', bytes, options)).rejects.toThrow(coded(code));
      expect(await contents(opened())).toEqual(before);
    });

    it('of a new function leaves nothing at all', async () => {
      await expect(registryOn(opened()).publish('shop', shop('one', 'shop.test/*'), failing('startup-failed'))).rejects.toThrow();
      expect(await contents(opened())).toEqual({});
    });

    it('that could not write its version puts the routes back and takes the artifact away', async () => {
      await registryOn(opened()).publish('shop', shop('one', 'shop.test/old'), FETCH);
      const before = await contents(opened());
      const registry = new Registry({ ...opened(), store: refusing(opened().store, 'function/'), now: Date.now });
      await expect(registry.publish('shop', shop('two', 'shop.test/new'), FETCH)).rejects.toThrow(coded('write-conflict'));
      expect(await contents(opened())).toEqual(before);
    });
  });

  describe('a version removed while it is published again', () => {
    it('is not brought back without its artifact', async () => {
      const registry = registryOn(opened());
      await registry.publish('shop', shop('one'), FETCH);
      await registry.publish('shop', shop('two', 'shop.test/*'), FETCH);
      const store = once(opened().store, 'function/shop', () => registry.removeVersion('shop', 2));
      const racing = new Registry({ ...opened(), store, now: Date.now });
      await expect(racing.publish('shop', shop('two', 'shop.test/*'), FETCH)).rejects.toThrow(coded('write-conflict'));
      expect((await registry.get('shop')).versions.map(({ number }) => number)).toEqual([1]);
      const { version } = await racing.publish('shop', shop('two'), FETCH);
      expect(version.number).toBe(3);
      await registry.artifact('shop', version);
    });
  });

  describe('sweep()', () => {
    it('takes artifacts that no version names and routes of functions that are not there, and nothing else', async () => {
      const registry = registryOn(opened());
      await registry.publish('shop', shop('one', 'shop.test/*'), FETCH);
      await registry.publish('blog', artifactOf('blog', 'one'), FETCH);
      const before = await contents(opened());
      await diesBeforeNaming(opened(), 'ghost', artifactOf('ghost', 'one', { routes: ['ghost.test/*'] }));
      expect(await registry.routes()).toHaveLength(2);
      expect(await registry.sweep()).toBe(1);
      expect(await contents(opened())).toEqual(before);
      expect(await registry.sweep()).toBe(0);
    });

    it('of an empty state does nothing', async () => {
      expect(await registryOn(opened()).sweep()).toBe(0);
      expect(await contents(opened())).toEqual({});
    });
  });

  it('removeFunction() takes everything that it had', async () => {
    await registryOn(opened()).publish('blog', artifactOf('blog', 'one', { routes: ['blog.test/*'] }), FETCH);
    const before = await contents(opened());
    const registry = registryOn(opened());
    for (const text of ['one', 'two']) await registry.publish('shop', shop(text, 'shop.test/*'), FETCH);
    await registry.removeFunction('shop');
    expect(await contents(opened())).toEqual(before);
    await expect(registry.removeFunction('shop')).rejects.toThrow(coded('function-not-found'));
  });
}

/** A store in which others always write first where a key begins with `prefix`. */
function refusing(store: Store, prefix: string): Store {
  return { ...store, put: (key, value, options) => (key.startsWith(prefix) ? Promise.resolve(null) : store.put(key, value, options)) };
}

/** A store that does `meanwhile` once, after the first time that `key` is read. */
function once(store: Store, key: string, meanwhile: () => Promise<void>): Store {
  let left = 1;
  return {
    ...store,
    async get(wanted) {
      const entry = await store.get(wanted);
      if (wanted === key && left-- === 1) await meanwhile();
      return entry;
    },
  };
}

/** A publish that stops for ever where it would name its version, as after `kill -9`. */
async function diesBeforeNaming(stores: OpenedStores, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  await new Promise<void>((died) => {
    const put: Store['put'] = (key, value, options) => {
      if (!key.startsWith('function/')) return stores.store.put(key, value, options);
      died();
      return new Promise(() => {});
    };
    const registry = new Registry({ ...stores, store: { ...stores.store, put }, now: Date.now });
    void registry.publish(name, bytes, FETCH);
  });
}
