import { describe, expect, it } from 'vitest';
import { Functions, wishFor } from '../../host/dispatch/functions.ts';
import { Routes } from '../../host/dispatch/routes.ts';
import { BrinkError } from '../../host/errors.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';
import { artifactOf } from '../conformance/harness.ts';

const hand = { by: 'test' };
const rule = (value: string) => [{ response_headers: { set: { 'x-op': value } } }];

async function setup(store: Store = createMemoryStore(() => 0)) {
  const now = () => 0;
  const registry = new Registry({ store, blobs: createMemoryBlobs(), now });
  await registry.publish('fn', encodeArtifact(artifactOf('fn', { 'index.js': '' })), { probe: () => Promise.resolve(['fetch']) });
  const sets = async () => (await store.list({ prefix: 'gateway-rule-set/' })).keys.length;
  const options = { registry, now, maxAge: Infinity };
  return {
    registry,
    sets,
    functions: new Functions({ ...options, random: Math.random }),
    routes: new Routes({ ...options, root: undefined }),
  };
}

/** A store that ends, or that cannot be reached, when it is told. */
function failing() {
  const inner = createMemoryStore(() => 0);
  const state: { puts: number; away: boolean } = { puts: Infinity, away: false };
  const store: Store = {
    ...inner,
    get: (key) => (state.away ? Promise.reject(new BrinkError('store-unavailable', 'It is away.')) : inner.get(key)),
    put: (...args) => (state.puts-- > 0 ? inner.put(...args) : Promise.reject(new Error('The host has ended.'))),
  };
  return { store, state };
}

describe('rules of an operator', () => {
  it('are what they were after a restart', async () => {
    const store = createMemoryStore(() => 0);
    const { registry } = await setup(store);
    await registry.rules.set(null, rule('host'), { hand });
    await registry.rules.set('fn', rule('function'), { hand });
    const again = new Registry({ store, blobs: createMemoryBlobs(), now: () => 0 });
    expect((await again.rules.ofHost(null))?.blocks).toEqual(rule('host'));
    expect((await again.rules.read((await again.get('fn')).gateway, null))?.blocks).toEqual(rule('function'));
  });

  it('are kept for 50 revisions, and not longer', async () => {
    const { registry, sets } = await setup();
    for (let each = 1; each <= 60; each++) await registry.rules.set('fn', rule(String(each)), { hand });
    const { changes } = await registry.rules.record('fn');
    expect([changes.length, changes[0]!.revision, changes.at(-1)!.revision, await sets()]).toEqual([50, 60, 11, 50]);
    await registry.rules.rollback('fn', 11, { hand });
    expect(await registry.rules.blocks((await registry.rules.record('fn')).changes[0]!)).toEqual(rule('11'));
    await registry.removeFunction('fn');
    expect(await sets()).toBe(0);
  });

  it('leave nothing of a change that a crash cut off, nor of one that is refused', async () => {
    const { store, state } = failing();
    const { registry, sets } = await setup(store);
    await registry.rules.set('fn', rule('one'), { hand });
    state.puts = 1;
    await expect(registry.rules.set('fn', rule('two'), { hand })).rejects.toThrow('The host has ended.');
    state.puts = Infinity;
    expect([await sets(), (await registry.rules.record('fn')).changes.length]).toEqual([2, 1]);
    await registry.sweep();
    expect(await sets()).toBe(1);
    await expect(registry.rules.set('fn', rule('three'), { hand, ifRevision: 5 })).rejects.toMatchObject({ code: 'rules-conflict' });
    expect(await sets()).toBe(1);
  });

  it('hold while the store cannot be reached', async () => {
    const { store, state } = failing();
    const { registry, functions, routes } = await setup(store);
    await registry.rules.set('fn', rule('function'), { hand });
    await registry.rules.set(null, rule('host'), { hand });
    expect((await functions.choose('fn', wishFor(null))).rules?.blocks).toEqual(rule('function'));
    await routes.match('http://h/fn/');
    state.away = true;
    functions.expire('fn');
    routes.expire();
    expect((await functions.choose('fn', wishFor(null))).rules?.blocks).toEqual(rule('function'));
    expect(await routes.match('http://h/fn/')).toMatchObject({ function: 'fn' });
    expect(routes.rules?.blocks).toEqual(rule('host'));
  });

  it('are one object while they hold, whatever else changes', async () => {
    const { registry, functions } = await setup();
    await registry.rules.set('fn', rule('function'), { hand });
    const first = (await functions.choose('fn', wishFor(null))).rules;
    await registry.moveAlias('fn', 'beta', { versions: [{ version: 1, weight: 100 }] });
    functions.forget('fn');
    expect((await functions.choose('fn', wishFor(null))).rules).toBe(first);
  });

  it('are not those of before for whoever reads them while they change', async () => {
    const { registry, routes } = await setup();
    await registry.rules.set(null, rule('one'), { hand });
    const reading = routes.match('http://h/fn/');
    await registry.rules.set(null, rule('two'), { hand });
    routes.forget();
    await Promise.all([routes.match('http://h/fn/'), reading]);
    expect(routes.rules?.blocks).toEqual(rule('two'));
  });
});
