import { guest02 } from './wat-0.2.ts';

const STORE = 'wasi:blobstore/blobstore@0.2.0-draft';
const CONTAINER = 'wasi:blobstore/container@0.2.0-draft';
const TYPES = 'wasi:blobstore/types@0.2.0-draft';

/**
 * At `/` it answers with the object `note` of the bucket FILES, 404 where there is none, 403 where there is no such bucket.
 * At any other path it writes that path there.
 */
export const NOTE_KEEPER = guest02(
  `(data (i32.const 512) "FILES")
  (data (i32.const 520) "note")
  (func $handle (param $request i32) (param $out i32)
    (local $bucket i32) (local $value i32) (local $stream i32) (local $at i32) (local $length i32)
    (call $path (local.get $request) (i32.const 16))
    (local.set $at (i32.load (i32.const 20)))
    (local.set $length (i32.load (i32.const 24)))
    (call $container (i32.const 512) (i32.const 5) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (call $respond (local.get $out) (i32.const 403) (i32.const 0) (i32.const 0)) (return)))
    (local.set $bucket (i32.load (i32.const 20)))
    (if (i32.gt_u (local.get $length) (i32.const 1)) (then
      (local.set $value (call $new-value))
      (call $write-data (local.get $bucket) (i32.const 520) (i32.const 4) (local.get $value) (i32.const 16))
      (call $value-body (local.get $value) (i32.const 16))
      (local.set $stream (i32.load (i32.const 20)))
      (call $send (local.get $stream) (local.get $at) (local.get $length) (i32.const 0))
      (call $drop-output (local.get $stream))
      (call $finish-value (local.get $value) (i32.const 16))
      (call $respond (local.get $out) (i32.add (i32.const 200) (i32.mul (i32.const 300) (i32.load8_u (i32.const 16)))) (i32.const 0) (i32.const 0))
      (return)))
    (call $get-data (local.get $bucket) (i32.const 520) (i32.const 4) (i64.const 0) (i64.const -1) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (call $respond (local.get $out) (i32.const 404) (i32.const 0) (i32.const 0)) (return)))
    (call $consume (i32.load (i32.const 20)) (i32.const 16))
    (call $respond (local.get $out) (i32.const 200) (i32.load (i32.const 20)) (i32.load (i32.const 24))))`,
  {
    imports: `
  (import "${STORE}" "get-container" (func $container (param i32 i32 i32)))
  (import "${CONTAINER}" "[method]container.write-data" (func $write-data (param i32 i32 i32 i32 i32)))
  (import "${CONTAINER}" "[method]container.get-data" (func $get-data (param i32 i32 i32 i64 i64 i32)))
  (import "${TYPES}" "[static]outgoing-value.new-outgoing-value" (func $new-value (result i32)))
  (import "${TYPES}" "[method]outgoing-value.outgoing-value-write-body" (func $value-body (param i32 i32)))
  (import "${TYPES}" "[static]outgoing-value.finish" (func $finish-value (param i32 i32)))
  (import "${TYPES}" "[static]incoming-value.incoming-value-consume-sync" (func $consume (param i32 i32)))`,
  },
);
