import { guest02 } from './wat-0.2.ts';
import { answered, cut, dispatched, fine, invalid, late, spin, trap, type HostileCase } from './hostile-case.ts';

const I = '"wasi:http/types@V"';

const IMPORTS = `
  (import ${I} "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import ${I} "[method]fields.entries" (func $entries (param i32 i32)))
  (import ${I} "[resource-drop]fields" (func $drop-fields (type $take)))
  (import ${I} "[resource-drop]outgoing-body" (func $drop-body (type $take)))
  (import ${I} "[resource-drop]response-outparam" (func $drop-outparam (type $take)))
  (import ${I} "[resource-drop]incoming-request" (func $drop-request (type $take)))
  (import "wasi:io/streams@V" "[method]output-stream.write" (func $write-some (param i32 i32 i32 i32)))
  (import "wasi:io/streams@V" "[method]output-stream.flush" (func $flush (param i32 i32)))
  (import "wasi:io/poll@V" "poll" (func $poll (param i32 i32 i32)))
  (import "wasi:io/poll@V" "[method]pollable.block" (func $block (type $take)))
  (import "wasi:clocks/monotonic-clock@V" "subscribe-duration" (func $sleep (param i64) (result i32)))`;

/** What the allocator does is one of these, by a global: what it should, calls out, gives what is out of range, or not aligned. */
const REALLOC = `
  (global $trick (mut i32) (i32.const 0))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (if (i32.eq (global.get $trick) (i32.const 1)) (then (drop (call $fields))))
    (if (i32.eq (global.get $trick) (i32.const 2)) (then (return (i32.const 0xfffffff0))))
    (if (i32.eq (global.get $trick) (i32.const 3)) (then (return (i32.const 4097))))
    (if (i32.eq (global.get $trick) (i32.const 4)) (then (return (i32.const 65532))))
    (if (i32.eq (global.get $trick) (i32.const 5)) (then (call $handle (i32.const 1) (i32.const 2))))
    (local.set $at (global.get $free))
    (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 15)) (i32.const -16)))
    (local.get $at))`;

const HELPERS = `
  (data (i32.const 2000) "content-length" "x-test" "bad name" "a\\0d\\0ab: c" "secret" "\\ff\\fe" "\\ed\\a0\\80")
  (func $header (param $fields i32) (param $name i32) (param $name-length i32) (param $value i32) (param $value-length i32)
    (call $append (local.get $fields) (local.get $name) (local.get $name-length) (local.get $value) (local.get $value-length) (i32.const 0)))
  ;; a response with these headers, its body's stream; the body is left at 8
  (func $begin (param $out i32) (param $fields i32) (result i32)
    (local $response i32)
    (local.set $response (call $response (local.get $fields)))
    (call $body (local.get $response) (i32.const 0))
    (i32.store (i32.const 8) (i32.load (i32.const 4)))
    (call $write (i32.load (i32.const 8)) (i32.const 0))
    (call $head (local.get $out) (local.get $response))
    (i32.load (i32.const 4)))
  (func $end (param $stream i32)
    (call $drop-output (local.get $stream))
    (call $finish (i32.load (i32.const 8)) (i32.const 0) (i32.const 0) (i32.const 0)))
  (func $lengthy (param $digit i32) (result i32)
    (local $fields i32)
    (local.set $fields (call $fields))
    (i32.store8 (i32.const 100) (local.get $digit))
    (call $header (local.get $fields) (i32.const 2000) (i32.const 14) (i32.const 100) (i32.const 1))
    (local.get $fields))
  (func $wait (local i32)
    (call $block (call $sleep (i64.const 100000000))))
  (func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1)))))
  (func $hello (param $out i32) (call $respond (local.get $out) (i32.const 200) (i32.const 2035) (i32.const 6)))`;

const STREAM = '(local.set $n (call $begin (local.get $out) (call $fields)))';
const HELLO = '(call $hello (local.get $out))';

