import { withSignature } from '../binary/core-module.ts';
import { invalid } from '../binary/errors.ts';
import type {
  CoreExternType,
  CoreExternTypeSyntax,
  CoreModuleDeclaration,
  CoreModuleType,
  CoreSignature,
  CoreTypeSyntax,
} from '../binary/syntax.ts';
import type { CoreTypeItem } from './items.ts';
import type { Scope } from './scope.ts';

export function defineCoreType(scope: Scope, type: CoreTypeSyntax, offset: number): CoreTypeItem['type'] {
  if (type.kind === 'func') return { kind: 'func', signature: type.type };
  return { kind: 'module', module: moduleType(scope, type.declarations, offset) };
}

function moduleType(scope: Scope, declarations: readonly CoreModuleDeclaration[], offset: number): CoreModuleType {
  const types: CoreSignature[] = [];
  const imports: CoreModuleType['imports'][number][] = [];
  const imported = new Set<string>();
  const exports = new Map<string, CoreExternType>();
  const resolve = (type: CoreExternTypeSyntax): CoreExternType => {
    if ('index' in type && type.index >= types.length) throw invalid(`there is no core type ${type.index} here`, type.offset);
    return withSignature(type, types);
  };
  for (const declaration of declarations) {
    switch (declaration.kind) {
      case 'type':
        types.push(declaration.type);
        break;
      case 'alias':
        types.push(outerType(scope, declaration));
        break;
      case 'import': {
        const { module, name } = declaration;
        const key = JSON.stringify([module, name]);
        if (imported.has(key)) throw invalid(`a core module type imports '${module}' '${name}' twice`, offset);
        imported.add(key);
        imports.push({ module, name, type: resolve(declaration.type) });
        break;
      }
      case 'export':
        if (exports.has(declaration.name)) throw invalid(`a core module type exports '${declaration.name}' twice`, declaration.offset);
        exports.set(declaration.name, resolve(declaration.type));
    }
  }
  return { imports, exports };
}

/** The module type counts as a scope itself, of which nothing is aliased. */
function outerType(scope: Scope, { count, index, offset }: CoreModuleDeclaration & { kind: 'alias' }): CoreSignature {
  if (count === 0) throw invalid('a core module type aliases a type of its own', offset);
  let from = scope;
  for (let i = 1; i < count; i++) {
    if (from.parent === null) throw invalid(`an outer alias counts ${count} scopes, and there are ${i}`, offset);
    from = from.parent;
  }
  const { type } = from.get('core type', index, offset);
  if (type.kind !== 'func') throw invalid('a core module type within a core module type', offset);
  return type.signature;
}
