import { guest02 } from './wat-0.2.ts';

const I = '"wasi:http/types@V"';

/**
 * WASI 0.3, with counters that outlive a request where instances are used again. `/f` writes 64 KiB after 64 KiB without
 * end; `/w` waits for a thousand years, and takes its cancellation. Anything else answers with four numbers of 4 bytes: pieces written,
 * readers gone, cancellations taken, and waits that began.
 */
export const COUNTING_03 = `(module
  (type $take (func (param i32)))
  (type $copy (func (param i32 i32 i32) (result i32)))
  (import ${I} "[constructor]fields" (func $fields (result i32)))
  (import ${I} "[method]request.get-path-with-query" (func $path (param i32 i32)))
  (import ${I} "[static]response.new" (func $response (param i32 i32 i32 i32 i32)))
  (import ${I} "[stream-new-0][static]response.new" (func $stream (result i64)))
  (import ${I} "[async-lower][stream-write-0][static]response.new" (func $write (type $copy)))
  (import ${I} "[stream-drop-writable-0][static]response.new" (func $drop-writable (type $take)))
  (import ${I} "[future-new-1][static]response.new" (func $future (result i64)))
  (import ${I} "[async-lower][future-write-1][static]response.new" (func $write-future (param i32 i32) (result i32)))
  (import "wasi:clocks/monotonic-clock@V" "[async-lower]wait-for" (func $sleep (param i64) (result i32)))
  (import "$root" "[waitable-set-new]" (func $set-new (result i32)))
  (import "$root" "[waitable-join]" (func $join (param i32 i32)))
  (import "$root" "[context-set-0]" (func $keep (param i32)))
  (import "$root" "[context-get-0]" (func $kept (result i32)))
  (import "[export]$root" "[task-cancel]" (func $task-cancel))
  (import "[export]wasi:http/handler@V" "[task-return]handle" (func $task-return (param i32 i32 i32 i64 i32 i32 i32 i32)))
  (memory (export "memory") 3)
  (global $free (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free (i32.add (global.get $free) (i32.const 64)))
    (local.get $at))
  (func $begin (result i32)
    (local $body i64) (local $trailers i64)
    (local.set $body (call $stream))
    (local.set $trailers (call $future))
    (drop (call $write-future (i32.wrap_i64 (i64.shr_u (local.get $trailers) (i64.const 32))) (i32.const 3000)))
    (call $response (call $fields) (i32.const 1) (i32.wrap_i64 (local.get $body)) (i32.wrap_i64 (local.get $trailers)) (i32.const 0))
    (call $task-return (i32.const 0) (i32.load (i32.const 0)) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (i32.wrap_i64 (i64.shr_u (local.get $body) (i64.const 32))))
  (func $count (param $at i32) (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1))))
  ;; writes until it has to wait, or nobody reads any more
  (func $flood (param $to i32) (result i32)
    (local $result i32) (local $set i32)
    (loop $more
      (local.set $result (call $write (local.get $to) (i32.const 65536) (i32.const 65536)))
      (if (i32.eq (local.get $result) (i32.const -1)) (then
        (call $keep (local.get $to))
        (local.set $set (call $set-new))
        (call $join (local.get $to) (local.get $set))
        (return (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))))
      (if (i32.and (local.get $result) (i32.const 15)) (then (return (call $over (local.get $to)))))
      (call $count (i32.const 1000))
      (br $more))
    (i32.const 0))
  (func $over (param $to i32) (result i32)
    (call $count (i32.const 1004))
    (call $drop-writable (local.get $to))
    (i32.const 0))
  (func (export "[callback][async-lift]wasi:http/handler@V#handle") (param $event i32) (param $index i32) (param $payload i32) (result i32)
    (if (i32.eq (local.get $event) (i32.const 6)) (then
      (call $count (i32.const 1008))
      (call $task-cancel)
      (return (i32.const 0))))
    (call $join (local.get $index) (i32.const 0))
    (if (i32.and (local.get $payload) (i32.const 15)) (then (return (call $over (call $kept)))))
    (call $count (i32.const 1000))
    (call $flood (call $kept)))
  (func (export "[async-lift]wasi:http/handler@V#handle") (param $request i32) (result i32)
    (local $to i32) (local $first i32)
    (call $path (local.get $request) (i32.const 16))
    (local.set $first (i32.load8_u offset=1 (i32.load (i32.const 20))))
    (if (i32.eq (local.get $first) (i32.const 119)) (then
      (call $count (i32.const 1012))
      (local.set $to (call $set-new))
      (call $join (i32.shr_u (call $sleep (i64.const 0x7fffffffffffffff)) (i32.const 4)) (local.get $to))
      (return (i32.or (i32.const 2) (i32.shl (local.get $to) (i32.const 4))))))
    (local.set $to (call $begin))
    (if (i32.eq (local.get $first) (i32.const 102)) (then (return (call $flood (local.get $to)))))
    (if (i32.ne (call $write (local.get $to) (i32.const 1000) (i32.const 16)) (i32.const 256)) (then unreachable))
    (call $drop-writable (local.get $to))
    (i32.const 0)))`;

/** WASI 0.2: writes a line to the log every 20 ms, and never answers; at `/f` it has answered, and writes a body without end. */
export const TICKING_02 = guest02(
  `(data (i32.const 2000) "tick\\0a")
  (func $handle (param $request i32) (param $out i32)
    (local $response i32) (local $log i32) (local $body i32)
    (local.set $log (call $stderr))
    (call $path (local.get $request) (i32.const 16))
    (if (i32.eq (i32.load8_u offset=1 (i32.load (i32.const 20))) (i32.const 102)) (then
      (local.set $response (call $response (call $fields)))
      (call $body (local.get $response) (i32.const 0))
      (call $write (i32.load (i32.const 4)) (i32.const 0))
      (local.set $body (i32.load (i32.const 4)))
      (call $head (local.get $out) (local.get $response))))
    (loop $more
      (call $send (local.get $log) (i32.const 2000) (i32.const 5) (i32.const 0))
      (if (local.get $body) (then (call $send (local.get $body) (i32.const 2000) (i32.const 5) (i32.const 0))))
      (call $block (call $sleep (i64.const 20000000)))
      (br $more)))`,
  {
    imports: `
  (import "wasi:cli/stderr@V" "get-stderr" (func $stderr (result i32)))
  (import "wasi:io/poll@V" "[method]pollable.block" (func $block (type $take)))
  (import "wasi:clocks/monotonic-clock@V" "subscribe-duration" (func $sleep (param i64) (result i32)))`,
  },
);
