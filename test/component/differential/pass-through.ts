import type { StringEncoding } from '../../../host/component/plan.ts';
import { elemSize, flattenType, type Flat } from '../abi/model-layout.ts';
import type { Type } from '../abi/types.ts';

export const HOST = 'test:differential/host';

/**
 * A component that hands values through: for each type it imports `pass-N` from the host, of that type and to that type.
 * Its `call-N` gives the argument to it and returns what comes; its `raw-N` returns the bytes that it is given as if they
 * were a value of the type in memory.
 */
export function passThrough(types: readonly Type[], encoding: StringEncoding): string {
  const names = new Map<Type, string>();
  const declared = types.map((type) => declarations(type, names)).join('\n      ');
  const text = types.map((type) => textOf(type, names));
  const each = (write: (index: number, type: string) => string) => text.map((type, index) => write(index, type)).join('\n    ');
  const options = `(memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=${encoding}`;
  return `(component
    (import "${HOST}" (instance $host
      ${declared}
      ${each((index, type) => `(export "pass-${index}" (func (param "value" ${type}) (result ${type})))`)}))
    ${[...names.values()].map((name) => `(alias export $host "${name}" (type $${name}))`).join('\n    ')}
    (core module $Memory
      (memory (export "memory") 1)
      (global $next (mut i32) (i32.const 16384))
      (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32) (local $at i32)
        (local.set $at (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16))) (then
          (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16)))))))
        (local.get $at)))
    (core instance $memory (instantiate $Memory))
    ${each((index) => `(core func $pass-${index} (canon lower (func $host "pass-${index}") ${options}))`)}
    (core module $M
      (import "memory" "memory" (memory 1))
      ${types.map((type, index) => `(import "host" "pass-${index}" (func $pass-${index} ${loweredType(type)}))`).join('\n      ')}
      ${types.map(functionsOf).join('\n      ')})
    (core instance $m (instantiate $M
      (with "memory" (instance $memory))
      (with "host" (instance ${each((index) => `(export "pass-${index}" (func $pass-${index}))`)}))))
    ${each(
      (index, type) => `(func (export "call-${index}") (param "value" ${type}) (result ${type})
        (canon lift (core func $m "call-${index}") ${options}))
    (func (export "raw-${index}") (param "bytes" (list u8)) (result ${type})
        (canon lift (core func $m "raw-${index}") ${options}))`,
    )})`;
}

/** Where results lie that are more than one number; larger than any value here. */
const RESULT = 1024;

function functionsOf(type: Type, index: number): string {
  const params = paramsOf(type);
  const [only] = resultOf(type);
  const given = params.map((_, at) => `(local.get ${at})`).join(' ');
  const call =
    only === undefined ? `(call $pass-${index} ${given} (i32.const ${RESULT})) (i32.const ${RESULT})` : `(call $pass-${index} ${given})`;
  const raw = only === undefined ? '(local.get 0)' : `(${loadOf(type, only)} (local.get 0))`;
  return `(func (export "call-${index}") (param ${params.join(' ')}) (result ${only ?? 'i32'}) ${call})
      (func (export "raw-${index}") (param i32 i32) (result ${only ?? 'i32'}) ${raw})`;
}

function loadOf(type: Type, flat: Flat): string {
  const size = elemSize(type);
  return flat === 'i32' && size < 4 ? `i32.load${8 * size}_u` : `${flat}.load`;
}

function paramsOf(type: Type): Flat[] {
  const flat = flattenType(type);
  return flat.length > 16 ? ['i32'] : flat;
}

/** Empty where the result lies in memory. */
function resultOf(type: Type): Flat[] {
  const flat = flattenType(type);
  return flat.length > 1 ? [] : flat;
}

function loweredType(type: Type): string {
  const [only] = resultOf(type);
  return only === undefined ? `(param ${paramsOf(type).join(' ')} i32)` : `(param ${paramsOf(type).join(' ')}) (result ${only})`;
}

/** Records and their like have names, which are given in the order in which one is made of others. */
function declarations(type: Type, names: Map<Type, string>): string {
  const inner = partsOf(type).map((part) => declarations(part, names));
  const definition = definitionOf(type, names);
  if (definition === null) return inner.join(' ');
  const name = `t${names.size}`;
  names.set(type, name);
  return `${inner.join(' ')} (type $${name}-is ${definition}) (export "${name}" (type $${name} (eq $${name}-is)))`;
}

function definitionOf(type: Type, names: ReadonlyMap<Type, string>): string | null {
  switch (type.kind) {
    case 'record':
      return `(record ${type.fields.map(([name, field]) => `(field "${name}" ${textOf(field, names)})`).join(' ')})`;
    case 'variant':
      return `(variant ${type.cases.map(([name, value]) => `(case "${name}" ${value === null ? '' : textOf(value, names)})`).join(' ')})`;
    case 'enum':
    case 'flags':
      return `(${type.kind} ${type.labels.map((label) => `"${label}"`).join(' ')})`;
    default:
      return null;
  }
}

function textOf(type: Type, names: ReadonlyMap<Type, string>): string {
  const text = (of: Type) => textOf(of, names);
  switch (type.kind) {
    case 'list':
      return `(list ${text(type.element)})`;
    case 'tuple':
      return `(tuple ${type.items.map(text).join(' ')})`;
    case 'option':
      return `(option ${text(type.some)})`;
    case 'result':
      return `(result ${type.ok === null ? '' : text(type.ok)} ${type.error === null ? '' : `(error ${text(type.error)})`})`;
    default:
      return names.has(type) ? `$${names.get(type)}` : type.kind;
  }
}

function partsOf(type: Type): Type[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map(([, field]) => field);
    case 'variant':
      return type.cases.flatMap(([, value]) => (value === null ? [] : [value]));
    case 'list':
      return [type.element];
    case 'tuple':
      return [...type.items];
    case 'option':
      return [type.some];
    case 'result':
      return [type.ok, type.error].filter((part) => part !== null);
    default:
      return [];
  }
}
