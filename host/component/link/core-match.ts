import { invalid } from '../binary/errors.ts';
import type { CoreExternType, CoreModuleType, Limits } from '../binary/syntax.ts';

/** Whether a core module may stand for one of a type: it imports no more than that does, and exports no less. */
export function matchModule(given: CoreModuleType, wanted: CoreModuleType, offset: number): void {
  const supplied = new Map(wanted.imports.map(({ module, name, type }) => [JSON.stringify([module, name]), type]));
  for (const { module, name, type } of given.imports) {
    const has = supplied.get(JSON.stringify([module, name]));
    if (has === undefined) throw invalid(`a core module imports '${module}' '${name}', which its type does not`, offset);
    matchCore(has, type, `'${module}' '${name}'`, offset);
  }
  for (const [name, type] of wanted.exports) {
    const has = given.exports.get(name);
    if (has === undefined) throw invalid(`a core module does not export '${name}'`, offset);
    matchCore(has, type, `'${name}'`, offset);
  }
}

/** Import matching of the core specification; what is null is left to the engine. */
export function matchCore(given: CoreExternType, wanted: CoreExternType, what: string, offset: number): void {
  if (given.kind !== wanted.kind) throw invalid(`${what} is a ${given.kind}, not a ${wanted.kind}`, offset);
  if (!matches(given, wanted)) throw invalid(`${what} has another type than the ${wanted.kind} that is wanted`, offset);
}

function matches(given: CoreExternType, wanted: CoreExternType): boolean {
  switch (given.kind) {
    case 'func':
    case 'tag':
      return wanted.kind === given.kind && same(given.type, wanted.type);
    case 'table':
      return (
        wanted.kind === 'table' && (given.element === null || (same(given.element, wanted.element) && within(given.limits, wanted.limits)))
      );
    case 'memory':
      return wanted.kind === 'memory' && within(given.limits, wanted.limits);
    case 'global':
      if (wanted.kind !== 'global' || given.type === null || wanted.type === null) return true;
      if (given.mutable !== wanted.mutable) return false;
      // An immutable reference may be of a subtype.
      return given.type === wanted.type || (!given.mutable && given.type.startsWith('(ref') && wanted.type.startsWith('(ref'));
  }
}

function same(given: string | null, wanted: string | null): boolean {
  return given === null || wanted === null || given === wanted;
}

function within(given: Limits, wanted: Limits): boolean {
  if (given.shared !== wanted.shared || given.address64 !== wanted.address64 || given.min < wanted.min) return false;
  return wanted.max === null || (given.max !== null && given.max <= wanted.max);
}
