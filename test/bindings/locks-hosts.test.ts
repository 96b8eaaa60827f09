import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Leases } from '../../host/bindings/locks/leases.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';
import type { Lock, LockManager } from '../../sdk/locks.ts';
import { checkHistory, Recorder } from '../linearizable.ts';
import { lockModel, type LockInput } from './lock-model.ts';
import { locksOn } from './locks.ts';

const TTL = 1_000;

/** One host of several on a store that is some way off. */
class Host {
  readonly #gate: { open: Promise<void>; go: () => void } = { open: Promise.resolve(), go() {} };
  readonly locks: LockManager;
  state: 'runs' | 'stands still' | 'dead' = 'runs';
  /** Whether it has always run. */
  healthy = true;

  constructor(store: Store, random: () => number) {
    const far = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
      return async (...args: Args): Promise<Result> => {
        await delay(random() * 20);
        await this.#passes();
        const result = await call(...args);
        await delay(random() * 20);
        await this.#passes();
        return result;
      };
    };
    const remote: Store = { get: far(store.get), put: far(store.put), delete: far(store.delete), list: far(store.list) };
    this.locks = locksOn({ store: remote, leases: new Leases({ store: remote, now: Date.now, alone: false }) });
  }

  kill(): void {
    this.state = 'dead';
    this.healthy = false;
    this.#gate.open = new Promise(() => {});
  }

  pause(): void {
    this.state = 'stands still';
    this.healthy = false;
    this.#gate.open = new Promise((resolve) => (this.#gate.go = resolve));
  }

  resume(): void {
    this.state = 'runs';
    this.#gate.go();
  }

  async #passes(): Promise<void> {
    await this.#gate.open;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The same numbers for the same seed (mulberry32). */
