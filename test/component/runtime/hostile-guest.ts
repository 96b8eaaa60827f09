/** What a number of the guest may be. */
export type Kind =
  | 'stream'
  | 'stream to write'
  | 'future'
  | 'future to write'
  | 'set'
  | 'subtask'
  | 'resource'
  | 'error' // handles
  | 'pointer'
  | 'length'
  | 'call'
  | 'code'
  | 'other';

/** A core function that a guest calls with whatever its program says. */
export interface Op {
  readonly name: string;
  /** What its parameters are best given, for whoever writes programs. */
  readonly takes: readonly Kind[];
  /** What it gives: one number, or two in one of 64 bits. */
  readonly gives: readonly Kind[];
  /** Defines `(core func $NAME …)` in the component. */
  readonly define: string;
}

const MEMORY = '(memory (core memory $memory "memory"))';
const OPTIONS = `${MEMORY} (realloc (core func $memory "realloc"))`;

/** Where a program lies in memory, and values that programs like to name. */
const PROGRAM = 4096;
const SPECIAL = ['ffffffff', 'ffffff7f', '00000100', 'ffff0000', 'fcff0000', '00000080', '00000000', '00200000'];

/**
 * A component that does what a program tells it, byte by byte: it calls every built-in, and another component, with
 * arguments that may be anything. Both have a program. `suspends`: whether they may be suspended in the middle.
 */
export function hostileGuest(suspends: boolean): string {
  const { callee, caller } = operations(suspends);
  return `
  ${TYPES}
  (component $Callee
    ${TYPES} ${memoryOf()}
    (core module $Destroyer (import "" "count" (global $count (mut i32)))
      (func (export "destroy") (param i32) (global.set $count (i32.add (global.get $count) (i32.const 1)))))
    (core instance $destroyer (instantiate $Destroyer (with "" (instance (export "count" (global $memory "count"))))))
    (type $R (resource (rep i32) (dtor (core func $destroyer "destroy"))))
    ${interpreter(callee)}
    (export $R' "r" (type $R))
    (func (export "load") (param "program" (list u8)) (canon lift (core func $m "load") ${OPTIONS}))
    (func (export "new-r") (param "rep" u32) (result (own $R')) (canon lift (core func $m "new-r")))
    (func (export "plain") (param "text" string) (param "r" (borrow $R')) (result string)
      (canon lift (core func $m "plain") ${OPTIONS} (post-return (core func $m "after"))))
    (func (export "sync") async (param "s" $bytes) (param "r" (borrow $R')) (result string)
      (canon lift (core func $m "plain-2") ${OPTIONS}))
    (func (export "callback") async (param "text" string) (param "s" $bytes) (param "r" (own $R')) (result string)
      (canon lift (core func $m "async-4") ${OPTIONS} async (callback (core func $m "on-event"))))
    ${suspends ? `(func (export "stackful") async (param "f" $text) (result string) (canon lift (core func $m "stackful") ${OPTIONS} async))` : ''})
  (import "host" (instance $host
    (export "sync" (func (param "text" (list string)) (result string)))
    (export "async" (func async (param "s" (stream u8)) (param "f" (future string)) (result (stream u8))))))
  (component $Caller
    ${TYPES}
    (import "r" (type $R (sub resource)))
    (import "new-r" (func $new-r (param "rep" u32) (result (own $R))))
    (import "plain" (func $plain (param "text" string) (param "r" (borrow $R)) (result string)))
    (import "sync" (func $sync async (param "s" $bytes) (param "r" (borrow $R)) (result string)))
    (import "callback" (func $callback async (param "text" string) (param "s" $bytes) (param "r" (own $R)) (result string)))
    ${suspends ? '(import "stackful" (func $stackful async (param "f" $text) (result string)))' : ''}
    (import "load" (func $load (param "program" (list u8))))
    (import "host-sync" (func $host-sync (param "text" (list string)) (result string)))
    (import "host-async" (func $host-async async (param "s" $bytes) (param "f" $text) (result $bytes)))
    ${memoryOf()}
    ${interpreter(caller)}
    (func (export "load") (param "program" (list u8)) (canon lift (core func $m "load") ${OPTIONS}))
    (func (export "run") async (param "s" $bytes) (result string)
      (canon lift (core func $m "async-1") ${OPTIONS} async (callback (core func $m "on-event")))))
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller
    (with "r" (type $callee "r")) (with "new-r" (func $callee "new-r")) (with "plain" (func $callee "plain"))
    (with "sync" (func $callee "sync")) (with "callback" (func $callee "callback"))
    ${suspends ? '(with "stackful" (func $callee "stackful"))' : ''}
    (with "load" (func $callee "load")) (with "host-sync" (func $host "sync")) (with "host-async" (func $host "async"))))
  (func (export "load-callee") (alias export $callee "load"))
  (func (export "load") (alias export $caller "load"))
  (func (export "run") (alias export $caller "run"))`;
}

