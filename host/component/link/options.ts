import { invalid, unsupported } from '../binary/errors.ts';
import type { CanonOptionsSyntax, CoreSignature } from '../binary/syntax.ts';
import type { CoreMemoryItem, CoreFunctionItem, Options } from './items.ts';
import type { Scope } from './scope.ts';

/** What a canonical definition asks of its options, beyond what holds for all: design/mvp/CanonicalABI.md, "canonopt Validation". */
export interface Needs {
  readonly memory: boolean;
  readonly realloc: boolean;
  /** Which may stand there at all. */
  readonly allowed: ReadonlySet<'realloc' | 'post-return' | 'async' | 'callback'>;
}

export const NOTHING: ReadonlySet<never> = new Set();

export function defineOptions(scope: Scope, syntax: CanonOptionsSyntax, needs: Needs, offset: number): Options {
  const functionOf = (index: number | null) => (index === null ? null : scope.get('core func', index, offset));
  const options: Options = {
    encoding: syntax.encoding ?? 'utf8',
    memory: syntax.memory === null ? null : memoryAt(scope, syntax.memory, offset),
    realloc: functionOf(syntax.realloc),
    postReturn: functionOf(syntax.postReturn),
    async: syntax.async,
    callback: functionOf(syntax.callback),
  };
  const given = { realloc: options.realloc, 'post-return': options.postReturn, async: options.async || null, callback: options.callback };
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && !needs.allowed.has(name as keyof typeof given)) throw invalid(`the option ${name} may not stand here`, offset);
  }
  if (needs.memory && options.memory === null) throw invalid('the option memory is missing', offset);
  if (needs.realloc && options.realloc === null) throw invalid('the option realloc is missing', offset);
  if (options.realloc !== null && options.memory === null) throw invalid('the option realloc stands without memory', offset);
  if (options.async && options.postReturn !== null) throw invalid('the options async and post-return stand together', offset);
  if (options.callback !== null && !options.async) throw invalid('the option callback stands without async', offset);
  expectSignature(options.realloc, 'i32 i32 i32 i32 -> i32', 'the option realloc', offset);
  expectSignature(options.callback, 'i32 i32 i32 -> i32', 'the option callback', offset);
  return options;
}

export function memoryAt(scope: Scope, index: number, offset: number): CoreMemoryItem {
  const memory = scope.get('core memory', index, offset);
  const { address64, shared } = memory.type.limits;
  if (address64) throw unsupported('a memory of 64 bits', offset, 'Build for wasm32.');
  if (shared) throw unsupported('a shared memory', offset, 'Build without threads.');
  return memory;
}

/** `wanted` is null where it is not known, as is the type of a function that is made of types not compared here. */
export function expectSignature(item: CoreFunctionItem | null, wanted: CoreSignature, what: string, offset: number): void {
  if (item === null || item.type === null || wanted === null || item.type === wanted) return;
  throw invalid(`${what} has the core type (${item.type}), not (${wanted})`, offset);
}
