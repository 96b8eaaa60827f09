import { invalid } from '../binary/errors.ts';
import type { Canon, CanonOptionsSyntax, CoreSignature } from '../binary/syntax.ts';
import type { Signature } from '../plan.ts';
import type { ComponentInstance, CoreFunctionItem, CoreFunctionSource, FunctionItem, Resource } from './items.ts';
import { MAX_FLAT, type FlatType } from './layout.ts';
import { defineOptions, expectSignature, memoryAt, NOTHING, type Needs } from './options.ts';
import type { TypePool } from './pool.ts';
import type { Scope } from './scope.ts';
import { resolveType, resourceAt } from './types.ts';

const MAX_FLAT_ASYNC_PARAMS = 4;
/** A function may be lifted from one that was lowered, and so on; calls go as deep. */
const MAX_LIFTS = 100;

type CanonOf<K extends Canon['kind']> = Extract<Canon, { kind: K }>;

/** A canonical definition: the function that it makes. */
export function defineCanon(scope: Scope<ComponentInstance>, canon: Canon, offset: number): FunctionItem | CoreFunctionItem {
  const { component } = scope;
  const { pool } = scope.context;
  switch (canon.kind) {
    case 'lift':
      return lift(scope, canon, offset);
    case 'lower':
      return lower(scope, canon, offset);
    case 'resource.new':
    case 'resource.rep': {
      const resource = resourceAt(scope, canon.type, offset);
      if (!isLocal(resource, component)) throw invalid(`canon ${canon.kind} is of a resource that this component does not define`, offset);
      return core('i32 -> i32', { kind: canon.kind, resource, component });
    }
    case 'resource.drop':
      return core('i32 -> ', { kind: canon.kind, resource: resourceAt(scope, canon.type, offset), component });
    case 'task.return': {
      const result = canon.result === null ? null : resolveType(scope, canon.result, offset);
      if (result !== null && pool.info(result).borrows) throw invalid('canon task.return is of a type that holds a borrow', offset);
      const flat = result === null ? [] : pool.info(result).flat;
      const memory = flat === null || (result !== null && pool.info(result).pointers);
      const options = defineOptions(scope, canon.options, { memory, realloc: false, allowed: NOTHING }, offset);
      return core(`${(flat ?? ['i32']).join(' ')} -> `, { kind: canon.kind, result, component, options });
    }
    case 'context.get':
      return core(' -> i32', { ...canon, component });
    case 'context.set':
      return core('i32 -> ', { ...canon, component });
    case 'subtask.cancel':
      return core('i32 -> i32', { ...canon, component });
    case 'thread.yield':
      return core(' -> i32', { ...canon, component });
    case 'waitable-set.wait':
    case 'waitable-set.poll':
      return core('i32 i32 -> i32', { ...canon, memory: memoryAt(scope, canon.memory, offset), component });
    case 'stream.new':
    case 'future.new':
      return core(' -> i64', { kind: canon.kind, element: elementAt(scope, canon, offset), component });
    case 'stream.drop-readable':
    case 'stream.drop-writable':
    case 'future.drop-readable':
    case 'future.drop-writable':
      return core('i32 -> ', { kind: canon.kind, element: elementAt(scope, canon, offset), component });
    case 'stream.cancel-read':
    case 'stream.cancel-write':
    case 'future.cancel-read':
    case 'future.cancel-write':
      return core('i32 -> i32', { kind: canon.kind, async: canon.async, element: elementAt(scope, canon, offset), component });
    case 'stream.read':
    case 'stream.write':
    case 'future.read':
    case 'future.write':
      return copy(scope, canon, offset);
    case 'error-context.new': {
      const options = defineOptions(scope, canon.options, { memory: true, realloc: false, allowed: new Set(['realloc']) }, offset);
      return core('i32 i32 -> i32', { kind: canon.kind, component, options });
    }
    case 'error-context.debug-message': {
      const options = defineOptions(scope, canon.options, { memory: true, realloc: true, allowed: new Set(['realloc']) }, offset);
      return core('i32 i32 -> ', { kind: canon.kind, component, options });
    }
    default:
      return core(PLAIN[canon.kind], { kind: canon.kind, component });
  }
}

const PLAIN = {
  'task.cancel': ' -> ',
  'subtask.drop': 'i32 -> ',
  'backpressure.set': 'i32 -> ',
  'backpressure.inc': ' -> ',
  'backpressure.dec': ' -> ',
  'waitable-set.new': ' -> i32',
  'waitable-set.drop': 'i32 -> ',
  'waitable.join': 'i32 i32 -> ',
  'error-context.drop': 'i32 -> ',
} as const;

function core(type: CoreSignature, source: CoreFunctionSource, depth = 0): CoreFunctionItem {
  return { sort: 'core func', type, depth, source };
}

function isLocal(resource: Resource, component: ComponentInstance): boolean {
  return resource.source.kind === 'defined' && resource.source.component === component;
}

