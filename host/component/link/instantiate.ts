import { invalid } from '../binary/errors.ts';
import type { ComponentSyntax, Definition, SortIndex } from '../binary/syntax.ts';
import { bind, declare, define, required } from './bind.ts';
import { defineCanon } from './canon.ts';
import type { Context } from './context.ts';
import { defineCoreInstance } from './core-instance.ts';
import type { ComponentInstance, ComponentItem, Exports, InstanceItem, Item, Type } from './items.ts';
import { Names } from './names.ts';
import { Scope } from './scope.ts';

/**
 * Goes through a component with what it is given, and leaves behind the instances of core modules that it makes; its
 * exports. `args` is null for one that is given whatever it asks for.
 */
export function instantiate({ body }: ComponentItem, args: Exports | null, instance: ComponentInstance, offset: number): Exports {
  return body.scope.context.nested(offset, () => {
    if (body.kind === 'syntax') return goThrough(body.scope.inner(instance), body.syntax, args);
    return declare(body.scope.inner(null), body.declarations, {
      given: () => null,
      imported: (name, at) => (args === null ? null : required(args, name, at)),
      origin: { interface: '', name: '', live: false },
    });
  });
}

/** The component that a file holds, whose imports are the host's. */
export function instantiateRoot(context: Context, syntax: ComponentSyntax): { imports: Exports; exports: Exports } {
  const imports = new Map<string, Item>();
  const exports = goThrough(new Scope(context, null, context.root), syntax, null, imports);
  return { imports, exports };
}

function goThrough(scope: Scope<ComponentInstance>, syntax: ComponentSyntax, args: Exports | null, onImport?: Map<string, Item>): Exports {
  const { context, component } = scope;
  const imports = new Names(context.pool);
  const exports = new Names(context.pool);
  for (const definition of syntax.definitions) {
    const { offset } = definition;
    context.step(offset);
    switch (definition.kind) {
      case 'core module':
        scope.add({ sort: 'core module', type: definition.module, bytes: definition.module.bytes });
        break;
      case 'core instance':
        scope.add(defineCoreInstance(scope, definition));
        break;
      case 'component':
        scope.add(defineComponent(scope, definition.component));
        break;
      case 'instance':
        scope.add({ sort: 'instance', exports: defineInstance(scope, definition) });
        break;
      case 'canon':
        scope.add(defineCanon(scope, definition.canon, offset));
        break;
      case 'import': {
        const { name } = definition.name;
        const given = args === null ? null : required(args, name, offset);
        const item = bind(scope, definition.type, given, { interface: '', name, live: component.live }, offset);
        imports.add(definition.name, item);
        onImport?.set(name, item);
        scope.add(item);
        break;
      }
      case 'export': {
        const item = defineExport(scope, definition);
        exports.add(definition.name, item);
        scope.add(item);
        break;
      }
      case 'declared export':
        throw invalid('an export of a type stands in a component', offset);
      default:
        define(scope, definition);
    }
  }
  return exports.items;
}

function defineComponent(scope: Scope<ComponentInstance>, syntax: ComponentSyntax): ComponentItem {
  const item: ComponentItem = { sort: 'component', body: { kind: 'syntax', syntax, scope } };
  const { checked } = scope.context;
  if (!checked.has(syntax)) {
    checked.add(syntax);
    instantiate(item, null, { parent: scope.component, live: false }, syntax.offset);
  }
  return item;
}

function defineInstance(scope: Scope<ComponentInstance>, definition: Definition & { kind: 'instance' }): Exports {
  const { context, component: parent } = scope;
  const { offset } = definition;
  context.step(offset, (definition.component === null ? definition.exports : definition.args).length);
  if (definition.component === null) {
    const exports = new Names(context.pool);
    for (const [name, index] of definition.exports) exports.add(name, exportable(scope, index, offset));
    return exports.items;
  }
  const args = new Map<string, Item>();
  for (const [name, index] of definition.args) {
    if (args.has(name)) throw invalid(`the argument '${name}' is given twice`, offset);
    args.set(name, exportable(scope, index, offset));
  }
  const component = scope.get('component', definition.component, offset);
  return instantiate(component, args, { parent, live: parent.live }, offset);
}

function defineExport(scope: Scope, { name, item: index, type, offset }: Definition & { kind: 'export' }): Item {
  const item = exportable(scope, index, offset);
  const seen = type === null ? item : bind(scope, type, item, { interface: '', name: name.name, live: false }, offset);
  return scope.parent === null && seen.sort === 'instance' ? withOrigins(seen, name.name) : seen;
}

/** What a world exports first under a name is named by it. */
function withOrigins({ exports }: InstanceItem, name: string): InstanceItem {
  const named = [...exports].map(([key, item]): [string, Item] => [
    key,
    item.sort === 'type' && !item.origin ? { ...item, origin: { interface: name, name: key } } : item,
  ]);
  return { sort: 'instance', exports: new Map(named) };
}

function exportable(scope: Scope, { sort, index }: SortIndex, offset: number): Item {
  if (sort.startsWith('core ') && sort !== 'core module') throw invalid(`a ${sort} leaves its component`, offset);
  return scope.get(sort, index, offset);
}

/** Whether a component may stand for one of a type: it needs no more than that is given, and gives what that gives. */
export function checkComponent(given: ComponentItem, wanted: Type & { kind: 'component' | 'instance' }, offset: number): void {
  wanted.scope.context.nested(offset, () => {
    const origin = { interface: '', name: '', live: false };
    const imports = new Map<string, Item>();
    declare(wanted.scope.inner(null), wanted.declarations, {
      given: () => null,
      imported: () => null,
      onImport: (name, item) => imports.set(name, item),
      origin,
    });
    const exports = instantiate(given, imports, { parent: null, live: false }, offset);
    declare(wanted.scope.inner(null), wanted.declarations, {
      given: (name, at) => required(exports, name, at),
      imported: (name) => imports.get(name) ?? null,
      origin,
    });
  });
}
