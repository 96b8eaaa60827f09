import { invalid } from '../binary/errors.ts';
import type { FunctionTypeSyntax, TypeSyntax, ValueTypeRef, ValueTypeSyntax } from '../binary/syntax.ts';
import type { PrimitiveKind } from '../plan.ts';
import type { Resource, Type } from './items.ts';
import type { Scope } from './scope.ts';

const MAP_KEYS = new Set<string>([
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'char',
  'string',
] satisfies PrimitiveKind[]);

/** What a type definition stands for in its scope. */
export function defineType(scope: Scope, type: TypeSyntax, offset: number): Type {
  switch (type.kind) {
    case 'func':
      return { kind: 'func', signature: functionType(scope, type, offset) };
    case 'component':
    case 'instance':
      return { kind: type.kind, declarations: type.declarations, scope };
    case 'resource': {
      if (scope.component === null) throw invalid('a resource is defined within a type', offset);
      const destructor = type.destructor === null ? null : scope.get('core func', type.destructor, offset);
      if (destructor && destructor.type !== null && destructor.type !== 'i32 -> ') {
        throw invalid('a destructor does not take one i32 and give nothing', offset);
      }
      return { kind: 'resource', resource: scope.context.resource({ kind: 'defined', component: scope.component, destructor }) };
    }
    default:
      return { kind: 'value', index: valueType(scope, type, offset) };
  }
}

function functionType(scope: Scope, type: FunctionTypeSyntax, offset: number): number {
  const of = (ref: ValueTypeRef) => {
    scope.context.step(offset);
    return resolveType(scope, ref, offset);
  };
  const result = type.result === null ? null : of(type.result);
  if (result !== null && scope.context.pool.info(result).borrows) throw invalid('the result of a function holds a borrow', offset);
  const params = type.params.map(([name, ref]): [string, number] => [name, of(ref)]);
  return scope.context.pool.internSignature({ async: type.async, params, result });
}

/** The index in the pool of a value type that is written as a primitive or an index. */
export function resolveType(scope: Scope, ref: ValueTypeRef, offset: number): number {
  if (typeof ref === 'string') return scope.context.pool.primitive(ref);
  const { type } = scope.get('type', ref, offset);
  if (type.kind !== 'value') throw invalid(`type ${ref} is a ${type.kind}, not a value type`, offset);
  return type.index;
}

function valueType(scope: Scope, type: ValueTypeSyntax, offset: number): number {
  const of = (ref: ValueTypeRef) => {
    scope.context.step(offset);
    return resolveType(scope, ref, offset);
  };
  const maybe = (ref: ValueTypeRef | null) => (ref === null ? null : of(ref));
  const { pool } = scope.context;
  const intern = pool.intern.bind(pool);
  switch (type.kind) {
    case 'primitive':
      return scope.context.pool.primitive(type.primitive);
    case 'record':
      return intern({ kind: 'record', fields: type.fields.map(([name, ref]) => [name, of(ref)]) }, offset);
    case 'variant':
      return intern({ kind: 'variant', cases: type.cases.map(([name, ref]) => [name, maybe(ref)]) }, offset);
    case 'list':
      return intern({ kind: 'list', element: of(type.element), ...(type.length !== undefined && { length: type.length }) }, offset);
    case 'map': {
      const key = of(type.key);
      if (!MAP_KEYS.has(scope.context.pool.info(key).type.kind)) throw invalid('the key of a map is of a type that cannot be one', offset);
      return intern({ kind: 'map', key, value: of(type.value) }, offset);
    }
    case 'tuple':
      return intern({ kind: 'tuple', items: type.items.map(of) }, offset);
    case 'flags':
    case 'enum':
      scope.context.step(offset, type.labels.length);
      return intern({ kind: type.kind, labels: type.labels }, offset);
    case 'option':
      return intern({ kind: 'option', some: of(type.some) }, offset);
    case 'result':
      return intern({ kind: 'result', ok: maybe(type.ok), error: maybe(type.error) }, offset);
    case 'own':
    case 'borrow':
      return intern({ kind: type.kind, resource: resourceAt(scope, type.resource, offset).id }, offset);
    case 'stream':
    case 'future': {
      const element = maybe(type.element);
      if (element !== null) {
        const info = scope.context.pool.info(element);
        if (info.borrows) throw invalid(`the element of a ${type.kind} holds a borrow`, offset);
        if (type.kind === 'stream' && info.type.kind === 'char') throw invalid('stream<char> is not valid at this time', offset);
      }
      return intern({ kind: type.kind, element }, offset);
    }
  }
}

export function resourceAt(scope: Scope, index: number, offset: number): Resource {
  const { type } = scope.get('type', index, offset);
  if (type.kind !== 'resource') throw invalid(`type ${index} is not a resource`, offset);
  return type.resource;
}
