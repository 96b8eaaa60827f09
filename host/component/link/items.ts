import type { ComponentSyntax, CoreExternType, CoreModuleType, CoreSignature, Declaration } from '../binary/syntax.ts';
import type { StringEncoding } from '../plan.ts';
import type { Scope } from './scope.ts';

/**
 * What the index spaces of components hold once every index is looked up: a graph in which an item is the same object
 * wherever an alias takes it.
 */
export type Item = FunctionItem | TypeItem | InstanceItem | ComponentItem | ModuleItem | CoreItem | CoreInstanceItem | CoreTypeItem;

/** An instance of a component. One that is not live stands for any: it is there to check a component that may have none. */
export interface ComponentInstance {
  readonly parent: ComponentInstance | null;
  readonly live: boolean;
}

export interface Resource {
  readonly id: number;
  readonly source:
    | { readonly kind: 'imported'; readonly interface: string; readonly name: string }
    | { readonly kind: 'defined'; readonly component: ComponentInstance; readonly destructor: CoreFunctionItem | null };
}

export interface FunctionItem {
  readonly sort: 'func';
  /** Index into the pool. */
  readonly signature: number;
  /** How many lifts and lowers stand between it and code. */
  readonly depth: number;
  readonly source: FunctionSource;
}

export type FunctionSource =
  | { readonly kind: 'import'; readonly interface: string; readonly name: string }
  | { readonly kind: 'lift'; readonly core: CoreFunctionItem; readonly component: ComponentInstance; readonly options: Options };

export interface Options {
  readonly encoding: StringEncoding;
  readonly memory: CoreMemoryItem | null;
  readonly realloc: CoreFunctionItem | null;
  readonly postReturn: CoreFunctionItem | null;
  readonly async: boolean;
  readonly callback: CoreFunctionItem | null;
}

export interface TypeItem {
  readonly sort: 'type';
  readonly type: Type;
  /** The interface that first gave it a name, if one did: for whoever writes it down. */
  readonly origin?: TypeOrigin | undefined;
}

export interface TypeOrigin {
  readonly interface: string;
  readonly name: string;
}

export type Type =
  | { readonly kind: 'value'; readonly index: number }
  | { readonly kind: 'func'; readonly signature: number }
  | { readonly kind: 'resource'; readonly resource: Resource }
  | { readonly kind: 'component' | 'instance'; readonly declarations: readonly Declaration[]; readonly scope: Scope };

export type Exports = ReadonlyMap<string, Item>;

export interface InstanceItem {
  readonly sort: 'instance';
  readonly exports: Exports;
}

/** `syntax`: in `scope`, which its outer aliases look into; else one of which only the type is known. */
export interface ComponentItem {
  readonly sort: 'component';
  readonly body:
    | { readonly kind: 'syntax'; readonly syntax: ComponentSyntax; readonly scope: Scope }
    | { readonly kind: 'type'; readonly declarations: readonly Declaration[]; readonly scope: Scope };
}

export interface ModuleItem {
  readonly sort: 'core module';
  readonly type: CoreModuleType;
  /** Null where only its type is known. */
  readonly bytes: Uint8Array | null;
}

export type CoreItem = CoreFunctionItem | CoreExternItem;

export interface CoreFunctionItem {
  readonly sort: 'core func';
  readonly type: CoreSignature;
  readonly depth: number;
  readonly source: CoreFunctionSource;
}

/** `element` and `result`: index into the pool. */
export type CoreFunctionSource =
  | { readonly kind: 'export'; readonly instance: ModuleInstanceItem; readonly name: string }
  | { readonly kind: 'lower'; readonly function: FunctionItem; readonly component: ComponentInstance; readonly options: Options }
  | {
      readonly kind: 'resource.new' | 'resource.rep' | 'resource.drop';
      readonly resource: Resource;
      readonly component: ComponentInstance;
    }
  | { readonly kind: 'task.return'; readonly result: number | null; readonly component: ComponentInstance; readonly options: Options }
  | {
      readonly kind: 'waitable-set.wait' | 'waitable-set.poll';
      readonly cancellable: boolean;
      readonly memory: CoreMemoryItem;
      readonly component: ComponentInstance;
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'read' | 'write'}`;
      readonly element: number | null;
      readonly component: ComponentInstance;
      readonly options: Options;
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'cancel-read' | 'cancel-write'}`;
      readonly element: number | null;
      readonly async: boolean;
      readonly component: ComponentInstance;
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'new' | 'drop-readable' | 'drop-writable'}`;
      readonly element: number | null;
      readonly component: ComponentInstance;
    }
  | {
      readonly kind: 'error-context.new' | 'error-context.debug-message';
      readonly component: ComponentInstance;
      readonly options: Options;
    }
  | PlainCoreFunctionSource;

/** Those that stand in the plan as they are. */
export type PlainCoreFunctionSource =
  | { readonly kind: 'context.get' | 'context.set'; readonly slot: number; readonly component: ComponentInstance }
  | { readonly kind: 'subtask.cancel'; readonly async: boolean; readonly component: ComponentInstance }
  | { readonly kind: 'thread.yield'; readonly cancellable: boolean; readonly component: ComponentInstance }
  | {
      readonly kind:
        | 'task.cancel'
        | 'subtask.drop'
        | 'backpressure.set'
        | 'backpressure.inc'
        | 'backpressure.dec'
        | 'waitable-set.new'
        | 'waitable-set.drop'
        | 'waitable.join'
        | 'error-context.drop';
      readonly component: ComponentInstance;
    };

export type CoreExternItem = CoreMemoryItem | CoreOtherItem;

export interface CoreMemoryItem {
  readonly sort: 'core memory';
  readonly type: Extract<CoreExternType, { kind: 'memory' }>;
  readonly instance: ModuleInstanceItem;
  readonly name: string;
}

export interface CoreOtherItem {
  readonly sort: 'core table' | 'core global' | 'core tag';
  readonly type: CoreExternType;
  readonly instance: ModuleInstanceItem;
  readonly name: string;
}

export type CoreInstanceItem = ModuleInstanceItem | InlineInstanceItem;

/** An instance of a core module. */
export interface ModuleInstanceItem {
  readonly sort: 'core instance';
  readonly kind: 'module';
  readonly module: ModuleItem;
  /** What the module imports, in its order, and nothing else. */
  readonly imports: readonly { readonly module: string; readonly name: string; readonly item: CoreItem }[];
  readonly component: ComponentInstance;
}

/** Items put together under names. */
export interface InlineInstanceItem {
  readonly sort: 'core instance';
  readonly kind: 'inline';
  readonly exports: ReadonlyMap<string, CoreItem>;
}

export interface CoreTypeItem {
  readonly sort: 'core type';
  readonly type:
    { readonly kind: 'func'; readonly signature: CoreSignature } | { readonly kind: 'module'; readonly module: CoreModuleType };
}
