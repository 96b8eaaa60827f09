import { guest02 } from './wat-0.2.ts';

/** Answers with the file at the path of the URL, 404 where it cannot be opened, 403 where it could be written to. */
export const FILE_SERVER = guest02(
  `(func $handle (param $request i32) (param $out i32)
    (local $root i32) (local $at i32) (local $length i32) (local $file i32)
    (call $path (local.get $request) (i32.const 16))
    (local.set $at (i32.load (i32.const 20)))
    (local.set $length (i32.load (i32.const 24)))
    (call $directories (i32.const 16))
    (local.set $root (i32.load (i32.load (i32.const 16))))
    ;; flags: read, or create and write
    (call $open (local.get $root) (i32.const 0) (i32.add (local.get $at) (i32.const 1)) (i32.sub (local.get $length) (i32.const 1)) (i32.const 1) (i32.const 2) (i32.const 16))
    (if (i32.eqz (i32.load8_u (i32.const 16))) (then (call $respond (local.get $out) (i32.const 500) (i32.const 0) (i32.const 0)) (return)))
    (call $open (local.get $root) (i32.const 1) (i32.add (local.get $at) (i32.const 1)) (i32.sub (local.get $length) (i32.const 1)) (i32.const 0) (i32.const 1) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (call $respond (local.get $out) (i32.const 404) (i32.const 0) (i32.const 0)) (return)))
    (local.set $file (i32.load (i32.const 20)))
    (call $read (local.get $file) (i64.const 4096) (i64.const 0) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (call $respond (local.get $out) (i32.const 403) (i32.const 0) (i32.const 0)) (return)))
    (call $respond (local.get $out) (i32.const 200) (i32.load (i32.const 20)) (i32.load (i32.const 24))))`,
  {
    imports: `
  (import "wasi:filesystem/preopens@V" "get-directories" (func $directories (param i32)))
  (import "wasi:filesystem/types@V" "[method]descriptor.open-at" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:filesystem/types@V" "[method]descriptor.read" (func $read (param i32 i64 i64 i32)))`,
  },
);