// prettier-ignore
export const CASES_02: readonly HostileCase[] = [
  trap('a pointer out of range', `${STREAM} (call $send (local.get $n) (i32.const 0xfffffff0) (i32.const 100) (i32.const 0))`, /out of (?:range|bounds)|memory/),
  trap('a list of 2^32-1 bytes', `${STREAM} (call $send (local.get $n) (i32.const 0) (i32.const 0xffffffff) (i32.const 0))`, /longer than/),
  trap('a list of 2^32-1 pollables', `(call $poll (i32.const 0) (i32.const 0xffffffff) (i32.const 16))`, /longer than/),
  trap('a string of 2^32-1 bytes', `(call $header (call $fields) (i32.const 0) (i32.const 0xffffffff) (i32.const 0) (i32.const 1))`, /memory|string/),
  trap('a result that is to go out of range', `(call $path (local.get $request) (i32.const 65534))`, /memory|align/),
  trap('a result that is to go where it is not aligned', `(call $path (local.get $request) (i32.const 17))`, /align/),
  trap('a list that is not aligned', `(call $poll (i32.const 17) (i32.const 1) (i32.const 16))`, /align/),
  trap('a forged handle', `(call $path (i32.const 12345) (i32.const 16))`, /12345 is not in use/),
  trap('handle 0', `(call $path (i32.const 0) (i32.const 16))`, /not in use/),
  trap('handle 2^32-1', `(call $path (i32.const -1) (i32.const 16))`, /4294967295 is not in use/),
  trap('a handle of another type', `(call $path (local.get $out) (i32.const 16))`, /another resource/),
  trap('a handle dropped twice', `(local.set $n (call $fields)) (call $drop-fields (local.get $n)) (call $drop-fields (local.get $n))`, /not in use/),
  answered('an outparam used after it was given away', `${HELLO} (call $head (local.get $out) (call $response (call $fields)))`, /not in use/),
  trap('headers used after they were given away', `(local.set $n (call $fields)) (drop (call $response (local.get $n))) (call $entries (local.get $n) (i32.const 0))`, /another resource/),
  answered('a stream used after its drop', `${STREAM} (call $send (local.get $n) (i32.const 2035) (i32.const 6) (i32.const 0)) (call $end (local.get $n)) (call $send (local.get $n) (i32.const 0) (i32.const 1) (i32.const 0))`, /not in use/),
  trap('a body finished while its stream is there', `${STREAM} (call $finish (i32.load (i32.const 8)) (i32.const 0) (i32.const 0) (i32.const 0))`, /still has/),
  trap('a string that is no UTF-8', `(call $header (call $fields) (i32.const 2041) (i32.const 2) (i32.const 0) (i32.const 0))`, /UTF-8/),
  trap('a string with a lone surrogate', `(call $header (call $fields) (i32.const 2043) (i32.const 3) (i32.const 0) (i32.const 0))`, /UTF-8/),
  trap('a variant without such a case', `(call $set (local.get $out) (i32.const 2) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`, /case|variant|result/),
  trap('an error code without such a case', `(call $set (local.get $out) (i32.const 1) (i32.const 99) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`, /case/),
  trap('an allocator that calls out', `(global.set $trick (i32.const 1)) (call $path (local.get $request) (i32.const 16))`, /leave|call/),
  trap('an allocator that gives what is out of range', `(global.set $trick (i32.const 2)) (call $path (local.get $request) (i32.const 16))`, /memory|realloc/),
  trap('an allocator that gives what ends out of range', `(global.set $trick (i32.const 4)) (call $entries (call $full) (i32.const 16))`, /range|memory/),
  trap('an allocator that gives what is not aligned', `(global.set $trick (i32.const 3)) (call $entries (call $full) (i32.const 16))`, /align/),
  trap('an allocator that enters the component again', `(global.set $trick (i32.const 5)) (call $path (local.get $request) (i32.const 16))`, /./),
  trap('a stack that never ends', `(drop (call $deep (i32.const 0)))`, /stack/i),
  trap('unreachable', `unreachable`, /unreachable/),
  trap('a memory access out of bounds', `(i32.store (i32.const 0x7fffffff) (i32.const 1))`, /out of bounds/),
  invalid('a body dropped while its stream is there', `${STREAM} (call $drop-body (i32.load (i32.const 8)))`),
  trap('headers without end', `(local.set $n (call $fields)) (loop $more (call $header (local.get $n) (i32.const 2014) (i32.const 6) (i32.const 2014) (i32.const 0)) (br $more))`, /larger than/),
  fine('all the memory that there is, and a little more', `(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) ${HELLO}`),
  fine('handles that are never dropped', `(loop $more (drop (call $fields)) (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20000)))) ${HELLO}`),
  trap('handles without end', `(loop $more (drop (call $fields)) (br $more))`, /handles/),
  fine('headers that are none, and a status that is none', `(local.set $n (call $fields))
     (call $header (local.get $n) (i32.const 2020) (i32.const 8) (i32.const 2014) (i32.const 6))
     (call $header (local.get $n) (i32.const 2014) (i32.const 6) (i32.const 2028) (i32.const 7))
     (drop (call $set-status (call $response (call $fields)) (i32.const 9999)))
     (local.set $n (call $begin (local.get $out) (local.get $n))) (call $end (local.get $n))`, ''),
  invalid('a status of no final response', `(local.set $n (call $response (call $fields))) (drop (call $set-status (local.get $n) (i32.const 101))) (call $head (local.get $out) (local.get $n))`),
  invalid('no response', ``),
  invalid('an outparam that is dropped', `(call $drop-outparam (local.get $out))`),
  invalid('a body shorter than its length', `(local.set $n (call $begin (local.get $out) (call $lengthy (i32.const 57)))) (call $send (local.get $n) (i32.const 2035) (i32.const 6) (i32.const 0)) (call $end (local.get $n))`),
  invalid('a body longer than its length', `(local.set $n (call $begin (local.get $out) (call $lengthy (i32.const 51)))) (call $send (local.get $n) (i32.const 2035) (i32.const 6) (i32.const 0)) (call $end (local.get $n))`),
  invalid('a body that is dropped unfinished', `${STREAM} (call $drop-output (local.get $n)) (call $drop-body (i32.load (i32.const 8)))`),
  cut('a body shorter than its length, after its head has gone', `(local.set $n (call $begin (local.get $out) (call $lengthy (i32.const 57)))) (call $send (local.get $n) (i32.const 2035) (i32.const 6) (i32.const 0)) (call $wait) (call $end (local.get $n))`),
  cut('a trap after the head has gone', `${STREAM} (call $send (local.get $n) (i32.const 2035) (i32.const 6) (i32.const 0)) (call $wait) unreachable`, /unreachable/),
  answered('a trap after the answer', `${HELLO} (call $wait) unreachable`, /unreachable/),
  late('a wait without end', `(call $block (call $sleep (i64.const 0x7fffffffffffffff)))`),
  late('a wait for nothing that ever comes, again and again', `(loop $more (call $wait) (br $more))`),
  late('a body of 16 MiB before there is a response', `(local.set $n (call $response (call $fields))) (call $body (local.get $n) (i32.const 0)) (call $write (i32.load (i32.const 4)) (i32.const 0)) (local.set $n (i32.load (i32.const 4)))
     (loop $more (call $send (local.get $n) (i32.const 0) (i32.const 4096) (i32.const 0)) (br $more))`),
  spin,
];

/** A component of WASI 0.2 that does what the number in its URL says; `/` says hello. */
export const HOSTILE_02 = guest02(
  `${HELPERS}
  (func $full (result i32) (local $n i32)
    (local.set $n (call $fields))
    (call $header (local.get $n) (i32.const 2014) (i32.const 6) (i32.const 2014) (i32.const 6))
    (local.get $n))
  (func $handle (param $request i32) (param $out i32)
    (local $n i32) (local $at i32) (local $length i32) (local $case i32)
    (call $path (local.get $request) (i32.const 16))
    (local.set $at (i32.load (i32.const 20)))
    (local.set $length (i32.load (i32.const 24)))
    ${dispatched(CASES_02, HELLO)})`,
  { imports: IMPORTS, realloc: REALLOC },
);