/** What each of the two can do, in the order of the numbers that programs call it by. */
export function operations(suspends: boolean): { callee: Op[]; caller: Op[] } {
  const shared = builtIns(suspends);
  return {
    callee: [
      ...shared,
      op('resource.new', ['other'], ['resource'], '(canon resource.new $R)'),
      op('resource.rep', ['resource'], ['other'], '(canon resource.rep $R)'),
      op('resource.drop', ['resource'], [], '(canon resource.drop $R)'),
    ],
    caller: [...shared, op('drop-r', ['resource'], [], '(canon resource.drop $R)'), ...lowered(suspends)],
  };
}

/** What programs can do beside that. */
export const OWN: readonly Pick<Op, 'takes' | 'gives'>[] = [
  { takes: ['pointer'], gives: ['other'] },
  { takes: ['pointer', 'other'], gives: [] },
  { takes: ['call'], gives: ['subtask'] },
  { takes: ['other'], gives: [] },
  { takes: ['code', 'set'], gives: [] },
];

const TYPES = '(type $bytes (stream u8)) (type $text (future string))';

function op(name: string, takes: readonly Kind[], gives: readonly Kind[], definition: string): Op {
  return { name, takes, gives, define: `(core func $${name} ${definition})` };
}

function builtIns(suspends: boolean): Op[] {
  const copies = (kind: 'stream' | 'future', type: string) =>
    (['read', 'write'] as const).flatMap((direction) => {
      const end: Kind = direction === 'read' ? kind : `${kind} to write`;
      const takes: Kind[] = kind === 'stream' ? [end, 'pointer', 'length'] : [end, 'pointer'];
      const copy = `canon ${kind}.${direction} ${type}`;
      return [
        op(`${kind}.${direction}`, takes, ['other'], `(${copy} async ${OPTIONS})`),
        ...(suspends ? [op(`${kind}.${direction}-sync`, takes, ['other'], `(${copy} ${OPTIONS})`)] : []),
        op(`${kind}.cancel-${direction}`, [end], ['other'], `(canon ${kind}.cancel-${direction} ${type}${suspends ? '' : ' async'})`),
      ];
    });
  const ends = (kind: 'stream' | 'future', type: string) => [
    op(`${kind}.new`, [], [kind, `${kind} to write`], `(canon ${kind}.new ${type})`),
    op(`${kind}.drop-readable`, [kind], [], `(canon ${kind}.drop-readable ${type})`),
    op(`${kind}.drop-writable`, [`${kind} to write`], [], `(canon ${kind}.drop-writable ${type})`),
  ];
  const joins = (['stream', 'stream to write', 'future', 'subtask'] as const).map((kind) =>
    op(`join-${kind.replaceAll(' ', '-')}`, [kind, 'set'], [], '(canon waitable.join)'),
  );
  return [
    ...ends('stream', '$bytes'),
    ...copies('stream', '$bytes'),
    ...ends('future', '$text'),
    ...copies('future', '$text'),
    op('task.return', ['pointer', 'length'], [], `(canon task.return (result string) ${MEMORY})`),
    op('task.cancel', [], [], '(canon task.cancel)'),
    op('yield', [], ['other'], `(canon thread.yield${suspends ? ' cancellable' : ''})`),
    op('inc', [], [], '(canon backpressure.inc)'),
    op('dec', [], [], '(canon backpressure.dec)'),
    op('set.new', [], ['set'], '(canon waitable-set.new)'),
    op('set.drop', ['set'], [], '(canon waitable-set.drop)'),
    op('set.poll', ['set', 'pointer'], ['other'], `(canon waitable-set.poll ${MEMORY})`),
    ...(suspends ? [op('set.wait', ['set', 'pointer'], ['other'], `(canon waitable-set.wait cancellable ${MEMORY})`)] : []),
    ...joins,
    op('subtask.drop', ['subtask'], [], '(canon subtask.drop)'),
    op('subtask.cancel', ['subtask'], ['other'], `(canon subtask.cancel${suspends ? '' : ' async'})`),
    op('error.new', ['pointer', 'length'], ['error'], `(canon error-context.new ${OPTIONS})`),
    op('error.message', ['error', 'pointer'], [], `(canon error-context.debug-message ${OPTIONS})`),
    op('error.drop', ['error'], [], '(canon error-context.drop)'),
  ];
}

