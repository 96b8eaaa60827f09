import { witComponent } from '../wit-component.ts';

const JOBS = 'test:jobs/jobs@0.1.0';

/** Functions of WASI 0.3: one yields before its result, one goes on after it, one waits for ever, one traps when it has returned. */
const GUEST = `(module
  (import "[export]${JOBS}" "[task-return]add" (func $added (param i32)))
  (import "[export]${JOBS}" "[task-return]go-on" (func $went-on (param i32)))
  (import "[export]${JOBS}" "[task-return]trap-after" (func $trapped (param i32)))
  (import "$root" "[context-set-0]" (func $set (param i32)))
  (import "$root" "[context-get-0]" (func $get (result i32)))
  (import "$root" "[waitable-set-new]" (func $set-new (result i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
  (func (export "[async-lift]${JOBS}#add") (param i32 i32) (result i32)
    (call $set (i32.add (local.get 0) (local.get 1)))
    (i32.const 1))
  (func (export "[callback][async-lift]${JOBS}#add") (param i32 i32 i32) (result i32)
    (call $added (call $get))
    (i32.const 0))
  (func (export "[async-lift]${JOBS}#go-on") (result i32)
    (call $went-on (i32.const 1))
    (call $set (i32.const 100))
    (i32.const 1))
  (func (export "[callback][async-lift]${JOBS}#go-on") (param i32 i32 i32) (result i32)
    (call $set (i32.sub (call $get) (i32.const 1)))
    (i32.ne (call $get) (i32.const 0)))
  (func (export "[async-lift]${JOBS}#trap-after") (result i32)
    (call $trapped (i32.const 1))
    (call $set (i32.const 100))
    (i32.const 1))
  (func (export "[callback][async-lift]${JOBS}#trap-after") (param i32 i32 i32) (result i32)
    (call $set (i32.sub (call $get) (i32.const 1)))
    (if (i32.eqz (call $get)) (then (unreachable)))
    (i32.const 1))
  (func (export "[async-lift]${JOBS}#hang") (result i32)
    (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4))))
  (func (export "[callback][async-lift]${JOBS}#hang") (param i32 i32 i32) (result i32) (unreachable)))`;

export function asyncComponent(): Promise<Uint8Array<ArrayBuffer>> {
  return witComponent(
    `package test:jobs@0.1.0;
    interface jobs {
      add: async func(a: u32, b: u32) -> u32;
      go-on: async func() -> u32;
      trap-after: async func() -> u32;
      hang: async func() -> u32;
    }
    world guest { export jobs; }`,
    GUEST,
  );
}
