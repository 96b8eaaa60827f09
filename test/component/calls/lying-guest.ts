import { witComponent } from '../wit-component.ts';

const LIES = 'test:lies/lies@0.1.0';

/** Functions that return, or take, what cannot be; `fine` is 7. */
export const LYING = ['far-text', 'bad-text', 'long-text', 'no-case', 'no-char', 'no-side', 'odd-list', 'same-lists', 'bad-place'] as const;

const GUEST = `(module
  (memory (export "memory") 4)
  (data (i32.const 512) "\\c3\\28")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const -16))
  (func $pair (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 16) (local.get $at))
    (i32.store (i32.const 20) (local.get $length))
    (i32.const 16))
  (func (export "${LIES}#fine") (result i32) (i32.const 7))
  (func (export "${LIES}#far-text") (result i32) (call $pair (i32.const 0x3fff0) (i32.const 17)))
  (func (export "${LIES}#bad-text") (result i32) (call $pair (i32.const 512) (i32.const 2)))
  (func (export "${LIES}#long-text") (result i32) (call $pair (i32.const 0) (i32.const -1)))
  (func (export "${LIES}#no-case") (result i32) (i32.store8 (i32.const 16) (i32.const 9)) (i32.const 16))
  (func (export "${LIES}#no-char") (result i32) (i32.const 0xd800))
  (func (export "${LIES}#no-side") (result i32) (i32.const 3))
  (func (export "${LIES}#odd-list") (result i32) (call $pair (i32.const 513) (i32.const 1)))
  (func (export "${LIES}#same-lists") (result i32)
    (local $at i32)
    (local.set $at (i32.const 1024))
    (loop $next
      (i32.store (local.get $at) (i32.const 0))
      (i32.store offset=4 (local.get $at) (i32.const 250000))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 200000))))
    (call $pair (i32.const 1024) (i32.const 20000)))
  (func (export "${LIES}#bad-place") (param i32 i32 i32) (result i32) (i32.const 1))
  (func (export "${LIES}#spin") (result i32) (loop (br 0)) (unreachable)))`;

export function lyingComponent(): Promise<Uint8Array<ArrayBuffer>> {
  return witComponent(
    `package test:lies@0.1.0;
    interface lies {
      variant shape { round(u32), square }
      fine: func() -> u32;
      far-text: func() -> string;
      bad-text: func() -> string;
      long-text: func() -> string;
      no-case: func() -> shape;
      no-char: func() -> char;
      no-side: func() -> result;
      odd-list: func() -> list<u32>;
      same-lists: func() -> list<list<u8>>;
      bad-place: func(text: option<string>) -> u32;
      spin: func() -> u32;
    }
    world guest { export lies; }`,
    GUEST,
  );
}
