import { describe, expect, it } from 'vitest';
import { locks2, locks3 } from '../../../host/component/brink/locks/locks.ts';
import type { Pollable } from '../../../host/component/wasi/io/poll.ts';
import { fakeWorld, functionsOf, NO_INVOCATION } from '../wasi/fake-world.ts';
import { fakeLocks } from './bindings.ts';

const NOW = { mode: 'exclusive', 'if-available': true, 'ttl-ms': undefined, 'wait-ms': undefined };
const WAITING = { ...NOW, 'if-available': false };

interface Opened {
  readonly tag: 'ok';
  readonly val: unknown;
}

function opened(factory = locks2, signal = new AbortController().signal) {
  const locks = fakeLocks();
  const open: Promise<unknown>[] = [];
  const world = fakeWorld({ env: { LOCKS: locks }, waitUntil: (promise) => void open.push(promise) });
  const functions = functionsOf(factory, { world, signal });
  const manager = (functions['open']!('LOCKS') as Opened).val;
  const acquire = (name: string, options: object = WAITING) =>
    functions['[method]lock-manager.acquire']!(manager, name, options) as Promise<Opened>;
  return { locks, functions, manager, acquire, open, call: (name: string, lock: unknown) => functions[name]!(lock) };
}

describe('brink:locks/locks', () => {
  it('opens what is a lock manager among the bindings, and nothing else', () => {
    const { open } = functionsOf(locks2, { world: fakeWorld({ env: { LOCKS: fakeLocks(), TEXT: 'x', KV: { get: () => null } } }) });
    expect(open!('LOCKS')).toMatchObject({ tag: 'ok' });
    const denied = (val: string) => ({ tag: 'err', val: { tag: 'access-denied', val } });
    for (const name of ['TEXT', 'KV']) expect(open!(name)).toEqual(denied(`The function's binding "${name}" is no lock manager.`));
    for (const name of ['other', 'toString']) expect(open!(name)).toEqual(denied(`The function's manifest names no binding "${name}".`));
  });

  it('a lock has its name, mode and fence, and is free when it has been released', async () => {
    const { acquire, call, locks } = opened();
    const { val: lock } = await acquire('a', { ...WAITING, mode: 'shared', 'ttl-ms': 100 });
    expect(locks.asked).toEqual([{ mode: 'shared', ifAvailable: false, ttl: 100 }]);
    expect(['name', 'mode', 'fence', 'lost'].map((name) => call(`[method]lock.${name}`, lock))).toEqual(['a', 'shared', 41n, false]);
    expect(await call('[static]lock.release', lock)).toEqual({ tag: 'ok', val: undefined });
    expect(locks.held.size).toBe(0);
  });

  it('waits for its turn, and the fence grows', async () => {
    const { acquire, call } = opened();
    const first = await acquire('a');
    const second = acquire('a');
    await call('[static]lock.release', first.val);
    expect(call('[method]lock.fence', (await second).val)).toBe(42n);
  });

  it('says that a lock is not to be had, or not in time', async () => {
    const { acquire } = opened();
    await acquire('a');
    expect(await acquire('a', NOW)).toEqual({ tag: 'err', val: { tag: 'not-available' } });
    expect(await acquire('a', { ...WAITING, 'wait-ms': 5 })).toEqual({ tag: 'err', val: { tag: 'timed-out' } });
  });

  it('a call that is cancelled waits no more, and one that is granted meanwhile holds nothing', async () => {
    const controller = new AbortController();
    const { acquire, locks, open, call } = opened(locks3, controller.signal);
    const first = await acquire('a');
    const waiting = acquire('a');
    const granted = acquire('b');
    controller.abort(new Error('cancelled'));
    expect(await waiting).toEqual({ tag: 'err', val: { tag: 'other', val: 'cancelled' } });
    await granted;
    await Promise.all(open);
    await call('[static]lock.release', first.val);
    expect(locks.held.size).toBe(0);
  });

  it('lists holders and waiters', async () => {
    const { acquire, functions, manager } = opened();
    await acquire('a');
    void acquire('a');
    expect(await functions['[method]lock-manager.query']!(manager)).toEqual({
      tag: 'ok',
      val: {
        held: [{ name: 'a', mode: 'exclusive', 'client-id': 'c1' }],
        pending: [{ name: 'a', mode: 'exclusive', 'client-id': undefined }],
      },
    });
  });

  it('0.2: a pollable is ready when the lease has ended', async () => {
    const { acquire, call, locks } = opened();
    const { val: lock } = await acquire('a');
    const pollable = call('[method]lock.subscribe', lock) as Pollable;
    let woken = 0;
    pollable.wait(() => (woken += 1));
    pollable.wait(() => (woken += 10))();
    expect(pollable.ready).toBe(false);
    locks.lose('a');
    expect([pollable.ready, woken, call('[method]lock.lost', lock)]).toEqual([true, 1, true]);
  });

  it('0.3: until-lost returns when the lease has ended, at once where it has', async () => {
    const { acquire, call, locks } = opened(locks3);
    const { val: lock } = await acquire('a');
    const lost = call('[method]lock.until-lost', lock);
    expect(lost).toBeInstanceOf(Promise);
    locks.lose('a');
    await lost;
    expect(call('[method]lock.until-lost', lock)).toBeUndefined();
  });

  it('a lock that is dropped, or left when the guest has ended, is released without it', async () => {
    const { acquire, functions, locks, open } = opened();
    const { val: dropped } = await acquire('a');
    await acquire('b');
    (dropped as Disposable)[Symbol.dispose]();
    await Promise.all(open);
    expect([...locks.held.keys()]).toEqual(['b']);
    functions.idle();
    await Promise.all(open);
    expect(locks.held.size).toBe(0);
    functions.idle();
    expect(open).toHaveLength(2);
  });

  it('a release that fails is an error where it was asked for, and none where the lock was dropped', async () => {
    const failing = { ...fakeLocks(), acquire: async () => ({ fence: 1, release: () => Promise.reject(new Error('no store')) }) };
    const open: Promise<unknown>[] = [];
    const world = fakeWorld({ env: { LOCKS: failing }, waitUntil: (promise) => void open.push(promise) });
    const functions = functionsOf(locks2, { world });
    const manager = (functions['open']!('LOCKS') as Opened).val;
    const acquire = async () => ((await functions['[method]lock-manager.acquire']!(manager, 'a', NOW)) as Opened).val;
    expect(await functions['[static]lock.release']!(await acquire())).toEqual({ tag: 'err', val: { tag: 'other', val: 'no store' } });
    ((await acquire()) as Disposable)[Symbol.dispose]();
    await Promise.all(open);
    expect(open).toHaveLength(1);
  });

  it('knows no bindings while the component is instantiated', () => {
    expect(() => functionsOf(locks2, { world: NO_INVOCATION })['open']!('LOCKS')).toThrow();
  });
});
