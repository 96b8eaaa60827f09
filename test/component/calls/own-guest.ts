import { MEMORY } from '../wat-memory.ts';
import { witComponent } from '../wit-component.ts';

/** Every type that has a place in JSON, by the function that gives a list of it back. */
const ECHOED = {
  bools: 'bool',
  s8s: 's8',
  u8s: 'option<u8>',
  s16s: 's16',
  u16s: 'u16',
  s32s: 's32',
  u32s: 'u32',
  s64s: 's64',
  u64s: 'u64',
  f32s: 'f32',
  f64s: 'f64',
  chars: 'char',
  strings: 'string',
  bytes: 'list<u8>',
  lists: 'list<u16>',
  tuples: 'tuple<u32, string>',
  points: 'point',
  shapes: 'shape',
  colors: 'color',
  grants: 'permissions',
  options: 'option<string>',
  nested: 'option<option<u32>>',
  results: 'result<u32, string>',
  empty: 'result',
} as const;

export const VALUES_WIT = `
package test:values@0.1.0;

interface values {
  record point { x: f64, y: f64, the-label: option<string> }
  variant shape { none, circle(f64), polygon(list<point>), perhaps(option<u32>) }
  enum color { red, dark-blue }
  flags permissions { read, write-all }
  ${Object.entries(ECHOED)
    .map(([name, type]) => `${name}: func(values: list<${type}>) -> list<${type}>;`)
    .join('\n  ')}
}

world guest { export values; }`;

/** Gives back each list as it is. */
export function valuesComponent(): Promise<Uint8Array<ArrayBuffer>> {
  const exported = Object.keys(ECHOED).map((name) => `(export "test:values/values@0.1.0#${name}")`);
  return witComponent(
    VALUES_WIT,
    `(module ${MEMORY}
      (func ${exported.join(' ')} (param i32 i32) (result i32)
        (i32.store (i32.const 16) (local.get 0))
        (i32.store (i32.const 20) (local.get 1))
        (i32.const 16)))`,
  );
}

const CALC_WIT = `
package acme:calc@1.2.0;

interface ops {
  variant error { division-by-zero, overflow(string) }
  add: func(a: u32, b: u32) -> result<u32, error>;
  divide: func(a: u32, b: u32) -> result<u32, error>;
  mean-of: func(the-values: list<f64>) -> option<f64>;
  reset: func();
  check: func(ok: bool) -> result;
  count: func() -> u32;
  crash: func() -> u32;
  spin: func() -> u32;
}

world guest {
  export ops;
  export shout: func(text: string) -> string;
}`;

const CALC = `(module ${MEMORY}
  (data (i32.const 64) "the sum is too large")
  (global $count (mut i32) (i32.const 0))
  (func (export "acme:calc/ops@1.2.0#add") (param i32 i32) (result i32)
    (local $sum i32)
    (local.set $sum (i32.add (local.get 0) (local.get 1)))
    (if (i32.lt_u (local.get $sum) (local.get 0)) (then
      (i32.store8 (i32.const 16) (i32.const 1))
      (i32.store8 (i32.const 20) (i32.const 1))
      (i32.store (i32.const 24) (i32.const 64))
      (i32.store (i32.const 28) (i32.const 20))
      (return (i32.const 16))))
    (i32.store8 (i32.const 16) (i32.const 0))
    (i32.store (i32.const 20) (local.get $sum))
    (i32.const 16))
  (func (export "acme:calc/ops@1.2.0#divide") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 1)) (then
      (i32.store8 (i32.const 16) (i32.const 1))
      (i32.store8 (i32.const 20) (i32.const 0))
      (return (i32.const 16))))
    (i32.store8 (i32.const 16) (i32.const 0))
    (i32.store (i32.const 20) (i32.div_u (local.get 0) (local.get 1)))
    (i32.const 16))
  (func (export "acme:calc/ops@1.2.0#mean-of") (param i32 i32) (result i32)
    (i32.store8 (i32.const 16) (i32.ne (local.get 1) (i32.const 0)))
    (if (local.get 1) (then (f64.store (i32.const 24) (f64.load (local.get 0)))))
    (i32.const 16))
  (func (export "acme:calc/ops@1.2.0#reset"))
  (func (export "acme:calc/ops@1.2.0#check") (param i32) (result i32) (i32.eqz (local.get 0)))
  (func (export "acme:calc/ops@1.2.0#count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))
  (func (export "acme:calc/ops@1.2.0#crash") (result i32) (unreachable))
  (func (export "acme:calc/ops@1.2.0#spin") (result i32) (loop (br 0)) (unreachable))
  (func (export "shout") (param i32 i32) (result i32)
    (i32.store8 (i32.add (local.get 0) (local.get 1)) (i32.const 33))
    (i32.store (i32.const 16) (local.get 0))
    (i32.store (i32.const 20) (i32.add (local.get 1) (i32.const 1)))
    (i32.const 16)))`;

export function calcComponent(): Promise<Uint8Array<ArrayBuffer>> {
  return witComponent(CALC_WIT, CALC);
}