function elementAt(scope: Scope, { kind, type: index }: { kind: string; type: number }, offset: number): number | null {
  const wanted = kind.startsWith('stream') ? 'stream' : 'future';
  const { type } = scope.get('type', index, offset);
  const value = type.kind === 'value' ? scope.context.pool.info(type.index).type : undefined;
  if (value?.kind !== wanted) throw invalid(`canon ${kind} is of a type that is not a ${wanted}`, offset);
  return (value as { element: number | null }).element;
}

function copy(
  scope: Scope<ComponentInstance>,
  canon: CanonOf<`${'stream' | 'future'}.${'read' | 'write'}`>,
  offset: number,
): CoreFunctionItem {
  const { component } = scope;
  const { pool } = scope.context;
  const element = elementAt(scope, canon, offset);
  const realloc = element !== null && canon.kind.endsWith('read') && pool.info(element).pointers;
  const needs: Needs = { memory: element !== null, realloc, allowed: new Set(['realloc', 'async']) };
  const options = defineOptions(scope, canon.options, needs, offset);
  const type = canon.kind.startsWith('stream') ? 'i32 i32 i32 -> i32' : 'i32 i32 -> i32';
  return core(type, { kind: canon.kind, element, component, options }, deeper([options.realloc], offset));
}

function lift(scope: Scope<ComponentInstance>, canon: CanonOf<'lift'>, offset: number): FunctionItem {
  const { component } = scope;
  const { pool } = scope.context;
  const callee = scope.get('core func', canon.core, offset);
  const { type } = scope.get('type', canon.type, offset);
  if (type.kind !== 'func') throw invalid(`canon lift is of a ${type.kind} type, not of a function type`, offset);
  const signature = pool.signature(type.signature);
  const { async } = checkAsync(canon.options, signature, 'canon lift', offset);
  const params = flatParams(pool, signature);
  const results = flatResult(pool, signature);
  const spilled = results === null || results.length > (async ? MAX_FLAT : 1);
  const options = defineOptions(
    scope,
    canon.options,
    {
      memory: params === null || spilled || holdsPointers(pool, signature),
      realloc: params === null || signature.params.some(([, param]) => pool.info(param).pointers),
      allowed: new Set(['realloc', 'post-return', 'async', 'callback']),
    },
    offset,
  );
  const coreResults = async ? (options.callback ? 'i32' : '') : spilled ? 'i32' : results.join(' ');
  expectSignature(callee, `${(params ?? ['i32']).join(' ')} -> ${coreResults}`, 'the function of canon lift', offset);
  expectSignature(options.postReturn, `${coreResults} -> `, 'the option post-return', offset);
  return {
    sort: 'func',
    signature: type.signature,
    depth: deeper([callee, options.realloc, options.postReturn, options.callback], offset),
    source: { kind: 'lift', core: callee, component, options },
  };
}

function lower(scope: Scope<ComponentInstance>, canon: CanonOf<'lower'>, offset: number): CoreFunctionItem {
  const { component } = scope;
  const { pool } = scope.context;
  const callee = scope.get('func', canon.function, offset);
  const signature = pool.signature(callee.signature);
  const { async } = checkAsync(canon.options, signature, 'canon lower', offset);
  let params = flatParams(pool, signature);
  if (async && params !== null && params.length > MAX_FLAT_ASYNC_PARAMS) params = null;
  const results = flatResult(pool, signature);
  const spilled = results === null || results.length > (async ? 0 : 1);
  const options = defineOptions(
    scope,
    canon.options,
    {
      memory: params === null || spilled || holdsPointers(pool, signature),
      realloc: signature.result !== null && pool.info(signature.result).pointers,
      allowed: new Set(['realloc', 'async']),
    },
    offset,
  );
  const coreParams = [...(params ?? ['i32']), ...(spilled ? ['i32'] : [])].join(' ');
  const coreResults = async ? 'i32' : spilled ? '' : results.join(' ');
  return core(
    `${coreParams} -> ${coreResults}`,
    { kind: 'lower', function: callee, component, options },
    deeper([callee, options.realloc], offset),
  );
}

function checkAsync(options: CanonOptionsSyntax, signature: Signature, what: string, offset: number): { async: boolean } {
  if (options.async && !signature.async) throw invalid(`${what} has the option async, but its function type is not async`, offset);
  return options;
}

function holdsPointers(pool: TypePool, { params, result }: Signature): boolean {
  return params.some(([, param]) => pool.info(param).pointers) || (result !== null && pool.info(result).pointers);
}

function flatParams(pool: TypePool, { params }: Signature): readonly FlatType[] | null {
  const flat: FlatType[] = [];
  for (const [, param] of params) {
    const part = pool.info(param).flat;
    if (part === null || flat.length + part.length > MAX_FLAT) return null;
    flat.push(...part);
  }
  return flat;
}

function flatResult(pool: TypePool, { result }: Signature): readonly FlatType[] | null {
  return result === null ? [] : pool.info(result).flat;
}

function deeper(items: readonly (CoreFunctionItem | FunctionItem | null)[], offset: number): number {
  const depth = 1 + Math.max(...items.map((item) => item?.depth ?? 0));
  if (depth > MAX_LIFTS) throw invalid(`more than ${MAX_LIFTS} functions are lifted from each other`, offset);
  return depth;
}
