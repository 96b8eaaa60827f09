import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoriesAsMade } from '../memories.ts';
import { guest } from './guest.ts';

/** The guest writes nothing itself, and each piece of memory that it hands out is far from the others. */
function component(type: string): string {
  return `
  (import "test:host/values" (instance $host (export "give" (func (result ${type})))))
  (alias export $host "give" (func $give))
  (core module $Memory
    (memory (export "memory") 64)
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.add (global.get $next) (i32.const 65536)))
      (global.get $next)))
  (core instance $memory (instantiate $Memory))
  (core func $give' (canon lower (func $give) (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $M
    (import "" "give" (func $give (param i32)))
    (func (export "run") (param $at i32) (call $give (local.get $at))))
  (core instance $m (instantiate $M (with "" (instance (export "give" (func $give'))))))
  (func (export "run") (param "at" u32) (canon lift (core func $m "run")))`;
}

const FAR = 3 * 1024 * 1024;

describe('what the host writes to the memory of a guest', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each<readonly [type: string, value: unknown]>([
    ['string', 'text'],
    ['(list u8)', new Uint8Array(10_000).fill(7)],
    ['(list u16)', Array.from({ length: 5_000 }, (_, at) => at + 1)],
    ['(list string)', ['a', 'bb', 'ccc']],
    ['(list (tuple u8 string f64))', [[1, 'one', 1.5]]],
    ['(tuple u64 u64)', [1n, 2n]],
    ['(tuple (option string) bool)', ['some', true]],
    ['(result string (error u8))', { tag: 'ok', val: 'fine' }],
    ['(tuple char s8 s16 f32)', ['é', -1, -2, 0.5]],
  ])('is gone after a reset: %s', async (type, value) => {
    const memories = memoriesAsMade();
    const { instance, call } = await guest(component(type), { 'test:host/values': { give: () => value } });
    expect(memories).toHaveLength(1);
    const held = () => new Uint8Array(memories[0]!.buffer);
    instance.remember(null);
    const before = held().slice();
    for (let round = 0; round < 2; round += 1) {
      await call('run', FAR);
      expect(Buffer.compare(held(), before)).not.toBe(0);
      expect(instance.reset()).toBe(true);
      expect(Buffer.compare(held(), before)).toBe(0);
    }
  });
});
