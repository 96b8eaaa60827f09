import { MEMORY } from './wat-memory.ts';

/** The world of a guest that takes mail. */
export function emailWorld(version: string): string {
  return `
    import brink:email/types@${version};
    import brink:email/sending@${version};
    export brink:function/email@${version};`;
}

/**
 * By the first byte of a message it is forwarded (`f`), sent anew by the binding EMAIL (`s`), or by QUEUE, which is none for
 * mail (`q`), rejected (`r`), an error in its own words (`e`), or a trap (`t`). What fails there is the error that it returns.
 */
export function emailGuest(version: string): string {
  const types = `brink:email/types@${version}`;
  return `(module
  (import "${types}" "[method]message.raw" (func $raw (param i32 i32)))
  (import "${types}" "[method]message.to" (func $to (param i32 i32)))
  (import "${types}" "[method]message.set-reject" (func $reject (param i32 i32 i32)))
  (import "${types}" "[method]message.forward" (func $forward (param i32 i32 i32 i32 i32 i32)))
  (import "${types}" "[resource-drop]message" (func $drop (param i32)))
  (import "brink:email/sending@${version}" "open" (func $open (param i32 i32 i32)))
  (import "brink:email/sending@${version}" "[method]sender.send" (func $send (param i32 i32 i32 i32 i32 i32 i32 i32)))
  ${MEMORY}
  (data (i32.const 256) "other@example.net")
  (data (i32.const 288) "EMAIL")
  (data (i32.const 296) "QUEUE")
  (func $failed (result i32)
    (i32.store8 (i32.const 64) (i32.const 1))
    (i32.store (i32.const 68) (i32.load (i32.const 40)))
    (i32.store (i32.const 72) (i32.load (i32.const 44)))
    (i32.const 64))
  (func (export "brink:function/email@${version}#handle") (param $message i32) (result i32)
    (local $at i32) (local $length i32) (local $first i32)
    (call $raw (local.get $message) (i32.const 16))
    (local.set $at (i32.load (i32.const 16)))
    (local.set $length (i32.load (i32.const 20)))
    (local.set $first (i32.load8_u (local.get $at)))
    (if (i32.eq (local.get $first) (i32.const 116)) (then (unreachable)))
    (if (i32.eq (local.get $first) (i32.const 114)) (then
      (call $to (local.get $message) (i32.const 24))
      (call $reject (local.get $message) (i32.load (i32.const 24)) (i32.load (i32.const 28)))))
    (if (i32.eq (local.get $first) (i32.const 101)) (then
      (i32.store (i32.const 40) (local.get $at))
      (i32.store (i32.const 44) (local.get $length))
      (return (call $failed))))
    (if (i32.eq (local.get $first) (i32.const 102)) (then
      (call $forward (local.get $message) (i32.const 256) (i32.const 17) (i32.const 0) (i32.const 0) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then (return (call $failed))))))
    (if (i32.or (i32.eq (local.get $first) (i32.const 115)) (i32.eq (local.get $first) (i32.const 113))) (then
      (call $open (select (i32.const 288) (i32.const 296) (i32.eq (local.get $first) (i32.const 115))) (i32.const 5) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then (return (call $failed))))
      (call $send (i32.load (i32.const 36))
        (i32.const 256) (i32.const 17) (i32.const 256) (i32.const 17) (local.get $at) (local.get $length) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then (return (call $failed))))))
    (call $drop (local.get $message))
    (i32.store8 (i32.const 64) (i32.const 0))
    (i32.const 64)))`;
}
