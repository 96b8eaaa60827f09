import { invalid, unsupported } from '../binary/errors.ts';
import type { Declaration, ExternType } from '../binary/syntax.ts';
import { matchModule } from './core-match.ts';
import { defineCoreType } from './core-types.ts';
import { defineAlias } from './alias.ts';
import { checkComponent } from './instantiate.ts';
import type { ComponentItem, Exports, InstanceItem, Item, Type, TypeItem } from './items.ts';
import { Names } from './names.ts';
import type { Scope } from './scope.ts';
import { defineType } from './types.ts';

/** Where something declared comes from, so that a host can be asked for it. */
export interface Origin {
  /** '' for what a world imports itself. */
  readonly interface: string;
  readonly name: string;
  /** In a component that may really run: what only a host could make up is refused. */
  readonly live: boolean;
}

/**
 * The item that an import or an export of a type stands for: what is given, seen through the type; or where nothing is
 * given, something made up that has the type.
 */
export function bind(scope: Scope, type: ExternType, given: Item | null, origin: Origin, offset: number): Item {
  scope.context.step(offset);
  if (given && given.sort !== type.sort) throw invalid(`'${origin.name}' is a ${given.sort}, not a ${type.sort}`, offset);
  switch (type.sort) {
    case 'type':
      return bindType(scope, type.type, given as TypeItem | null, origin, offset);
    case 'func': {
      const declared = scope.get('type', type.type, offset).type;
      if (declared.kind !== 'func') throw invalid(`type ${type.type} is not a function type`, offset);
      if (given?.sort === 'func') {
        if (given.signature !== declared.signature) throw invalid(`the function '${origin.name}' has another type than is wanted`, offset);
        return given;
      }
      const { interface: from, name } = origin;
      return { sort: 'func', signature: declared.signature, depth: 0, source: { kind: 'import', interface: from, name } };
    }
    case 'instance': {
      const declared = scope.get('type', type.type, offset).type;
      if (declared.kind !== 'instance') throw invalid(`type ${type.type} is not an instance type`, offset);
      const within = origin.interface === '' ? origin.name : `${origin.interface}/${origin.name}`;
      return bindInstance(declared, given?.sort === 'instance' ? given.exports : null, { ...origin, interface: within }, offset);
    }
    case 'component': {
      const declared = scope.get('type', type.type, offset).type;
      if (declared.kind !== 'component') throw invalid(`type ${type.type} is not a component type`, offset);
      if (given?.sort === 'component') {
        checkComponent(given, declared, offset);
        return given;
      }
      if (origin.live) throw unsupported('a component import', offset, 'Compose it with what it needs, for example with `wac plug`.');
      return {
        sort: 'component',
        body: { kind: 'type', declarations: declared.declarations, scope: declared.scope },
      } satisfies ComponentItem;
    }
    case 'core module': {
      const declared = scope.get('core type', type.type, offset).type;
      if (declared.kind !== 'module') throw invalid(`core type ${type.type} is not a module type`, offset);
      if (given?.sort === 'core module') {
        matchModule(given.type, declared.module, offset);
        return given;
      }
      if (origin.live) throw unsupported('a core module import', offset, 'Link the module into the component.');
      return { sort: 'core module', type: declared.module, bytes: null };
    }
  }
}

function bindType(scope: Scope, equal: number | null, given: TypeItem | null, from: Origin, offset: number): TypeItem {
  const { interface: within, name } = from;
  const named = within === '' ? undefined : { interface: within, name };
  if (equal === null) {
    if (given && given.type.kind !== 'resource') throw invalid(`'${name}' is not a resource`, offset);
    if (given) return { sort: 'type', type: given.type, origin: given.origin ?? named };
    const resource = scope.context.resource({ kind: 'imported', interface: within, name });
    return { sort: 'type', type: { kind: 'resource', resource }, origin: named };
  }
  const declared = scope.get('type', equal, offset);
  if (given && !sameType(given.type, declared.type)) throw invalid(`the type '${name}' is another than is wanted`, offset);
  return { sort: 'type', type: declared.type, origin: given?.origin ?? declared.origin ?? named };
}

function sameType(a: Type, b: Type): boolean {
  if (a.kind === 'value') return b.kind === 'value' && a.index === b.index;
  if (a.kind === 'func') return b.kind === 'func' && a.signature === b.signature;
  if (a.kind === 'resource') return b.kind === 'resource' && a.resource === b.resource;
  // No toolchain passes the type of a component or an instance as an argument: the sort is compared, not what it declares.
  return a.kind === b.kind;
}

type InstanceType = Extract<Type, { kind: 'component' | 'instance' }>;

/** An instance of an instance type: of what is given, or made up. */
function bindInstance(type: InstanceType, given: Exports | null, origin: Origin, offset: number): InstanceItem {
  return type.scope.context.nested(offset, () => {
    const exports = declare(type.scope.inner(null), type.declarations, {
      given: (name, at) => (given === null ? null : required(given, name, at)),
      imported: () => null,
      origin,
    });
    return { sort: 'instance', exports };
  });
}

export function required(items: Exports, name: string, offset: number): Item {
  const item = items.get(name);
  if (item === undefined) throw invalid(`'${name}' is missing`, offset);
  return item;
}

export interface Declared {
  /** The item behind a declared export; null to make one up. */
  readonly given: (name: string, offset: number) => Item | null;
  readonly imported: (name: string, offset: number) => Item | null;
  /** Told of each import. */
  readonly onImport?: (name: string, item: Item) => void;
  readonly origin: Origin;
}

/** Goes through the declarations of a component or instance type; its exports. */
export function declare(scope: Scope, declarations: readonly Declaration[], declared: Declared): Exports {
  const imports = new Names(scope.context.pool);
  const exports = new Names(scope.context.pool);
  for (const declaration of declarations) {
    const { offset } = declaration;
    scope.context.step(offset);
    if (declaration.kind === 'import' || declaration.kind === 'declared export') {
      const isImport = declaration.kind === 'import';
      const { name } = declaration.name;
      const given = isImport ? declared.imported(name, offset) : declared.given(name, offset);
      const item = bind(scope, declaration.type, given, { ...declared.origin, name }, offset);
      (isImport ? imports : exports).add(declaration.name, item);
      if (isImport) declared.onImport?.(name, item);
      scope.add(item);
    } else define(scope, declaration);
  }
  return exports.items;
}

/** A definition that may stand in components and in types alike. */
export function define(scope: Scope, definition: Exclude<Declaration, { kind: 'import' | 'declared export' }>): void {
  const { offset } = definition;
  switch (definition.kind) {
    case 'core type':
      scope.add({ sort: 'core type', type: defineCoreType(scope, definition.type, offset) });
      return;
    case 'alias':
      scope.add(defineAlias(scope, definition));
      return;
    case 'type': {
      const type = defineType(scope, definition.type, offset);
      scope.add({ sort: 'type', type });
      checkDeclarations(type, offset);
    }
  }
}

/** A type that nothing may use is gone through once, so that what is wrong in it is found. */
function checkDeclarations(type: Type, offset: number): void {
  if (type.kind !== 'instance' && type.kind !== 'component') return;
  const { checked } = type.scope.context;
  if (checked.has(type.declarations)) return;
  checked.add(type.declarations);
  bindInstance(type, null, { interface: '', name: '', live: false }, offset);
}
