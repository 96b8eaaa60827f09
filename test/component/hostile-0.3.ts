import { answered, cut, dispatched, fine, invalid, late, spin, trap, type HostileCase } from './hostile-case.ts';

const I = '"wasi:http/types@V"';
const RESPONSE = '[static]response.new';

/** A stream's two ends in one number, the writable one in the upper half: a component's built-ins give them so. */
const HALVES = `
  (func $low (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
  (func $high (param i64) (result i32) (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32))))`;

const IMPORTS = `
  (type $take (func (param i32)))
  (type $copy (func (param i32 i32 i32) (result i32)))
  (import ${I} "[constructor]fields" (func $fields (result i32)))
  (import ${I} "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import ${I} "[method]fields.copy-all" (func $entries (param i32 i32)))
  (import ${I} "[resource-drop]fields" (func $drop-fields (type $take)))
  (import ${I} "[method]request.get-path-with-query" (func $path (param i32 i32)))
  (import ${I} "[resource-drop]request" (func $drop-request (type $take)))
  (import ${I} "${RESPONSE}" (func $response (param i32 i32 i32 i32 i32)))
  (import ${I} "[method]response.set-status-code" (func $set-status (param i32 i32) (result i32)))
  (import ${I} "[stream-new-0]${RESPONSE}" (func $stream (result i64)))
  (import ${I} "[async-lower][stream-write-0]${RESPONSE}" (func $write (type $copy)))
  (import ${I} "[async-lower][stream-read-0]${RESPONSE}" (func $read (type $copy)))
  (import ${I} "[stream-cancel-write-0]${RESPONSE}" (func $cancel-write (param i32) (result i32)))
  (import ${I} "[stream-drop-writable-0]${RESPONSE}" (func $drop-writable (type $take)))
  (import ${I} "[stream-drop-readable-0]${RESPONSE}" (func $drop-readable (type $take)))
  (import ${I} "[future-new-1]${RESPONSE}" (func $future (result i64)))
  (import ${I} "[async-lower][future-write-1]${RESPONSE}" (func $write-future (param i32 i32) (result i32)))
  (import ${I} "[future-drop-writable-1]${RESPONSE}" (func $drop-future (type $take)))
  (import "wasi:clocks/monotonic-clock@V" "[async-lower]wait-for" (func $sleep (param i64) (result i32)))
  (import "wasi:clocks/monotonic-clock@V" "wait-for" (func $sleep-blocking (param i64)))
  (import "$root" "[waitable-set-new]" (func $set-new (result i32)))
  (import "$root" "[waitable-set-drop]" (func $set-drop (type $take)))
  (import "$root" "[waitable-set-poll]" (func $set-poll (param i32 i32) (result i32)))
  (import "$root" "[waitable-set-wait]" (func $set-wait (param i32 i32) (result i32)))
  (import "$root" "[waitable-join]" (func $join (param i32 i32)))
  (import "$root" "[subtask-drop]" (func $subtask-drop (type $take)))
  (import "$root" "[subtask-cancel]" (func $subtask-cancel (param i32) (result i32)))
  (import "$root" "[backpressure-inc]" (func $backpressure))
  (import "$root" "[backpressure-dec]" (func $no-backpressure))
  (import "[export]$root" "[task-cancel]" (func $task-cancel))
  (import "[export]wasi:http/handler@V" "[task-return]handle" (func $task-return (param i32 i32 i32 i64 i32 i32 i32 i32)))`;

