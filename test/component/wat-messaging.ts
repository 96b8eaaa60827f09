import { MEMORY } from './wat-memory.ts';

const TYPES = 'wasi:messaging/types@0.2.0-draft';

export const MESSAGING_WORLD = `
    import wasi:messaging/producer@0.2.0-draft;
    import wasi:messaging/request-reply@0.2.0-draft;
    export wasi:messaging/incoming-handler@0.2.0-draft;`;

/**
 * Sends each message that it gets on, with its content type, to the topic OUT, or NONE where it begins with `n`. One that
 * begins with `e` is an error in its own words, with `t` a trap, and with `r` a request that wants a reply.
 */
export const FORWARDER = `(module
  (import "${TYPES}" "[static]client.connect" (func $connect (param i32 i32 i32)))
  (import "${TYPES}" "[constructor]message" (func $new (param i32 i32) (result i32)))
  (import "${TYPES}" "[method]message.data" (func $data (param i32 i32)))
  (import "${TYPES}" "[method]message.content-type" (func $type (param i32 i32)))
  (import "${TYPES}" "[method]message.set-content-type" (func $set-type (param i32 i32 i32)))
  (import "${TYPES}" "[method]message.add-metadata" (func $add (param i32 i32 i32 i32 i32)))
  (import "${TYPES}" "[resource-drop]message" (func $drop (param i32)))
  (import "wasi:messaging/producer@0.2.0-draft" "send" (func $send (param i32 i32 i32 i32 i32)))
  (import "wasi:messaging/request-reply@0.2.0-draft" "request" (func $request (param i32 i32 i32 i32 i32 i32 i32)))
  ${MEMORY}
  (data (i32.const 256) "OUT")
  (data (i32.const 260) "NONE")
  (func (export "wasi:messaging/incoming-handler@0.2.0-draft#handle") (param $message i32) (result i32)
    (local $at i32) (local $length i32) (local $first i32) (local $client i32) (local $new i32)
    (call $data (local.get $message) (i32.const 16))
    (local.set $at (i32.load (i32.const 16)))
    (local.set $length (i32.load (i32.const 20)))
    (local.set $first (i32.load8_u (local.get $at)))
    (if (i32.eq (local.get $first) (i32.const 116)) (then (unreachable)))
    (if (i32.eq (local.get $first) (i32.const 101)) (then
      (i32.store8 (i32.const 64) (i32.const 1))
      (i32.store8 (i32.const 68) (i32.const 3))
      (i32.store (i32.const 72) (local.get $at))
      (i32.store (i32.const 76) (local.get $length))
      (return (i32.const 64))))
    (call $connect (i32.const 256) (i32.const 3) (i32.const 32))
    (local.set $client (i32.load (i32.const 36)))
    (if (i32.eq (local.get $first) (i32.const 114)) (then
      (call $request (local.get $client) (i32.const 256) (i32.const 3) (local.get $message) (i32.const 0) (i32.const 0) (i32.const 64))
      (return (i32.const 64))))
    (local.set $new (call $new (local.get $at) (local.get $length)))
    (call $type (local.get $message) (i32.const 32))
    (if (i32.load8_u (i32.const 32)) (then
      (call $set-type (local.get $new) (i32.load (i32.const 36)) (i32.load (i32.const 40)))))
    (if (i32.eq (local.get $first) (i32.const 109)) (then
      (call $add (local.get $new) (i32.const 256) (i32.const 3) (i32.const 260) (i32.const 4))))
    (call $drop (local.get $message))
    (if (i32.eq (local.get $first) (i32.const 110))
      (then (call $send (local.get $client) (i32.const 260) (i32.const 4) (local.get $new) (i32.const 64)))
      (else (call $send (local.get $client) (i32.const 256) (i32.const 3) (local.get $new) (i32.const 64))))
    (i32.const 64)))`;
