import { describe, expect, it } from 'vitest';
import type { Chosen, Wish } from '../../host/dispatch/functions.ts';
import { Functions } from '../../host/dispatch/functions.ts';
import { Routes } from '../../host/dispatch/routes.ts';
import { Ejections } from '../../host/gateway/limits/ejections.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createKeyring } from '../../host/secrets/keyring.ts';
import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';
import { artifactOf } from '../conformance/harness.ts';

interface SetupOptions {
  readonly maxAge?: number;
  readonly store?: Store;
  readonly random?: () => number;
}

/** A registry with the function `fn` in as many versions, and a clock that stands still. */
async function setup(versions: number, { maxAge = Infinity, store = createMemoryStore(() => 0), random = Math.random }: SetupOptions = {}) {
  const clock = { time: 0 };
  const now = () => clock.time;
  const registry = new Registry({ store, blobs: createMemoryBlobs(), now, keyring: createKeyring(() => [new Uint8Array(32)]) });
  const publish = (mark: string, manifest = {}) =>
    registry.publish('fn', encodeArtifact(artifactOf('fn', { 'index.js': `// ${mark}` }, manifest)), {
      probe: () => Promise.resolve(['fetch']),
    });
  for (let number = 1; number <= versions; number++) await publish(`v${number}`);
  return {
    clock,
    registry,
    publish,
    functions: new Functions({ registry, now, random, maxAge, ejections: new Ejections() }),
    routes: new Routes({ registry, now, maxAge, root: undefined }),
  };
}

function wish(reference: string | null = null, more: Partial<Wish> & { headers?: Record<string, string> } = {}): Wish {
  const { headers = {}, ...rest } = more;
  return { reference, override: null, header: (name) => headers[name.toLowerCase()] ?? null, address: null, ...rest };
}

const numberOf = async (chosen: Chosen | Promise<Chosen>) => (await chosen).version.number;
const toVersion = (version: number) => ({ versions: [{ version, weight: 100 }] });