const HELPERS = `
  (global $free (mut i32) (i32.const 4096))
  (global $trick (mut i32) (i32.const 0))
  ;; what the callback does: exit, yield, trap, wait again
  (global $then (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (if (i32.eq (global.get $trick) (i32.const 1)) (then (drop (call $fields))))
    (if (i32.eq (global.get $trick) (i32.const 2)) (then (return (i32.const 0xfffffff0))))
    (if (i32.eq (global.get $trick) (i32.const 3)) (then (return (i32.const 4097))))
    (if (i32.eq (global.get $trick) (i32.const 4)) (then (call $return (call $plain (i32.const 0)))))
    (local.set $at (global.get $free))
    (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 15)) (i32.const -16)))
    (local.get $at))
  (data (i32.const 2000) "content-length" "x-test" "secret")
  (func $return (param $response i32)
    (call $task-return (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  ;; a future of trailers that says at once that there are none
  (func $no-trailers (result i32)
    (local $ends i64)
    (local.set $ends (call $future))
    (drop (call $write-future (call $high (local.get $ends)) (i32.const 3000)))
    (call $low (local.get $ends)))
  ;; a response without a body; with the headers of a length where that is no 0
  (func $plain (param $length i32) (result i32)
    (call $response (call $lengthy (local.get $length)) (i32.const 0) (i32.const 0) (call $no-trailers) (i32.const 0))
    (i32.load (i32.const 0)))
  (func $lengthy (param $digit i32) (result i32)
    (local $fields i32)
    (local.set $fields (call $fields))
    (if (local.get $digit) (then
      (i32.store8 (i32.const 100) (local.get $digit))
      (call $append (local.get $fields) (i32.const 2000) (i32.const 14) (i32.const 100) (i32.const 1) (i32.const 0))))
    (local.get $fields))
  ;; answers, and gives the writable end of the body
  (func $begin (param $length i32) (result i32)
    (local $ends i64)
    (local.set $ends (call $stream))
    (call $response (call $lengthy (local.get $length)) (i32.const 1) (call $low (local.get $ends)) (call $no-trailers) (i32.const 0))
    (call $return (i32.load (i32.const 0)))
    (call $high (local.get $ends)))
  (func $say (param $to i32)
    (if (i32.ne (call $write (local.get $to) (i32.const 2020) (i32.const 6)) (i32.const 96)) (then unreachable)))
  (func $hello (local $to i32)
    (local.set $to (call $begin (i32.const 0)))
    (call $say (local.get $to))
    (call $drop-writable (local.get $to)))
  ;; the code that waits for a time
  (func $later (param $nanoseconds i64) (result i32)
    (local $set i32) (local $subtask i32)
    (local.set $subtask (i32.shr_u (call $sleep (local.get $nanoseconds)) (i32.const 4)))
    ;; it may be over at once
    (if (i32.eqz (local.get $subtask)) (then (return (i32.const 1))))
    (local.set $set (call $set-new))
    (call $join (local.get $subtask) (local.get $set))
    (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))
  (func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1)))))
  (func (export "[callback][async-lift]wasi:http/handler@V#handle") (param i32 i32 i32) (result i32)
    (if (i32.eq (global.get $then) (i32.const 2)) (then unreachable))
    (if (i32.eq (global.get $then) (i32.const 3)) (then (return (call $later (i64.const 1000000)))))
    (if (i32.eq (global.get $then) (i32.const 4)) (then (call $drop-writable (global.get $end)) (return (i32.const 0))))
    (if (i32.eq (global.get $then) (i32.const 5)) (then (return (call $later (i64.const 0x7fffffffffffffff)))))
    (global.get $then))`;

const HELLO = '(call $hello)';
const BOTH = '(local.set $s (call $stream))';
const LATER = '(return (call $later (i64.const 100000000)))';

