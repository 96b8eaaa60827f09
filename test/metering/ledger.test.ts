import { describe, expect, it } from 'vitest';
import { Ledger, type LedgerOptions } from '../../host/metering/ledger.ts';
import { readUsage } from '../../host/metering/report.ts';
import { HOUR, NONE, type UsageKey } from '../../host/metering/usage.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';

const START = Date.UTC(2026, 10, 25, 21);
const KEY: UsageKey = { function: 'hello', version: 1, alias: 'live', route: null, principal: null, trigger: 'http' };
const ONE = { ...NONE, invocations: 1, memory: 1_024_000_000 };
const ALL = { from: START - HOUR, to: START + 10 * HOUR, by: [] };

function open(over: Partial<LedgerOptions> = {}) {
  const time = { now: START };
  const now = () => time.now;
  const store = over.store ?? createMemoryStore(now);
  const failures: unknown[] = [];
  const options = { store, now, exact: true, shares: true, keep: 90 * 24 * HOUR, waitUntil: () => {}, failed: failures.push, ...over };
  const ledger = () => new Ledger({ ...options, failed: (error) => void failures.push(error) });
  const total = async (query = {}) => (await readUsage(store, { ...ALL, ...query })).map(({ invocations }) => invocations);
  return { time, store, failures, ledger, total };
}

/** Which does with the n-th write what `how` says: 'lost': it is not done, 'unheard': it is, and nobody hears of it. */
function flaky(store: Store, how: (n: number) => 'lost' | 'unheard' | 'done'): Store {
  let n = 0;
  return {
    ...store,
    async put(key, value, options) {
      const fate = how(n++);
      const revision = fate === 'lost' ? 0 : await store.put(key, value, options);
      if (fate === 'done') return revision;
      throw new Error(`it is ${fate}`);
    },
  };
}

describe('Ledger', () => {
  it('what was counted is in the store when it says so', async () => {
    const { ledger, total } = open();
    await ledger().add(START, KEY, ONE);
    expect(await total()).toEqual([1]);
  });

  it('many at once are one write', async () => {
    let writes = 0;
    const memory = createMemoryStore(() => START);
    const store: Store = {
      ...memory,
      put: (...args) => {
        writes++;
        return memory.put(...args);
      },
    };
    const { ledger, total } = open({ store });
    const one = ledger();
    await Promise.all(Array.from({ length: 500 }, async () => one.add(START, KEY, ONE)));
    expect([writes, await total()]).toEqual([1, [500]]);
  });

  it('a host that begins anew adds to what was, and counts nothing of it twice', async () => {
    const { ledger, total } = open();
    for (let life = 0; life < 3; life++) {
      const one = ledger();
      await one.add(START, KEY, ONE);
      await one.flush();
      await one.flush();
    }
    expect(await total()).toEqual([3]);
  });

  it.each(['lost', 'unheard'] as const)('a write that is %s is neither missing nor there twice in the end', async (fate) => {
    const memory = createMemoryStore(() => START);
    const { ledger, total, failures } = open({ store: flaky(memory, (n) => (n % 3 === 0 ? fate : 'done')) });
    const one = ledger();
    for (let n = 0; n < 20; n++) await one.add(START, KEY, ONE);
    while (
      !(await one.flush().then(
        () => true,
        () => false,
      ))
    );
    expect(await total()).toEqual([20]);
    expect(failures.length).toBeGreaterThan(0);
  });

  it('where each request writes for itself, an older sum never lies over a newer one', async () => {
    const memory = createMemoryStore(() => START);
    // Each takes another time, so that they overtake one another.
    const slow = async () => {
      for (let turns = Math.random() * 20; turns > 0; turns--) await Promise.resolve();
    };
    const store: Store = { ...memory, put: (...args) => slow().then(() => memory.put(...args)) };
    const { ledger, total } = open({ store, shares: false });
    const one = ledger();
    const adds = [];
    for (let n = 0; n < 200; n++) {
      adds.push(one.add(START, KEY, ONE)!.then(async () => expect((await total())[0]).toBeGreaterThan(n)));
      await slow();
    }
    await Promise.all(adds);
    expect(await total()).toEqual([200]);
  });

  it('hours lie apart, also one that was let go and comes back', async () => {
    const { ledger, total, time } = open();
    const one = ledger();
    for (const hour of [0, 1, 2, 3, 0, 3]) {
      time.now = START + Math.max(3, hour) * HOUR;
      await one.add(START + hour * HOUR, KEY, ONE);
    }
    expect(await total({ by: ['hour'] })).toEqual([2, 1, 1, 2]);
    expect(await total({ from: START + HOUR, to: START + 3 * HOUR })).toEqual([2]);
  });

  it('what is older than it is kept is gone', async () => {
    const { ledger, total, time } = open({ keep: 24 * HOUR });
    await ledger().add(START, KEY, ONE);
    time.now = START + 25 * HOUR - 1;
    expect(await total()).toEqual([1]);
    time.now++;
    expect(await total()).toEqual([]);
  });

  it('principals beyond a thousand of a function are one, and those of another function are not', async () => {
    const { ledger, store } = open();
    const one = ledger();
    const adds = Array.from({ length: 1_500 }, async (_, n) => one.add(START, { ...KEY, principal: `key:${n}` }, ONE));
    for (const principal of ['key:7', 'key:1499', `jwt:${'x'.repeat(300)}`]) void one.add(START, { ...KEY, principal }, ONE);
    await Promise.all(adds);
    await one.add(START, { ...KEY, function: 'other', principal: 'key:9999' }, ONE);
    const rows = await readUsage(store, { ...ALL, by: ['function', 'principal'] });
    expect(rows).toHaveLength(1_002);
    expect(rows.find(({ principal }) => principal === 'other')).toMatchObject({ function: 'hello', invocations: 502 });
    expect(rows.find(({ principal }) => principal === 'key:7')).toMatchObject({ invocations: 2 });
    expect(rows.at(-1)).toMatchObject({ function: 'other', principal: 'key:9999', invocations: 1 });
  });

  it('GB-s are those of the memory limit, and CPU that nobody knows is null', async () => {
    const { ledger, store } = open();
    const one = ledger();
    await one.add(START, KEY, ONE);
    await one.add(START, { ...KEY, version: 2 }, { ...ONE, cpu: 1_500 });
    const rows = await readUsage(store, { ...ALL, by: ['version'] });
    expect(rows.map(({ version, cpu_ms, gb_seconds }) => [version, cpu_ms, gb_seconds])).toEqual([
      [1, null, 1],
      [2, 1.5, 1],
    ]);
    expect(await readUsage(store, ALL)).toMatchObject([{ cpu_ms: 1.5, gb_seconds: 2 }]);
  });

  it('without exactness nobody waits, and it is written a second later', async () => {
    const later: Promise<unknown>[] = [];
    const { ledger, total } = open({ exact: false, waitUntil: (promise) => later.push(promise) });
    const one = ledger();
    expect([one.add(START, KEY, ONE), one.add(START, KEY, ONE)]).toEqual([null, null]);
    expect(later).toHaveLength(1);
    expect(await total()).toEqual([]);
    await later[0];
    expect(await total()).toEqual([2]);
  });
});