function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('hosts that share a store', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function opened(hosts: number, seed = 1) {
    const store = createMemoryStore(Date.now);
    const random = randomBy(seed);
    return { store, random, hosts: Array.from({ length: hosts }, () => new Host(store, random)) };
  }
  /** Lets time pass until the promise has settled. */
  async function passing<Value>(promise: Promise<Value>, most = 60_000): Promise<Value> {
    let settled = false;
    const watched = promise.finally(() => (settled = true));
    watched.catch(() => {});
    for (let passed = 0; !settled && passed < most; passed += 10) await vi.advanceTimersByTimeAsync(10);
    if (!settled) throw new Error(`Nothing came of it within ${most} ms.`);
    return watched;
  }

  it('hand a lock over in the order in which they asked', async () => {
    const { hosts } = opened(3);
    const first = await passing(hosts[0]!.locks.acquire('a'));
    const order: number[] = [];
    const waiting: Promise<unknown>[] = [];
    for (const index of [1, 2, 0, 2, 1]) {
      waiting.push(hosts[index]!.locks.request('a', () => void order.push(index)));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect((await passing(hosts[1]!.locks.query())).pending).toHaveLength(5);
    await passing(first.release());
    await passing(Promise.all(waiting));
    expect(order).toEqual([1, 2, 0, 2, 1]);
  });

  it('a lock is held for as long as its host renews it', async () => {
    const { hosts } = opened(2);
    const lock = await passing(hosts[0]!.locks.acquire('a', { ttl: TTL }));
    await vi.advanceTimersByTimeAsync(20 * TTL);
    expect(await passing(hosts[1]!.locks.acquire('a', { ifAvailable: true }))).toBeNull();
    expect(lock.signal.aborted).toBe(false);
  });

  it('the lock of a dead host is free when its ttl has passed', async () => {
    const { hosts } = opened(2);
    const lock = await passing(hosts[0]!.locks.acquire('a', { ttl: TTL }));
    hosts[0]!.kill();
    const started = Date.now();
    const next = await passing(hosts[1]!.locks.acquire('a'));
    expect(Date.now() - started).toBeLessThan(TTL + 500);
    expect(next.fence).toBeGreaterThan(lock.fence);
  });

  it('a dead host that waited holds nobody up', async () => {
    const { hosts } = opened(3);
    const lock = await passing(hosts[0]!.locks.acquire('a'));
    hosts[1]!.locks.acquire('a', { ttl: TTL }).catch(() => {});
    await vi.advanceTimersByTimeAsync(100);
    const behind = hosts[2]!.locks.acquire('a');
    await vi.advanceTimersByTimeAsync(100);
    hosts[1]!.kill();
    await vi.advanceTimersByTimeAsync(2 * TTL);
    await passing(lock.release());
    expect((await passing(behind)).fence).toBeGreaterThan(lock.fence);
  });

  it('a host that stood still for too long learns that it has lost the lock', async () => {
    const { hosts } = opened(2);
    const lock = await passing(hosts[0]!.locks.acquire('a', { ttl: TTL }));
    hosts[0]!.pause();
    const next = await passing(hosts[1]!.locks.acquire('a'));
    hosts[0]!.resume();
    await vi.advanceTimersByTimeAsync(2 * TTL);
    expect(lock.signal.reason).toMatchObject({ name: 'AbortError' });
    expect([next.signal.aborted, next.fence > lock.fence]).toEqual([false, true]);
    await passing(lock.release());
    expect((await passing(hosts[0]!.locks.query())).held).toHaveLength(1);
  });

  it('a host that stood still while it waited waits on, at the end', async () => {
    const { hosts } = opened(2);
    const lock = await passing(hosts[0]!.locks.acquire('a'));
    const waiting = hosts[1]!.locks.acquire('a', { ttl: TTL });
    await vi.advanceTimersByTimeAsync(100);
    hosts[1]!.pause();
    const other = hosts[0]!.locks.acquire('a');
    await vi.advanceTimersByTimeAsync(2 * TTL);
    hosts[1]!.resume();
    await vi.advanceTimersByTimeAsync(TTL);
    await passing(lock.release());
    const next = await passing(other);
    await passing(next.release());
    expect((await passing(waiting)).fence).toBeGreaterThan(next.fence);
  });

  it('a lock can be stolen from another host', async () => {
    const { hosts } = opened(2);
    const lock = await passing(hosts[0]!.locks.acquire('a'));
    const thief = await passing(hosts[1]!.locks.acquire('a', { steal: true }));
    await vi.advanceTimersByTimeAsync(1_000);
    expect([lock.signal.aborted, thief.signal.aborted, thief.fence > lock.fence]).toEqual([true, false, true]);
  });

  it('where the store cannot be reached, a holder gives up before others can be sure', async () => {
    const { store } = opened(0);
    let reachable = true;
    const failing: Store = {
      ...store,
      put: (...args) => (reachable ? store.put(...args) : Promise.reject(new Error('no way there'))),
      get: (...args) => (reachable ? store.get(...args) : Promise.reject(new Error('no way there'))),
    };
    const locks = locksOn({ store: failing, leases: new Leases({ store: failing, now: Date.now, alone: false }) });
    const lock = await passing(locks.acquire('a', { ttl: TTL }));
    reachable = false;
    await vi.advanceTimersByTimeAsync(TTL + 500);
    expect(lock.signal.aborted).toBe(true);
    await expect(passing(locks.acquire('b'))).rejects.toMatchObject({ code: 'unavailable' });
    reachable = true;
    expect((await passing(locks.acquire('a'))).fence).toBeGreaterThan(lock.fence);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('what clients see of them is linearizable, with hosts that die and stand still (%i)', async (seed) => {
    const { hosts, random } = opened(4, seed);
    const recorder = new Recorder<LockInput, number>();
    const held = new Map<string, { lock: Lock; host: Host }>();
    const stealing = seed % 2 === 0;
    let lost = 0;
    let ids = 0;

    async function client(host: Host, rounds: number): Promise<void> {
      for (let round = 0; round < rounds && host.state !== 'dead'; round++) {
        const id = `${++ids}`;
        const mode = random() < 0.4 ? 'shared' : 'exclusive';
        const steal = stealing && mode === 'exclusive' && random() < 0.1;
        let lock: Lock | undefined;
        try {
          await recorder.run({ do: steal ? 'steal' : 'grant', id, mode }, async () => {
            lock = await host.locks.acquire('a', { mode, steal, ttl: TTL });
            return lock.fence;
          });
        } catch {
          // Its host stood still while it waited.
          recorder.maybe({ do: 'end', id });
          continue;
        }
        held.set(id, { lock: lock!, host });
        if (host.state !== 'runs') recorder.maybe({ do: 'end', id });
        await delay(random() < 0.2 ? 1_500 * random() : 60 * random());
        if (lock!.signal.aborted && host.healthy && !stealing) lost++;
        await recorder.run({ do: 'end', id }, async () => (await lock!.release(), 0)).catch(() => {});
        held.delete(id);
        await delay(random() * 30);
      }
    }
    function ends(host: Host): void {
      for (const [id, each] of held) if (each.host === host) recorder.maybe({ do: 'end', id });
    }

    const clients = hosts.flatMap((host) => [client(host, 8), client(host, 8)]);
    const trouble = (async () => {
      await delay(700);
      ends(hosts[0]!);
      hosts[0]!.kill();
      await delay(500);
      ends(hosts[1]!);
      hosts[1]!.pause();
      await delay(2_500);
      hosts[1]!.resume();
    })();
    await passing(Promise.all([trouble, ...clients.slice(2)]), 120_000);
    // What a client of the dead host was about to get, it may have got, and lost again.
    const grants = recorder.history.filter(({ input, output }) => input.do !== 'end' && output !== undefined);
    expect(grants.length).toBeGreaterThan(40);
    expect(lost).toBe(0);
    expect(checkHistory(recorder.history, lockModel)).toEqual({ linearizable: true });
  });
});