function lowered(suspends: boolean): Op[] {
  const lower = (name: string, takes: readonly Kind[], gives: readonly Kind[], async = false) =>
    op(`call-${name}${async ? '-async' : ''}`, takes, gives, `(canon lower (func $${name}) ${OPTIONS}${async ? ' async' : ''})`);
  const sync: Kind[] = ['stream', 'resource', 'pointer'];
  const callback: Kind[] = ['pointer', 'length', 'stream', 'resource', 'pointer'];
  return [
    lower('new-r', ['other'], ['resource']),
    lower('plain', ['pointer', 'length', 'resource', 'pointer'], []),
    lower('sync', sync, ['call'], true),
    lower('callback', callback, ['call'], true),
    lower('host-sync', ['pointer', 'length', 'pointer'], []),
    lower('host-async', ['stream', 'future', 'pointer'], ['call'], true),
    ...(suspends
      ? [
          lower('sync', sync, []),
          lower('callback', callback, []),
          lower('stackful', ['future', 'pointer'], ['call'], true),
          lower('host-async', ['stream', 'future'], ['stream']),
        ]
      : []),
  ];
}

function memoryOf(): string {
  const data = SPECIAL.map((hex) => hex.replace(/../g, '\\$&')).join('');
  return `
    (core module $Memory
      (memory (export "memory") 1)
      (data (i32.const 64) "${data}")
      (global $next (mut i32) (i32.const 16384))
      (global (export "count") (mut i32) (i32.const 0))
      (global $lie (export "lie") (mut i32) (i32.const -1))
      (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32) (local $at i32)
        (if (i32.ge_s (global.get $lie) (i32.const 0)) (then (return (global.get $lie))))
        (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
        (if (i32.gt_u (i32.add (local.get $at) (local.get $size)) (i32.const 65536)) (then unreachable))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (local.get $at)))
    (core instance $memory (instantiate $Memory))`;
}

