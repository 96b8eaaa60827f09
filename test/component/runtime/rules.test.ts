import { describe, expect, it } from 'vitest';
import { guest } from './guest.ts';

/** A component whose `run` has a body in core wasm, which may call every built-in and gives one number. */
function component(body: string, lift = 'async (callback (func $m "on-event"))', type = 'async'): string {
  return `
  (core module $Memory (memory (export "memory") 1))
  (core instance $memory (instantiate $Memory))
  (type $stream (stream u8))
  (type $future (future))
  (type $r (resource (rep i32)))
  (core func $return (canon task.return (result u32)))
  (core func $cancel (canon task.cancel))
  (core func $get (canon context.get i32 0))
  (core func $put (canon context.set i32 0))
  (core func $dec (canon backpressure.dec))
  (core func $set (canon waitable-set.new))
  (core func $drop-set (canon waitable-set.drop))
  (core func $poll (canon waitable-set.poll (memory (core memory $memory "memory"))))
  (core func $wait (canon waitable-set.wait (memory (core memory $memory "memory"))))
  (core func $join (canon waitable.join))
  (core func $stream (canon stream.new $stream))
  (core func $read (canon stream.read $stream async (memory (core memory $memory "memory"))))
  (core func $read-sync (canon stream.read $stream (memory (core memory $memory "memory"))))
  (core func $write (canon stream.write $stream async (memory (core memory $memory "memory"))))
  (core func $cancel-write (canon stream.cancel-write $stream async))
  (core func $drop-reader (canon stream.drop-readable $stream))
  (core func $drop-writer (canon stream.drop-writable $stream))
  (core func $future (canon future.new $future))
  (core func $drop-future (canon future.drop-writable $future))
  (core func $new-r (canon resource.new $r))
  (core func $rep (canon resource.rep $r))
  (core func $drop-r (canon resource.drop $r))
  (core module $M
    (import "" "memory" (memory 1))
    ${Object.entries(TYPES)
      .map(([name, type]) => `(import "" "${name}" (func $${name} ${type}))`)
      .join('\n    ')}
    (func $after (export "after") (param i32) (drop (call $set)))
    (func $reader (param $ends i64) (result i32) (i32.wrap_i64 (local.get $ends)))
    (func $writer (param $ends i64) (result i32) (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    (func (export "on-event") (param i32 i32 i32) (result i32) (call $return (local.get 0)) (i32.const 0))
    (func (export "run") (result i32) (local $r i32) (local $w i32) (local $s i32) (local $ends i64)
      (local.set $ends (call $stream))
      (local.set $r (call $reader (local.get $ends)))
      (local.set $w (call $writer (local.get $ends)))
      (local.set $s (call $set))
      ${body}))
  (core instance $m (instantiate $M (with "" (instance
    (export "memory" (memory $memory "memory"))
    ${Object.keys(TYPES)
      .map((name) => `(export "${name}" (func $${name}))`)
      .join(' ')}))))
  (func (export "run") ${type} (result u32) (canon lift (core func $m "run") ${lift}))`;
}

const TYPES: Readonly<Record<string, string>> = {
  return: '(param i32)',
  cancel: '',
  get: '(result i32)',
  put: '(param i32)',
  dec: '',
  set: '(result i32)',
  'drop-set': '(param i32)',
  poll: '(param i32 i32) (result i32)',
  wait: '(param i32 i32) (result i32)',
  join: '(param i32 i32)',
  stream: '(result i64)',
  read: '(param i32 i32 i32) (result i32)',
  'read-sync': '(param i32 i32 i32) (result i32)',
  write: '(param i32 i32 i32) (result i32)',
  'cancel-write': '(param i32) (result i32)',
  'drop-reader': '(param i32)',
  'drop-writer': '(param i32)',
  future: '(result i64)',
  'drop-future': '(param i32)',
  'new-r': '(param i32) (result i32)',
  rep: '(param i32) (result i32)',
  'drop-r': '(param i32)',
};

const READ = '(call $read (local.get $r) (i32.const 16) (i32.const 2))';
const WRITE = '(call $write (local.get $w) (i32.const 32) (i32.const 4))';
const COMPLETED = 0;
const DROPPED = 1;
const CANCELLED = 2;
const STREAM_WRITE = 3;
const items = (count: number) => count << 4;

