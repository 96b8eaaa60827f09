import { describe, expect, it } from 'vitest';
import type { Code } from '../../host/errors.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { MAX_SECRETS, SECRET_MAX_BYTES } from '../../host/registry/record.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createKeyring } from '../../host/secrets/keyring.ts';
import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';
import { artifactOf, coded, FETCH } from '../registry/registry-cases.ts';

const KEY = new Uint8Array(32).fill(7);
const NEXT = new Uint8Array(32).fill(8);

function memory() {
  return { store: createMemoryStore(Date.now), blobs: createMemoryBlobs() };
}

function sqlite() {
  const sql = openSql(':memory:');
  return { store: createSqlStore(sql, Date.now), blobs: createSqlBlobs(sql) };
}

describe.each([
  ['memory', memory],
  ['sqlite', sqlite],
])('secrets on %s', (_backend, open) => {
  function setup(...keys: Uint8Array<ArrayBuffer>[]) {
    const clock = { time: 1_000 };
    const stores = open();
    const withKeys = (...given: Uint8Array<ArrayBuffer>[]) =>
      new Registry({ ...stores, now: () => clock.time, keyring: createKeyring(() => given) });
    const registry = withKeys(...(keys.length > 0 ? keys : [KEY]));
    const { secrets } = registry;
    return {
      clock,
      registry,
      secrets,
      withKeys,
      ...stores,
      set: (values: Record<string, string | null>, name = 'fn') => secrets.change(name, new Map(Object.entries(values))),
    };
  }
  const requiring = (text: string, ...required: string[]) => artifactOf('fn', text, { secrets: { required } });

  it('are set, set anew and removed, each with its time', async () => {
    const { clock, registry, secrets, set } = setup();
    await set({ A: 'one' });
    clock.time = 2_000;
    const record = await set({ B: 'two', C: 'three' });
    expect(Object.entries(record.secrets!.entries).map(([name, { setAt }]) => [name, setAt])).toEqual([
      ['A', 1_000],
      ['B', 2_000],
      ['C', 2_000],
    ]);
    expect(await secrets.valuesOf(record)).toEqual({ A: 'one', B: 'two', C: 'three' });
    await set({ A: 'four', B: null, never: null });
    await secrets.remove('fn', 'C');
    const last = await registry.get('fn');
    expect(await secrets.valuesOf(last)).toEqual({ A: 'four' });
    expect(last.secrets!.revision).toBe(4);
    await expect(secrets.remove('fn', 'C')).rejects.toThrow(coded('secret-not-found', { function: 'fn', secret: 'C' }));
    await expect(secrets.remove('none', 'C')).rejects.toThrow(coded('function-not-found'));
  });

  it('of many writers at once are all there', async () => {
    const { registry, secrets, set } = setup();
    const names = Array.from({ length: 40 }, (_, index) => `S${index}`);
    await Promise.all(names.map((name) => set({ [name]: `value of ${name}` })));
    const record = await registry.get('fn');
    expect(await secrets.valuesOf(record)).toEqual(Object.fromEntries(names.map((name) => [name, `value of ${name}`])));
    expect(record.secrets!.revision).toBe(40);
  });

  it.each<[string, Record<string, string>, Code, string?]>([
    ['a name with a dash', { 'A-B': 'x' }, 'name-invalid'],
    ['a name that begins with a digit', { '1A': 'x' }, 'name-invalid'],
    ['an empty name', { '': 'x' }, 'name-invalid'],
    ['a name that objects have', Object.fromEntries([['__proto__', 'x']]), 'name-invalid'],
    ['an empty value', { A: '' }, 'bad-request'],
    ['half of a surrogate pair', { A: '\ud83d' }, 'bad-request'],
    ['a value that is too large', { A: 'ä'.repeat(SECRET_MAX_BYTES / 2) + 'x' }, 'secret-too-large'],
    ['a name for a function that is none', { A: 'x' }, 'name-invalid', 'no--name'],
  ])('refuse %s, and then set none of those that come with it', async (_what, values, code, name = 'fn') => {
    const { registry, secrets } = setup();
    await expect(secrets.change(name, new Map([['GOOD', 'good'], ...Object.entries(values)]))).rejects.toThrow(coded(code));
    expect(await registry.find(name)).toBeNull();
  });

  it('have as many bytes and are as many as the limits say', async () => {
    const { secrets, set } = setup();
    const names = Array.from({ length: MAX_SECRETS }, (_, index) => `S${index}`);
    const record = await set(Object.fromEntries(names.map((name) => [name, 'x'.repeat(SECRET_MAX_BYTES)])));
    expect(Object.keys(await secrets.valuesOf(record))).toHaveLength(MAX_SECRETS);
    await expect(set({ ONE_MORE: 'x' })).rejects.toThrow(coded('secret-limit'));
    await set({ ONE_MORE: 'x', S0: null });
  });

  it('go with their function', async () => {
    const { registry, set, store } = setup();
    await registry.publish('fn', artifactOf('fn', 'one'), FETCH);
    await set({ A: 'one' });
    await registry.removeFunction('fn');
    expect((await store.list({ prefix: '' })).keys).not.toContain('function/fn');
    await registry.publish('fn', artifactOf('fn', 'one'), FETCH);
    expect((await registry.get('fn')).secrets).toBeUndefined();
  });

  describe('that a version requires', () => {
    it('refuse a publish that would move an alias while they are missing', async () => {
      const { registry, set, blobs } = setup();
      const missing = coded('secret-missing', { function: 'fn', version: 1, secrets: ['B'] });
      await set({ A: 'one' });
      await expect(registry.publish('fn', requiring('one', 'A', 'B'), FETCH)).rejects.toThrow(missing);
      expect([(await registry.get('fn')).versions, await blobs.list('')]).toEqual([[], []]);
      await set({ B: 'two' });
      expect(await registry.publish('fn', requiring('one', 'A', 'B'), FETCH)).toMatchObject({ alias: 'live', warnings: [] });
    });

    it('are missed before the code is run that needs them', async () => {
      const { registry } = setup();
      const probe = () => Promise.reject(new Error('it threw at its top level'));
      await expect(registry.publish('fn', requiring('one', 'A'), { probe })).rejects.toThrow(coded('secret-missing', { version: 1 }));
    });

    it('let a version be published that no alias names, with a warning, and keep aliases from it', async () => {
      const { registry, set } = setup();
      await registry.publish('fn', artifactOf('fn', 'one'), FETCH);
      const { warnings } = await registry.publish('fn', requiring('two', 'A'), FETCH);
      expect(warnings).toEqual([expect.stringMatching(/not set.*: A$/)]);
      const move = () =>
        registry.moveAlias('fn', 'live', {
          versions: [
            { version: 1, weight: 50 },
            { version: 2, weight: 50 },
          ],
        });
      await expect(move()).rejects.toThrow(coded('secret-missing', { version: 2 }));
      expect((await registry.get('fn')).aliases['live']!.revision).toBe(1);
      await set({ A: 'one' });
      await move();
    });

    it('keep a rollback from a version that has lost them', async () => {
      const { registry, secrets, set } = setup();
      await set({ A: 'one' });
      await registry.publish('fn', requiring('one', 'A'), FETCH);
      await registry.publish('fn', artifactOf('fn', 'two'), { ...FETCH, alias: 'live' });
      await secrets.remove('fn', 'A');
      await expect(registry.rollback('fn', 'live')).rejects.toThrow(coded('secret-missing', { version: 1 }));
      await set({ A: 'again' });
      expect((await registry.rollback('fn', 'live')).versions).toEqual([{ version: 1, weight: 100 }]);
    });

    it('may be vars', async () => {
      const { registry } = setup();
      const bytes = artifactOf('fn', 'one', { vars: { A: 'var' }, secrets: { required: ['A'] } });
      expect(await registry.publish('fn', bytes, FETCH)).toMatchObject({ alias: 'live', warnings: [] });
    });
  });

  it('may not have the name of a binding of the newest version', async () => {
    const { registry, set } = setup();
    await registry.publish('fn', artifactOf('fn', 'one', { kv_namespaces: [{ binding: 'KV' }] }), FETCH);
    await expect(set({ KV: 'secret' })).rejects.toThrow(coded('secret-conflict', { secret: 'KV', version: 1 }));
  });

  it('may not have the name of a var of the newest version; one of an older version stays what it was', async () => {
    const { registry, set } = setup();
    await registry.publish('fn', artifactOf('fn', 'one', { vars: { A: 'var' } }), FETCH);
    await expect(set({ B: 'x', A: 'secret' })).rejects.toThrow(coded('secret-conflict', { secret: 'A', version: 1 }));
    expect((await registry.get('fn')).secrets).toBeUndefined();
    await registry.publish('fn', requiring('two', 'A'), FETCH);
    await set({ A: 'secret' });
    await registry.moveAlias('fn', 'live', { versions: [{ version: 2, weight: 100 }] });
    const { warnings } = await registry.publish('fn', artifactOf('fn', 'three', { vars: { A: 'var' } }), FETCH);
    expect(warnings).toEqual([expect.stringMatching(/hide.*: A$/)]);
  });

  it('are there for the probe of a publish', async () => {
    const { registry, set } = setup();
    await set({ A: 'one' });
    let seen: unknown;
    await registry.publish('fn', requiring('one', 'A'), { probe: async (_artifact, secrets) => ((seen = secrets), ['fetch']) });
    expect(seen).toEqual({ A: 'one' });
  });

  it('are given to cells with their revision, as they were when the version was looked up', async () => {
    const { registry, set } = setup();
    const { version } = await registry.publish('fn', artifactOf('fn', 'one'), FETCH);
    const before = await registry.load(await registry.get('fn'), version);
    const first = await registry.load(await set({ A: 'one' }), version);
    await set({ A: 'two' });
    const second = await registry.load(await registry.get('fn'), version);
    expect([before, first, second].map(({ secretsRevision }) => secretsRevision)).toEqual([0, 1, 2]);
    expect([await before.secrets(), await first.secrets(), await second.secrets()]).toEqual([{}, { A: 'one' }, { A: 'two' }]);
  });

  describe('whose ciphertexts were swapped in the store', () => {
    it('open neither at another name nor in another function', async () => {
      const { registry, secrets, set, store } = setup();
      const one = await set({ A: 'one', B: 'two' });
      await set({ A: 'three' }, 'other');
      const swapped = { ...one, secrets: { revision: 1, entries: { A: one.secrets!.entries['B'], B: one.secrets!.entries['A'] } } };
      for (const record of [swapped, { ...one, name: 'other' }]) {
        await store.put(`function/${record.name}`, new TextEncoder().encode(JSON.stringify(record)));
        await expect(secrets.valuesOf(await registry.get(record.name))).rejects.toThrow(coded('secret-unreadable'));
      }
    });
  });

  describe('rotate()', () => {
    it('puts everything under the first key, and cells need not hear of it', async () => {
      const { withKeys, set, secrets } = setup();
      await set({ A: 'one', B: 'two' });
      await set({ A: 'three' }, 'other');
      const both = withKeys(NEXT, KEY);
      const { key, rotated } = await both.secrets.rotate();
      expect([rotated, (await both.secrets.rotate()).rotated]).toEqual([3, 0]);
      const next = withKeys(NEXT);
      const record = await next.get('fn');
      expect(record.secrets!.revision).toBe(1);
      expect(Object.values(record.secrets!.entries).map((entry) => [entry.key, entry.setAt])).toEqual([
        [key, 1_000],
        [key, 1_000],
      ]);
      expect(await next.secrets.valuesOf(record)).toEqual({ A: 'one', B: 'two' });
      await expect(secrets.valuesOf(record)).rejects.toThrow(coded('secret-unreadable'));
    });

    it('names what it cannot read, and does the rest', async () => {
      const { withKeys, set } = setup();
      await set({ A: 'one' });
      await withKeys(new Uint8Array(32).fill(9)).secrets.change('fn', new Map([['LOST', 'two']]));
      const both = withKeys(NEXT, KEY);
      await expect(both.secrets.rotate()).rejects.toThrow(coded('secret-unreadable', { rotated: 1, secrets: ['fn/LOST'] }));
      await both.secrets.change('fn', new Map([['LOST', 'found']]));
      const next = withKeys(NEXT);
      expect(await next.secrets.valuesOf(await next.get('fn'))).toEqual({ A: 'one', LOST: 'found' });
    });

    it('keeps what is set or removed meanwhile', async () => {
      const { withKeys, set } = setup();
      const names = Array.from({ length: 20 }, (_, index) => `S${index}`);
      await set(Object.fromEntries(names.map((name) => [name, 'old'])));
      const both = withKeys(NEXT, KEY);
      const changes = names.map((name, index) => both.secrets.change('fn', new Map([[name, index % 2 === 0 ? 'new' : null]])));
      await Promise.all([both.secrets.rotate(), ...changes, both.secrets.rotate()]);
      await both.secrets.rotate();
      const next = withKeys(NEXT);
      const expected = Object.fromEntries(names.filter((_name, index) => index % 2 === 0).map((name) => [name, 'new']));
      expect(await next.secrets.valuesOf(await next.get('fn'))).toEqual(expected);
    });

    it('does not bring a function back that is removed meanwhile', async () => {
      const { withKeys, set, store } = setup();
      await set({ A: 'one' });
      const removing = {
        ...store,
        async put(...args: Parameters<typeof store.put>) {
          await store.delete('function/fn');
          return store.put(...args);
        },
      };
      const both = new Registry({ store: removing, blobs: createMemoryBlobs(), now: Date.now, keyring: createKeyring(() => [NEXT, KEY]) });
      await both.secrets.rotate();
      expect(await withKeys(NEXT, KEY).find('fn')).toBeNull();
    });
  });

  it('cannot be set without a key', async () => {
    const { withKeys, registry } = setup();
    await expect(withKeys().secrets.change('fn', new Map([['A', 'x']]))).rejects.toThrow(coded('secret-key-missing'));
    expect(await registry.find('fn')).toBeNull();
  });
});
