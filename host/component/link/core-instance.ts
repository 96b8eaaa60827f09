import { invalid, unsupported } from '../binary/errors.ts';
import type { Definition } from '../binary/syntax.ts';
import { matchCore } from './core-match.ts';
import type { ComponentInstance, CoreInstanceItem, CoreItem, ModuleInstanceItem } from './items.ts';
import type { Scope } from './scope.ts';

const SORTS = { table: 'core table', global: 'core global', tag: 'core tag' } as const;

/** What a core instance exports under a name. */
export function coreExport(instance: CoreInstanceItem, name: string): CoreItem | undefined {
  if (instance.kind === 'inline') return instance.exports.get(name);
  const type = instance.module.type.exports.get(name);
  if (type === undefined) return undefined;
  if (type.kind === 'func') return { sort: 'core func', type: type.type, depth: 0, source: { kind: 'export', instance, name } };
  if (type.kind === 'memory') return { sort: 'core memory', type, instance, name };
  return { sort: SORTS[type.kind], type, instance, name };
}

export function defineCoreInstance(scope: Scope<ComponentInstance>, definition: Definition & { kind: 'core instance' }): CoreInstanceItem {
  const { context, component } = scope;
  const { offset } = definition;
  if (definition.module === null) {
    context.step(offset, definition.exports.length);
    const exports = new Map<string, CoreItem>();
    for (const [name, { sort, index }] of definition.exports) {
      const item = scope.get(sort, index, offset);
      if (!isCoreItem(item)) throw invalid(`a core instance exports a ${sort}`, offset);
      if (exports.has(name)) throw invalid(`a core instance exports '${name}' twice`, offset);
      exports.set(name, item);
    }
    return { sort: 'core instance', kind: 'inline', exports };
  }
  const module = scope.get('core module', definition.module, offset);
  context.step(offset, definition.args.length + module.type.imports.length);
  const args = new Map<string, CoreInstanceItem>();
  for (const [name, index] of definition.args) {
    if (args.has(name)) throw invalid(`the argument '${name}' is given twice`, offset);
    args.set(name, scope.get('core instance', index, offset));
  }
  const imports = module.type.imports.map(({ module: from, name, type }) => {
    // Import objects are plain objects, where this is no name.
    if (from === '__proto__' || name === '__proto__') throw unsupported("a core import named '__proto__'", offset);
    const arg = args.get(from);
    if (arg === undefined) throw invalid(`a core module imports from '${from}', which it is not given`, offset);
    const item = coreExport(arg, name);
    if (item === undefined) throw invalid(`a core module imports '${from}' '${name}', which it is not given`, offset);
    matchCore(item.sort === 'core func' ? { kind: 'func', type: item.type } : item.type, type, `'${from}' '${name}'`, offset);
    return { module: from, name, item };
  });
  const instance: ModuleInstanceItem = { sort: 'core instance', kind: 'module', module, imports, component };
  if (component.live) context.made(instance, offset);
  return instance;
}

function isCoreItem(item: { readonly sort: string }): item is CoreItem {
  return ['core func', 'core table', 'core memory', 'core global', 'core tag'].includes(item.sort);
}