describe('what a guest gets', () => {
  it.each([
    ['a read takes what a write has, up to its own length', `(drop ${WRITE}) (call $return ${READ})`, items(2) | COMPLETED],
    [
      'a write that is cancelled says how far it came',
      `(drop ${WRITE}) (drop ${READ}) (call $return (call $cancel-write (local.get $w)))`,
      items(2) | CANCELLED,
    ],
    ['a write without a reader is dropped', `(call $drop-reader (local.get $r)) (call $return ${WRITE})`, DROPPED],
    ['a read without a writer is dropped', `(call $drop-writer (local.get $w)) (call $return ${READ})`, DROPPED],
    [
      'a reader that goes is an event for the writer',
      `(drop ${WRITE}) (call $join (local.get $w) (local.get $s)) (call $drop-reader (local.get $r))
       (call $return (call $poll (local.get $s) (i32.const 0)))`,
      STREAM_WRITE,
    ],
    ['an empty set has no event', '(call $return (call $poll (local.get $s) (i32.const 0)))', 0],
    [
      'a set is left by joining none',
      `(call $join (local.get $r) (local.get $s)) (call $join (local.get $r) (i32.const 0)) (call $drop-set (local.get $s)) (call $return (i32.const 7))`,
      7,
    ],
    ['its context is its own', '(call $put (i32.const 9)) (call $return (call $get))', 9],
    ['the representation of its resource', '(call $return (call $rep (call $new-r (i32.const 5))))', 5],
  ])('%s', async (_, body, expected) => {
    const { call } = await guest(component(`${body} (i32.const 0)`));
    expect(await call('run')).toBe(expected);
  });

  it('a callback that yields goes on with no event', async () => {
    const { call } = await guest(component('(i32.const 1)'));
    expect(await call('run')).toBe(0);
  });
});

describe('a guest traps', () => {
  it.each([
    ['that reads in the middle of a read', `(drop ${READ}) (drop ${READ})`, /in the middle of a copy/],
    ['that reads after the end', `(call $drop-writer (local.get $w)) (drop ${READ}) (drop ${READ})`, /after its end/],
    ['that drops an end in the middle of a copy', `(drop ${READ}) (call $drop-reader (local.get $r))`, /in the middle of a copy/],
    ['that takes one end for the other', '(call $drop-writer (local.get $r))', /not the end of a stream or future that it is used as/],
    ['that drops an end twice', '(call $drop-reader (local.get $r)) (call $drop-reader (local.get $r))', /not in use/],
    ['that cancels what is not under way', '(drop (call $cancel-write (local.get $w)))', /not under way/],
    ['that drops a future without its value', '(call $drop-future (call $writer (call $future)))', /before its value was written/],
    [
      'that would wait for what is in a set',
      '(call $join (local.get $r) (local.get $s)) (drop (call $read-sync (local.get $r) (i32.const 16) (i32.const 2)))',
      /in a waitable set/,
    ],
    ['that drops a set with members', '(call $join (local.get $r) (local.get $s)) (call $drop-set (local.get $s))', /with waitables in it/],
    ['that joins a set to a set', '(call $join (local.get $s) (local.get $s))', /no waitable/],
    ['that has a copy run past its memory', '(drop (call $read (local.get $r) (i32.const 65530) (i32.const 8)))', /out of range/],
    ['that returns twice', '(call $return (i32.const 1)) (call $return (i32.const 2))', /returned twice/],
    ['that takes a cancellation which nobody asked for', '(call $cancel)', /no cancellation/],
    ['that lets more in than it kept out', '(call $dec)', /do not match/],
    ['that drops a resource twice', '(call $drop-r (call $new-r (i32.const 5))) (call $drop-r (i32.const 4))', /not in use/],
    ['that takes a set for a resource', '(call $drop-r (local.get $s))', /not the resource/],
  ])('%s', async (_, body, message) => {
    const { call, instance } = await guest(component(`${body} (i32.const 0)`));
    await call('run').catch(() => undefined);
    expect(instance.dead?.message).toMatch(message);
  });

  it.each([
    ['ends without a result', '(i32.const 0)', /without a result/],
    ['returns a code that is none', '(i32.const 4)', /the code 4/],
    ['waits for what is no set', '(i32.or (i32.const 2) (i32.shl (local.get $r) (i32.const 4)))', /no waitable set/],
  ])('whose callback %s', async (_, body, message) => {
    await expect((await guest(component(body))).call('run')).rejects.toThrow(message);
  });

  it('that would wait in a function that is not async', async () => {
    const { call } = await guest(component('(call $wait (local.get $s) (i32.const 0))', '', ''));
    await expect(call('run')).rejects.toThrow(/would have to wait/);
  });

  it('that returns to whom it was not called by', async () => {
    const { call } = await guest(component('(call $return (i32.const 1)) (i32.const 2)', '', ''));
    await expect(call('run')).rejects.toThrow(/not asynchronous/);
  });

  it('that calls out when it has returned', async () => {
    const { call, instance } = await guest(component('(i32.const 1)', '(post-return (func $m "after"))', ''));
    expect(await call('run')).toBe(1);
    expect(instance.dead?.message).toMatch(/within realloc or a post-return function/);
  });
});
