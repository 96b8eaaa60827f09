import { invalid } from '../binary/errors.ts';
import type { Declaration } from '../binary/syntax.ts';
import { coreExport } from './core-instance.ts';
import type { Item } from './items.ts';
import type { TypePool } from './pool.ts';
import type { Scope } from './scope.ts';

export function defineAlias(scope: Scope, { sort, target, offset }: Declaration & { kind: 'alias' }): Item {
  const inType = scope.component === null;
  switch (target.kind) {
    case 'export': {
      if (inType && sort !== 'type' && sort !== 'instance') throw invalid(`a type aliases a ${sort}`, offset);
      const item = scope.get('instance', target.instance, offset).exports.get(target.name);
      if (item?.sort !== sort) throw invalid(`instance ${target.instance} has no ${sort} named '${target.name}'`, offset);
      return item;
    }
    case 'core export': {
      if (inType) throw invalid('a type aliases an export of a core instance', offset);
      const item = coreExport(scope.get('core instance', target.instance, offset), target.name);
      if (item?.sort !== sort) throw invalid(`core instance ${target.instance} has no ${sort} named '${target.name}'`, offset);
      return item;
    }
    case 'outer': {
      if (inType && sort !== 'type' && sort !== 'core type') throw invalid(`a type aliases a ${sort}`, offset);
      let from: Scope = scope;
      let crossed = false;
      for (let i = 0; i < target.count; i++) {
        crossed ||= from.component !== null;
        if (from.parent === null) throw invalid(`an outer alias counts ${target.count} scopes, and there are ${i}`, offset);
        from = from.parent;
      }
      const item = from.get(sort, target.index, offset);
      if (crossed && item.sort === 'type' && refersToResource(item.type, scope.context.pool)) {
        throw invalid('an outer alias takes a type of a resource into another component', offset);
      }
      return item;
    }
  }
}

function refersToResource(type: Extract<Item, { sort: 'type' }>['type'], pool: TypePool): boolean {
  switch (type.kind) {
    case 'resource':
      return true;
    case 'value':
      return pool.info(type.index).resources;
    case 'func': {
      const { params, result } = pool.signature(type.signature);
      return [...params.map(([, param]) => param), ...(result === null ? [] : [result])].some((part) => pool.info(part).resources);
    }
    case 'component':
    case 'instance':
      return takesResource(type.declarations, type.scope, 0, pool);
  }
}

/** Whether a type of a component or an instance refers to a resource outside of it; `depth`: how far within it the declarations are. */
function takesResource(declarations: readonly Declaration[], around: Scope, depth: number, pool: TypePool): boolean {
  return declarations.some((declaration) => {
    if (declaration.kind === 'type') {
      const { type } = declaration;
      return (type.kind === 'component' || type.kind === 'instance') && takesResource(type.declarations, around, depth + 1, pool);
    }
    if (declaration.kind !== 'alias' || declaration.sort !== 'type' || declaration.target.kind !== 'outer') return false;
    const { count, index } = declaration.target;
    if (count <= depth) return false;
    let from: Scope | null = around;
    for (let i = depth + 1; i < count; i += 1) from = from?.parent ?? null;
    return from !== null && refersToResource(from.get('type', index, declaration.offset).type, pool);
  });
}
