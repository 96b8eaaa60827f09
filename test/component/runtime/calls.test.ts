import { describe, expect, it } from 'vitest';
import { guest } from './guest.ts';

/**
 * Two components. The callee's code can be suspended, as it imports `waitable-set.wait`; the caller calls it
 * asynchronously, and what it gets is what `run` returns.
 */
function calls(callee: string, caller: string): string {
  return `
  (component $Callee
    (core module $Memory (memory (export "memory") 1))
    (core instance $memory (instantiate $Memory))
    (core func $set (canon waitable-set.new))
    (core func $wait (canon waitable-set.wait (memory (core memory $memory "memory"))))
    (core func $yield (canon thread.yield cancellable))
    (core func $cancel (canon task.cancel))
    (core func $return (canon task.return (result u32)))
    (core module $M
      (import "" "set" (func $set (result i32)))
      (import "" "wait" (func $wait (param i32 i32) (result i32)))
      (import "" "yield" (func $yield (result i32)))
      (import "" "cancel" (func $cancel))
      (import "" "return" (func $return (param i32)))
      (func (export "sync") (result i32) (i32.const 42))
      ${callee}
      (func (export "on-cancel") (param $event i32) (param i32 i32) (result i32)
        (if (i32.ne (local.get $event) (i32.const 6)) (then unreachable))
        (call $cancel)
        (i32.const 0)))
    (core instance $m (instantiate $M (with "" (instance
      (export "set" (func $set)) (export "wait" (func $wait)) (export "yield" (func $yield))
      (export "cancel" (func $cancel)) (export "return" (func $return))))))
    (func (export "sync") async (result u32) (canon lift (core func $m "sync")))
    (func (export "async") async (result u32) (canon lift (core func $m "async") async (callback (func $m "on-cancel")))))
  (component $Caller
    (import "sync" (func $sync async (result u32)))
    (import "async" (func $async async (result u32)))
    (core module $Memory (memory (export "memory") 1))
    (core instance $memory (instantiate $Memory))
    (core func $sync' (canon lower (func $sync) async (memory (core memory $memory "memory"))))
    (core func $async' (canon lower (func $async) async (memory (core memory $memory "memory"))))
    (core func $cancel (canon subtask.cancel async))
    (core module $M
      (import "" "memory" (memory 1))
      (import "" "sync" (func $sync (param i32) (result i32)))
      (import "" "async" (func $async (param i32) (result i32)))
      (import "" "cancel" (func $cancel (param i32) (result i32)))
      (func (export "run") (result i32) (local $subtask i32) ${caller}))
    (core instance $m (instantiate $M (with "" (instance
      (export "memory" (memory $memory "memory"))
      (export "sync" (func $sync')) (export "async" (func $async')) (export "cancel" (func $cancel))))))
    (func (export "run") async (result u32) (canon lift (core func $m "run"))))
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "sync" (func $callee "sync")) (with "async" (func $callee "async"))))
  (func (export "run") (alias export $caller "run"))`;
}

const WAITS = '(func (export "async") (result i32) (i32.or (i32.const 2) (i32.shl (call $set) (i32.const 4))))';
const YIELDS = `(func (export "async") (result i32)
  (loop $again (br_if $again (i32.eqz (call $yield))))
  (call $cancel)
  (i32.const 0))`;
const RETURNS = '(func (export "async") (result i32) (call $return (i32.const 7)) (i32.const 0))';
const CANCELS = `
  (local.set $subtask (call $async (i32.const 0)))
  (if (i32.ne (i32.const 1) (i32.and (local.get $subtask) (i32.const 15))) (then unreachable))
  (call $cancel (i32.shr_u (local.get $subtask) (i32.const 4)))`;

const RETURNED = 2;
const CANCELLED_BEFORE_RETURNED = 4;

describe('an asynchronous call of a component whose code can be suspended', () => {
  it('has its result at once where the callee does not wait', async () => {
    const { call } = await guest(calls(WAITS, '(call $sync (i32.const 8))'));
    expect(await call('run')).toBe(RETURNED);
  });

  it('writes the result before the caller goes on', async () => {
    const { call } = await guest(calls(WAITS, '(drop (call $sync (i32.const 8))) (i32.load (i32.const 8))'));
    expect(await call('run')).toBe(42);
  });

  it('leaves the callee free for the next call', async () => {
    const { call } = await guest(calls(RETURNS, '(drop (call $async (i32.const 8))) (call $async (i32.const 8))'));
    expect(await call('run')).toBe(RETURNED);
  });

  it.each([
    ['waits in a callback', WAITS],
    ['yields in the middle of its code', YIELDS],
  ])('is cancelled at once where the callee %s', async (_, callee) => {
    const { call } = await guest(calls(callee, CANCELS));
    expect(await call('run')).toBe(CANCELLED_BEFORE_RETURNED);
  });
});