// prettier-ignore
export const CASES_03: readonly HostileCase[] = [
  trap('no result', '', /ended without a result/),
  answered('a result twice', `(call $return (call $plain (i32.const 0))) (call $return (call $plain (i32.const 0)))`, /twice/, ''),
  trap('a request where a response belongs', `(call $return (local.get $request))`, /another resource/),
  trap('a forged response', `(call $return (i32.const 4242))`, /4242 is not in use/),
  answered('a response given away twice', `(local.set $n (call $plain (i32.const 0))) (call $return (local.get $n)) (drop (call $set-status (local.get $n) (i32.const 204)))`, /not in use/, ''),
  trap('a result without such a case', `(call $task-return (i32.const 2) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`, /case|result/),
  trap('an error code without such a case', `(call $task-return (i32.const 1) (i32.const 99) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`, /case/),
  trap('an error code with a string out of range', `(call $task-return (i32.const 1) (i32.const 38) (i32.const 1) (i64.const 0xfffffff0) (i32.const 100) (i32.const 0) (i32.const 0) (i32.const 0))`, /memory|range/),
  trap('a code that is none', `(return (i32.const 7))`, /code 7/),
  trap('a wait for no set', `(return (i32.const 2))`, /not in use/),
  trap('a wait for something that is no set', `(return (i32.or (i32.const 2) (i32.shl (call $fields) (i32.const 4))))`, /no waitable set/),
  trap('a cancellation that nobody asked for', `(call $task-cancel)`, /no cancellation/),
  trap('a write from out of range', `${BOTH} (drop (call $write (call $high (local.get $s)) (i32.const 0xfffffff0) (i32.const 100)))`, /range|memory/),
  trap('a write of 2^32-1 bytes', `${BOTH} (drop (call $write (call $high (local.get $s)) (i32.const 0) (i32.const -1)))`, /at most/),
  trap('a read to out of range', `${BOTH} (drop (call $read (call $low (local.get $s)) (i32.const 65535) (i32.const 2)))`, /range|memory/),
  trap('a write into the readable end', `${BOTH} (drop (call $write (call $low (local.get $s)) (i32.const 0) (i32.const 1)))`, /not the end/),
  trap('a write into something that is no stream', `(drop (call $write (call $fields) (i32.const 0) (i32.const 1)))`, /not the end/),
  trap('a write into a forged end', `(drop (call $write (i32.const 999) (i32.const 0) (i32.const 1)))`, /999 is not in use/),
  trap('a write while one is under way', `${BOTH} (drop (call $write (call $high (local.get $s)) (i32.const 0) (i32.const 1))) (drop (call $write (call $high (local.get $s)) (i32.const 0) (i32.const 1)))`, /./),
  trap('a write after the end', `${BOTH} (call $drop-writable (call $high (local.get $s))) (drop (call $write (call $high (local.get $s)) (i32.const 0) (i32.const 1)))`, /not in use/),
  trap('an end dropped while it is written', `${BOTH} (drop (call $write (call $high (local.get $s)) (i32.const 0) (i32.const 1))) (call $drop-writable (call $high (local.get $s)))`, /./),
  trap('a write cancelled that is not under way', `${BOTH} (drop (call $cancel-write (call $high (local.get $s))))`, /./),
  trap('a future dropped unwritten', `(call $drop-future (call $high (call $future)))`, /./),
  trap('a future written twice', `(local.set $s (call $future)) (drop (call $write-future (call $high (local.get $s)) (i32.const 3000))) (drop (call $write-future (call $high (local.get $s)) (i32.const 3000)))`, /./),
  trap('a future of what is not aligned', `(drop (call $write-future (call $high (call $future)) (i32.const 3001)))`, /align/),
  trap('a stream used after it was given away', `${BOTH} (call $response (call $fields) (i32.const 1) (call $low (local.get $s)) (call $no-trailers) (i32.const 0)) (call $drop-readable (call $low (local.get $s)))`, /not in use|not the end/),
  trap('streams without end', `(loop $more (drop (call $stream)) (br $more))`, /handles/),
  trap('waitable sets without end', `(loop $more (drop (call $set-new)) (br $more))`, /handles/),
  trap('a subtask that is none', `(call $subtask-drop (call $set-new))`, /./),
  trap('a subtask dropped while it runs', `(call $subtask-drop (i32.shr_u (call $sleep (i64.const 1000000000)) (i32.const 4)))`, /./),
  trap('a subtask cancelled twice', `(local.set $n (i32.shr_u (call $sleep (i64.const 1000000000)) (i32.const 4))) (drop (call $subtask-cancel (local.get $n))) (drop (call $subtask-cancel (local.get $n)))`, /./),
  trap('something joined to a set that cannot wait', `(call $join (call $fields) (call $set-new))`, /./),
  trap('a set dropped with something in it', `(local.set $n (call $set-new)) (call $join (i32.shr_u (call $sleep (i64.const 1000000000)) (i32.const 4)) (local.get $n)) (call $set-drop (local.get $n))`, /./),
  trap('an event that is to go out of range', `(drop (call $set-poll (call $set-new) (i32.const 65534)))`, /range|memory|align/),
  trap('more room than was taken', `(call $no-backpressure)`, /./),
  trap('an allocator that calls out', `(global.set $trick (i32.const 1)) (call $path (local.get $request) (i32.const 16))`, /leave|call/),
  trap('an allocator that gives what is out of range', `(global.set $trick (i32.const 2)) (call $path (local.get $request) (i32.const 16))`, /memory|range/),
  trap('an allocator that gives what is not aligned', `(global.set $trick (i32.const 3)) (local.set $n (call $lengthy (i32.const 57))) (call $entries (local.get $n) (i32.const 16))`, /align/),
  trap('an allocator that returns', `(global.set $trick (i32.const 4)) (call $path (local.get $request) (i32.const 16))`, /./),
  trap('a stack that never ends', `(drop (call $deep (i32.const 0)))`, /stack/i),
  trap('a trap in the callback', `(global.set $then (i32.const 2)) (return (i32.const 1))`, /unreachable/),
  fine('all the memory that there is, and a little more', `(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) ${HELLO}`),
  fine('handles that are never dropped', `(loop $more (drop (call $fields)) (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20000)))) ${HELLO}`),
  answered('a trap after the answer', `${HELLO} (global.set $then (i32.const 2)) ${LATER}`, /unreachable/),
  cut('a trap within the body', `(call $say (call $begin (i32.const 0))) (global.set $then (i32.const 2)) ${LATER}`, /unreachable/),
  cut('a body shorter than its length, after its head has gone', `(global.set $end (call $begin (i32.const 57))) (call $say (global.get $end)) (global.set $then (i32.const 4)) ${LATER}`),
  invalid('a body shorter than its length', `(local.set $n (call $begin (i32.const 57))) (call $say (local.get $n)) (call $drop-writable (local.get $n))`),
  invalid('a body longer than its length', `(call $say (call $begin (i32.const 51)))`),
  invalid('a status of no final response', `(local.set $n (call $plain (i32.const 0))) (drop (call $set-status (local.get $n) (i32.const 101))) (call $return (local.get $n))`),
  late('a wait without end', `(global.set $then (i32.const 5)) (return (call $later (i64.const 0x7fffffffffffffff)))`),
  late('a wait for an empty set', `(return (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4))))`),
  late('a wait for nothing that ever comes, again and again', `(global.set $then (i32.const 3)) (return (call $later (i64.const 1000000)))`),
  late('a turn given away without end', `(global.set $then (i32.const 1)) (return (i32.const 1))`),
  late('a blocking wait without end', `(call $sleep-blocking (i64.const 0x7fffffffffffffff))`),
  late('a blocking wait for an empty set', `(drop (call $set-wait (call $set-new) (i32.const 16)))`),
  spin,
];

/** A component of WASI 0.3 that does what the number in its URL says; `/` says hello. */
export const HOSTILE_03 = `(module
  ${IMPORTS}
  (memory (export "memory") 1)
  ${HALVES}
  ${HELPERS}
  (func (export "[async-lift]wasi:http/handler@V#handle") (param $request i32) (result i32)
    (local $n i32) (local $at i32) (local $length i32) (local $case i32) (local $s i64)
    (global.set $trick (i32.const 0))
    (call $path (local.get $request) (i32.const 16))
    (local.set $at (i32.load (i32.const 20)))
    (local.set $length (i32.load (i32.const 24)))
    ${dispatched(CASES_03, HELLO, '(i32.const 0)')}))`;
