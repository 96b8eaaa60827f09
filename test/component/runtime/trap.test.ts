import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { guest } from './guest.ts';

/** One component waits for ever in a callback; another calls it, and then traps. */
const TRAPS_WHILE_IT_CALLS = `
  (component $Callee
    (core module $M
      (import "" "set" (func $set (result i32)))
      (func (export "f") (result i32) (i32.or (i32.const 2) (i32.shl (call $set) (i32.const 4))))
      (func (export "on-event") (param i32 i32 i32) (result i32) unreachable))
    (core func $set (canon waitable-set.new))
    (core instance $m (instantiate $M (with "" (instance (export "set" (func $set))))))
    (func (export "f") async (canon lift (core func $m "f") async (callback (func $m "on-event")))))
  (component $Caller
    (import "f" (func $f async))
    (core func $f' (canon lower (func $f) async))
    (core module $M
      (import "" "f" (func $f (result i32)))
      (func (export "g") (drop (call $f)) unreachable))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
    (func (export "g") async (canon lift (core func $m "g"))))
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
  (func (export "g") (alias export $caller "g"))`;

describe('an instance that has trapped', () => {
  it('runs no guest code any more, not even to tell a callee that its call is cancelled', async () => {
    const uncaught: unknown[] = [];
    const listen = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', listen);
    const { instance, call } = await guest(TRAPS_WHILE_IT_CALLS);
    await expect(call('g')).rejects.toThrow('unreachable');
    await new Promise((done) => setImmediate(done));
    process.off('uncaughtException', listen);
    expect(uncaught).toEqual([]);
    await expect(call('g')).rejects.toBe(instance.dead);
  });
});

/** Waits for the host, its stack suspended. */
const WAITS_FOR_THE_HOST = `
  (import "host" (instance $host (export "wait" (func async))))
  (core func $wait (canon lower (func $host "wait")))
  (core module $M
    (import "" "wait" (func $wait))
    (memory 1)
    (func (export "f") (call $wait)))
  (core instance $m (instantiate $M (with "" (instance (export "wait" (func $wait))))))
  (func (export "f") async (canon lift (core func $m "f")))`;

describe('an instance that is ended while it waits', () => {
  it('is not kept by the stack that was suspended', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let collected = 0;
    const registry = new FinalizationRegistry(() => (collected += 1));
    for (let made = 0; made < 20; made += 1) {
      const { instance, call } = await guest(WAITS_FOR_THE_HOST, { host: { wait: () => new Promise(() => undefined) } });
      const called = call('f');
      instance.fail(new Error('The client has gone.'));
      await expect(called).rejects.toThrow('The client has gone.');
      registry.register(instance, null);
    }
    for (let turns = 0; turns < 20 && collected < 15; turns += 1) {
      collect();
      await new Promise((done) => setTimeout(done, 5));
    }
    expect(collected).toBeGreaterThanOrEqual(15);
  });
});
