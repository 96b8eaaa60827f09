const INSTANCE = '"wasi:http/types@V"';

/**
 * What a guest of WASI 0.2 needs to answer: imports, one page of memory, an allocator that never frees, and
 * `$respond outparam status pointer length`. `body` has the rest, with `$handle request outparam` among it.
 */
export function guest02(body: string, { imports = '', realloc = REALLOC } = {}): string {
  return `(module
  (type $take (func (param i32)))
  (import ${INSTANCE} "[constructor]fields" (func $fields (result i32)))
  (import ${INSTANCE} "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import ${INSTANCE} "[method]outgoing-response.set-status-code" (func $set-status (param i32 i32) (result i32)))
  (import ${INSTANCE} "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import ${INSTANCE} "[method]outgoing-body.write" (func $write (param i32 i32)))
  (import ${INSTANCE} "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import ${INSTANCE} "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import ${INSTANCE} "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:io/streams@V" "[method]output-stream.blocking-write-and-flush" (func $send (param i32 i32 i32 i32)))
  (import "wasi:io/streams@V" "[resource-drop]output-stream" (func $drop-output (type $take)))
  ${imports}
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 4096))
  ${realloc}
  (func $head (param $out i32) (param $response i32)
    (call $set (local.get $out) (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  (func $respond (param $out i32) (param $status i32) (param $at i32) (param $length i32)
    (local $response i32) (local $body i32) (local $stream i32)
    (local.set $response (call $response (call $fields)))
    (drop (call $set-status (local.get $response) (local.get $status)))
    (call $body (local.get $response) (i32.const 0))
    (local.set $body (i32.load (i32.const 4)))
    (call $write (local.get $body) (i32.const 0))
    (local.set $stream (i32.load (i32.const 4)))
    (call $head (local.get $out) (local.get $response))
    (if (local.get $length) (then (call $send (local.get $stream) (local.get $at) (local.get $length) (i32.const 0))))
    (call $drop-output (local.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0)))
  (export "wasi:http/incoming-handler@V#handle" (func $handle))
  ${body})`;
}

/** Rounds up to 16 and never gives anything back. */
const REALLOC = `(func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 15)) (i32.const -16)))
    (local.get $at))`;
