import { guest02 } from './wat-0.2.ts';

/** Answers with the value of API_KEY: at `/` that of its environment's first variable, at `/config` that of `wasi:config`. */
export const CONFIG_READER = guest02(
  `(data (i32.const 512) "API_KEY")
  (func $handle (param $request i32) (param $out i32)
    (local $at i32)
    (call $path (local.get $request) (i32.const 16))
    (if (i32.gt_u (i32.load (i32.const 24)) (i32.const 1)) (then
      (call $config (i32.const 512) (i32.const 7) (i32.const 16))
      (if (i32.eqz (i32.load8_u (i32.const 20))) (then (call $respond (local.get $out) (i32.const 404) (i32.const 0) (i32.const 0)) (return)))
      (call $respond (local.get $out) (i32.const 200) (i32.load (i32.const 24)) (i32.load (i32.const 28)))
      (return)))
    (call $environment (i32.const 16))
    (if (i32.eqz (i32.load (i32.const 20))) (then (call $respond (local.get $out) (i32.const 404) (i32.const 0) (i32.const 0)) (return)))
    (local.set $at (i32.load (i32.const 16)))
    (call $respond (local.get $out) (i32.const 200) (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at))))`,
  {
    imports: `
  (import "wasi:cli/environment@V" "get-environment" (func $environment (param i32)))
  (import "wasi:config/store@0.2.0-rc.1" "get" (func $config (param i32 i32 i32)))`,
  },
);