/** Six bytes are an instruction: what to call, and five arguments, each a register, a small number or a special one. */
function interpreter(ops: readonly Op[]): string {
  const args = (count: number) => Array.from({ length: count }, (_, index) => `(call $arg (i32.const ${index + 1}))`).join(' ');
  const call = ({ name, takes, gives }: Op) => {
    const value = `(call $${name} ${args(takes.length)})`;
    if (gives.length === 0) return value;
    if (gives.length === 1) return `(call $keep ${value})`;
    return `(local.set $pair ${value}) (call $keep (i32.wrap_i64 (local.get $pair)))
            (call $keep (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))`;
  };
  const cases = [
    ...ops.map(call),
    '(call $keep (i32.load8_u (call $arg (i32.const 1))))',
    '(i32.store (call $arg (i32.const 1)) (call $arg (i32.const 2)))',
    '(call $keep (i32.shr_u (call $arg (i32.const 1)) (i32.const 4)))',
    '(global.set $lie (call $arg (i32.const 1)))',
    '(return)',
  ];
  const dispatch = cases.reduce(
    (inner, body, index) => `(block $case${index} ${inner}) ${index === 0 ? '' : ''}${body} (br $next)`,
    `(br_table ${cases.map((_, index) => `$case${index}`).join(' ')} $case0
      (i32.rem_u (i32.load8_u (global.get $at)) (i32.const ${cases.length})))`,
  );
  const imports = ops.map(({ name, takes, gives }) => {
    const result = gives.length === 0 ? '' : `(result ${gives.length === 1 ? 'i32' : 'i64'})`;
    return `(import "" "${name}" (func $${name} (param ${'i32 '.repeat(takes.length)}) ${result}))`;
  });
  return `
    ${ops.map(({ define }) => define).join('\n    ')}
    (core module $M
      (import "memory" "memory" (memory 1))
      (import "memory" "lie" (global $lie (mut i32)))
      ${imports.join('\n      ')}
      (global $pc (mut i32) (i32.const ${PROGRAM}))
      (global $end (mut i32) (i32.const ${PROGRAM}))
      (global $at (mut i32) (i32.const 0))
      (global $register (mut i32) (i32.const 0))
      (func $keep (param $value i32)
        (i32.store (i32.shl (global.get $register) (i32.const 2)) (local.get $value))
        (global.set $register (i32.and (i32.add (global.get $register) (i32.const 1)) (i32.const 15))))
      (func $arg (param $n i32) (result i32) (local $byte i32)
        (local.set $byte (i32.load8_u (i32.add (global.get $at) (local.get $n))))
        (if (i32.lt_u (local.get $byte) (i32.const 0x80))
          (then (return (i32.load (i32.shl (i32.and (local.get $byte) (i32.const 15)) (i32.const 2))))))
        (if (i32.ge_u (local.get $byte) (i32.const 0xf8))
          (then (return (i32.load (i32.add (i32.const 64) (i32.shl (i32.sub (local.get $byte) (i32.const 0xf8)) (i32.const 2)))))))
        (i32.and (local.get $byte) (i32.const 0x1f)))
      (func $run (local $pair i64)
        (loop $next
          (if (i32.ge_u (global.get $pc) (global.get $end)) (then (return)))
          (global.set $at (global.get $pc))
          (global.set $pc (i32.add (global.get $pc) (i32.const 6)))
          ${dispatch}))
      (func $packed (result i32)
        (call $run)
        (if (i32.ge_u (global.get $pc) (global.get $end)) (then (return (i32.const 0))))
        (i32.or (i32.and (call $arg (i32.const 1)) (i32.const 3)) (i32.shl (call $arg (i32.const 2)) (i32.const 4))))
      (func (export "load") (param $from i32) (param $length i32)
        (if (i32.gt_u (local.get $length) (i32.const 4096)) (then unreachable))
        (memory.copy (i32.const ${PROGRAM}) (local.get $from) (local.get $length))
        (global.set $pc (i32.const ${PROGRAM}))
        (global.set $end (i32.add (i32.const ${PROGRAM}) (local.get $length))))
      (func $on-event (export "on-event") (param i32 i32 i32) (result i32)
        (call $keep (local.get 0)) (call $keep (local.get 1)) (call $keep (local.get 2)) (call $packed))
      (func (export "async-1") (param i32) (result i32) (call $on-event (local.get 0) (i32.const 8) (i32.const 2)))
      (func (export "async-4") (param i32 i32 i32 i32) (result i32) (call $on-event (local.get 2) (local.get 3) (local.get 0)))
      (func (export "plain") (param i32 i32 i32) (result i32)
        (call $keep (local.get 0)) (call $keep (local.get 2)) (call $run) (call $arg (i32.const 1)))
      (func (export "plain-2") (param i32 i32) (result i32)
        (call $keep (local.get 0)) (call $keep (local.get 1)) (call $run) (call $arg (i32.const 1)))
      (func (export "stackful") (param i32) (call $keep (local.get 0)) (call $run))
      (func (export "after") (param i32) (call $run))
      (func (export "new-r") (param i32) (result i32) ${ops.some(({ name }) => name === 'resource.new') ? '(call $resource.new (local.get 0))' : 'unreachable'}))
    (core instance $m (instantiate $M
      (with "memory" (instance $memory))
      (with "" (instance ${ops.map(({ name }) => `(export "${name}" (func $${name}))`).join(' ')}))))`;
}