describe('Functions.choose()', () => {
  it('gives what `live` names, without waiting once it is known', async () => {
    const { functions } = await setup(2);
    const first = functions.choose('fn', wish());
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toMatchObject({ alias: 'live', version: { number: 1, function: 'fn' } });
    expect(functions.choose('fn', wish())).toMatchObject({ alias: 'live', version: { number: 1 } });
  });

  it('gives one object for a version, also to those who ask at once', async () => {
    const { functions } = await setup(1);
    const [a, b] = await Promise.all([functions.choose('fn', wish()), functions.choose('fn', wish('1'))]);
    expect(a.version.artifact).toBe(b.version.artifact);
    expect((await functions.choose('fn', wish())).version).toBe((await functions.choose('fn', wish('1'))).version);
  });

  it('follows a record that has changed once it is told so', async () => {
    const { functions, registry } = await setup(2);
    await functions.choose('fn', wish());
    await registry.moveAlias('fn', 'live', toVersion(2));
    expect(await numberOf(functions.choose('fn', wish()))).toBe(1);
    functions.forget('fn');
    expect(await numberOf(functions.choose('fn', wish()))).toBe(2);
  });

  it('looks again when what it knows is older than its maxAge; those who come meanwhile use what was known', async () => {
    const { functions, registry, clock } = await setup(2, { maxAge: 1_000 });
    await functions.choose('fn', wish());
    await functions.choose('fn', wish('2'));
    await registry.moveAlias('fn', 'live', toVersion(2));
    clock.time = 1_000;
    expect(functions.choose('fn', wish())).toMatchObject({ version: { number: 1 } });
    clock.time = 1_001;
    const late = functions.choose('fn', wish());
    expect(functions.choose('fn', wish())).toMatchObject({ version: { number: 1 } });
    expect(await numberOf(late)).toBe(2);
    expect(functions.choose('fn', wish())).toMatchObject({ version: { number: 2 } });
  });

  it('keeps the objects of versions that are still the same when it looks again', async () => {
    const { functions, clock } = await setup(1, { maxAge: 0 });
    const { version } = await functions.choose('fn', wish());
    clock.time = 1;
    expect((await functions.choose('fn', wish())).version).toBe(version);
  });

  it('gives another object for a version once the secrets are seen to have changed, within its maxAge', async () => {
    const { functions, registry, clock } = await setup(1, { maxAge: 1_000 });
    const { version } = await functions.choose('fn', wish());
    await registry.secrets.change('fn', new Map([['A', 'one']]));
    clock.time = 1_000;
    expect((await functions.choose('fn', wish())).version).toBe(version);
    clock.time = 1_001;
    const fresh = (await functions.choose('fn', wish())).version;
    expect([version.secretsRevision, fresh.secretsRevision]).toEqual([0, 1]);
    expect([await version.secrets(), await fresh.secrets()]).toEqual([{}, { A: 'one' }]);
    clock.time = 2_002;
    expect((await functions.choose('fn', wish())).version).toBe(fresh);
  });

  it('deals exactly by weight, also when it looks at the record again in between', async () => {
    const { functions, registry, clock } = await setup(2, { maxAge: 5 });
    await registry.moveAlias('fn', 'live', {
      versions: [
        { version: 1, weight: 90 },
        { version: 2, weight: 10 },
      ],
    });
    const counts = [0, 0, 0];
    for (let index = 0; index < 100; index++) {
      clock.time = index;
      counts[await numberOf(functions.choose('fn', wish()))]!++;
    }
    expect(counts).toEqual([0, 90, 10]);
  });

  it('deals batches of a queue from a deck of their own, so that requests which send its messages do not take their versions', async () => {
    const { registry, publish, functions, clock } = await setup(0, { maxAge: 1_000 });
    const manifest = { queues: { consumers: [{ queue: 'q' }] } };
    for (const mark of ['a', 'b']) await publish(mark, manifest);
    await registry.moveAlias('fn', 'live', {
      versions: [
        { version: 1, weight: 50 },
        { version: 2, weight: 50 },
      ],
    });
    const pairs = new Map<string, number>();
    for (let count = 0; count < 200; count++) {
      clock.time += 300;
      const request = await numberOf(functions.choose('fn', wish()));
      const pair = `${request} ${await numberOf(functions.chooseConsumer('fn', 'q', null))}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
    const count = (...of: string[]) => of.reduce((sum, pair) => sum + (pairs.get(pair) ?? 0), 0);
    expect([count('1 1', '1 2'), count('1 1', '2 1')]).toEqual([100, 100]);
    expect(count('1 1', '2 2')).toBeGreaterThan(50);
  });

  it('deals exactly by weight to those who come at once, before it knows the function', async () => {
    const { functions, registry } = await setup(2);
    await registry.moveAlias('fn', 'live', {
      versions: [
        { version: 1, weight: 75 },
        { version: 2, weight: 25 },
      ],
    });
    const numbers = await Promise.all(Array.from({ length: 40 }, () => numberOf(functions.choose('fn', wish()))));
    expect(numbers.filter((number) => number === 2)).toHaveLength(10);
  });

  it('deals anew for a function that was removed and made again, even at the same revision', async () => {
    const { functions, registry, clock, publish } = await setup(2, { maxAge: 5, random: () => 0 });
    const even = (...numbers: number[]) =>
      registry.moveAlias('fn', 'live', { versions: numbers.map((version) => ({ version, weight: 50 })) });
    await even(1, 2);
    await functions.choose('fn', wish());
    await registry.removeFunction('fn');
    clock.time = 10;
    for (const mark of ['a', 'b', 'c']) await publish(mark);
    await registry.removeVersion('fn', 2);
    await even(1, 3);
    const numbers = [await numberOf(functions.choose('fn', wish())), await numberOf(functions.choose('fn', wish()))];
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 3]);
  });

  it('deals anew by the weights of an alias that has moved', async () => {
    const { functions, registry } = await setup(2, { random: () => 0 });
    await registry.moveAlias('fn', 'live', {
      versions: [
        { version: 1, weight: 50 },
        { version: 2, weight: 50 },
      ],
    });
    expect(
      [await numberOf(functions.choose('fn', wish())), await numberOf(functions.choose('fn', wish()))].toSorted((a, b) => a - b),
    ).toEqual([1, 2]);
    await registry.moveAlias('fn', 'live', toVersion(2));
    functions.forget('fn');
    for (let index = 0; index < 4; index++) expect(await numberOf(functions.choose('fn', wish()))).toBe(2);
  });

  it.each([
    ['header', { by: 'header', name: 'X-Tenant' }, (key: string) => ({ headers: { 'x-tenant': key } })],
    ['cookie', { by: 'cookie', name: 'sid' }, (key: string) => ({ headers: { cookie: `a=b; sid=${key};c=d` } })],
    ['address', { by: 'address' }, (key: string) => ({ address: key })],
  ] as const)('keeps a client on one version by its %s, and spreads clients', async (_by, sticky, says) => {
    const { functions, registry } = await setup(2);
    await registry.moveAlias('fn', 'live', {
      versions: [
        { version: 1, weight: 50 },
        { version: 2, weight: 50 },
      ],
      sticky,
    });
    const counts = [0, 0, 0];
    for (let client = 0; client < 200; client++) {
      const number = await numberOf(functions.choose('fn', wish(null, says(`client-${client}`))));
      expect(await numberOf(functions.choose('fn', wish(null, says(`client-${client}`))))).toBe(number);
      counts[number]!++;
    }
    expect(Math.min(counts[1]!, counts[2]!)).toBeGreaterThan(60);
  });

  it('takes the version that is asked for instead of the choice of the alias, and keeps its name', async () => {
    const { functions } = await setup(2);
    expect(await functions.choose('fn', wish(null, { override: '2' }))).toMatchObject({ alias: 'live', version: { number: 2 } });
    expect(await functions.choose('fn', wish('1', { override: '2' }))).toMatchObject({ alias: null, version: { number: 1 } });
  });

  it.each([
    ['no', wish(), 'function-not-found'],
    ['fn', wish('nowhere'), 'alias-not-found'],
    ['fn', wish('__proto__'), 'alias-not-found'],
    ['fn', wish('9'), 'version-not-found'],
    ['fn', wish('nowhere', { override: '1' }), 'alias-not-found'],
    ['fn', wish(null, { override: '9' }), 'version-not-found'],
    ['fn', wish(null, { override: 'live' }), 'version-not-found'],
  ])('refuses what is not there: %s %o is %s', async (name, wanted, code) => {
    const { functions } = await setup(1);
    await expect((async () => functions.choose(name, wanted))()).rejects.toMatchObject({ code });
    await expect((async () => functions.choose(name, wanted))()).rejects.toMatchObject({ code });
  });

  it('forgets a function that was removed', async () => {
    const { functions, registry, clock } = await setup(1, { maxAge: 0 });
    await functions.choose('fn', wish());
    await registry.removeFunction('fn');
    clock.time = 1;
    await expect(functions.choose('fn', wish())).rejects.toMatchObject({ code: 'function-not-found' });
  });
});

describe('a change while the registry is read', () => {
  /** A store whose next read of a key waits after it has seen the old value. */
  function slowStore() {
    const store = createMemoryStore(() => 0);
    const hold: { key: string | undefined; until: Promise<void> } = { key: undefined, until: Promise.resolve() };
    const slow: Store = {
      ...store,
      async get(key) {
        const entry = await store.get(key);
        if (key === hold.key) {
          hold.key = undefined;
          await hold.until;
        }
        return entry;
      },
    };
    return { slow, hold };
  }

  it('is not hidden from Functions by what the read brings', async () => {
    const { slow, hold } = slowStore();
    const { functions, registry } = await setup(2, { store: slow });
    const read = Promise.withResolvers<void>();
    Object.assign(hold, { key: 'function/fn', until: read.promise });
    const early = functions.choose('fn', wish());
    await registry.moveAlias('fn', 'live', toVersion(2));
    functions.forget('fn');
    read.resolve();
    await early;
    expect(await numberOf(functions.choose('fn', wish()))).toBe(2);
  });

  it('is not hidden from Routes by what the read brings', async () => {
    const { slow, hold } = slowStore();
    const { routes, publish } = await setup(1, { store: slow });
    const read = Promise.withResolvers<void>();
    Object.assign(hold, { key: 'routes', until: read.promise });
    const early = routes.match('http://a.example/x/');
    await publish('routed', { routes: ['a.example/x/*'] });
    routes.forget();
    read.resolve();
    await early;
    expect(await routes.match('http://a.example/x/')).toMatchObject({ function: 'fn' });
  });
});
