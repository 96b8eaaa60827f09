import type { PrimitiveKind } from '../plan.ts';

/**
 * A component as it is written: what its bytes say, before any index is looked up. Offsets count from the start of
 * the file, also within nested components.
 */
export interface ComponentSyntax {
  readonly offset: number;
  readonly end: number;
  readonly definitions: readonly Definition[];
  readonly customs: readonly CustomSection[];
}

export interface CustomSection {
  readonly name: string;
  /** Where its contents are, after the name. */
  readonly start: number;
  readonly end: number;
}

export type CoreSort =
  'core func' | 'core table' | 'core memory' | 'core global' | 'core tag' | 'core type' | 'core module' | 'core instance';

export type Sort = CoreSort | 'func' | 'value' | 'type' | 'component' | 'instance';

export interface SortIndex {
  readonly sort: Sort;
  readonly index: number;
}

export type Definition =
  | { readonly kind: 'core module'; readonly offset: number; readonly module: CoreModuleSyntax }
  | ({ readonly kind: 'core instance'; readonly offset: number } & CoreInstanceExpression)
  | { readonly kind: 'component'; readonly offset: number; readonly component: ComponentSyntax }
  | ({ readonly kind: 'instance'; readonly offset: number } & InstanceExpression)
  | { readonly kind: 'canon'; readonly offset: number; readonly canon: Canon }
  | { readonly kind: 'export'; readonly offset: number; readonly name: Name; readonly item: SortIndex; readonly type: ExternType | null }
  | Declaration;

/** What stands in component and instance types too. */
export type Declaration =
  | { readonly kind: 'core type'; readonly offset: number; readonly type: CoreTypeSyntax }
  | { readonly kind: 'type'; readonly offset: number; readonly type: TypeSyntax }
  | { readonly kind: 'alias'; readonly offset: number; readonly sort: Sort; readonly target: AliasTarget }
  | { readonly kind: 'import'; readonly offset: number; readonly name: Name; readonly type: ExternType }
  | { readonly kind: 'declared export'; readonly offset: number; readonly name: Name; readonly type: ExternType };

export type AliasTarget =
  | { readonly kind: 'export' | 'core export'; readonly instance: number; readonly name: string }
  | { readonly kind: 'outer'; readonly count: number; readonly index: number };

export type CoreInstanceExpression =
  | { readonly module: number; readonly args: readonly (readonly [name: string, instance: number])[] }
  | { readonly module: null; readonly exports: readonly (readonly [name: string, item: SortIndex])[] };

export type InstanceExpression =
  | { readonly component: number; readonly args: readonly (readonly [name: string, item: SortIndex])[] }
  | { readonly component: null; readonly exports: readonly (readonly [name: Name, item: SortIndex])[] };

export interface Name {
  readonly name: string;
  readonly offset: number;
  readonly implements?: string;
  readonly versionSuffix?: string;
  readonly externalId?: string;
}

export type ExternType =
  | { readonly sort: 'core module' | 'func' | 'component' | 'instance'; readonly type: number }
  /** `type`: what it equals; null for a resource. */
  | { readonly sort: 'type'; readonly type: number | null };

/** A number refers to a type by its index. */
export type ValueTypeRef = PrimitiveKind | number;

export interface FunctionTypeSyntax {
  readonly kind: 'func';
  readonly async: boolean;
  readonly params: readonly (readonly [name: string, type: ValueTypeRef])[];
  readonly result: ValueTypeRef | null;
}

export type TypeSyntax =
  | ValueTypeSyntax
  | FunctionTypeSyntax
  | { readonly kind: 'component' | 'instance'; readonly declarations: readonly Declaration[] }
  | { readonly kind: 'resource'; readonly destructor: number | null };

export type ValueTypeSyntax =
  | { readonly kind: 'primitive'; readonly primitive: PrimitiveKind }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, type: ValueTypeRef])[] }
  | { readonly kind: 'variant'; readonly cases: readonly (readonly [name: string, type: ValueTypeRef | null])[] }
  | { readonly kind: 'list'; readonly element: ValueTypeRef; readonly length?: number }
  | { readonly kind: 'map'; readonly key: ValueTypeRef; readonly value: ValueTypeRef }
  | { readonly kind: 'tuple'; readonly items: readonly ValueTypeRef[] }
  | { readonly kind: 'flags' | 'enum'; readonly labels: readonly string[] }
  | { readonly kind: 'option'; readonly some: ValueTypeRef }
  | { readonly kind: 'result'; readonly ok: ValueTypeRef | null; readonly error: ValueTypeRef | null }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }
  | { readonly kind: 'stream' | 'future'; readonly element: ValueTypeRef | null };

export type StringEncodingOption = 'utf8' | 'utf16' | 'latin1+utf16';

/** Indices as written; null where the option is not there. */
export interface CanonOptionsSyntax {
  readonly encoding: StringEncodingOption | null;
  readonly memory: number | null;
  readonly realloc: number | null;
  readonly postReturn: number | null;
  readonly async: boolean;
  readonly callback: number | null;
}

export type Canon =
  | { readonly kind: 'lift'; readonly core: number; readonly options: CanonOptionsSyntax; readonly type: number }
  | { readonly kind: 'lower'; readonly function: number; readonly options: CanonOptionsSyntax }
  | { readonly kind: 'resource.new' | 'resource.rep' | 'resource.drop'; readonly type: number }
  | { readonly kind: 'task.return'; readonly result: ValueTypeRef | null; readonly options: CanonOptionsSyntax }
  | { readonly kind: 'context.get' | 'context.set'; readonly slot: number }
  | { readonly kind: 'subtask.cancel'; readonly async: boolean }
  | { readonly kind: 'thread.yield'; readonly cancellable: boolean }
  | { readonly kind: 'waitable-set.wait' | 'waitable-set.poll'; readonly cancellable: boolean; readonly memory: number }
  | {
      readonly kind: `${'stream' | 'future'}.${'read' | 'write'}`;
      readonly type: number;
      readonly options: CanonOptionsSyntax;
    }
  | { readonly kind: `${'stream' | 'future'}.${'cancel-read' | 'cancel-write'}`; readonly type: number; readonly async: boolean }
  | { readonly kind: `${'stream' | 'future'}.${'new' | 'drop-readable' | 'drop-writable'}`; readonly type: number }
  | { readonly kind: 'error-context.new' | 'error-context.debug-message'; readonly options: CanonOptionsSyntax }
  | { readonly kind: PlainCanonKind };

export type PlainCanonKind =
  | 'task.cancel'
  | 'subtask.drop'
  | 'backpressure.set'
  | 'backpressure.inc'
  | 'backpressure.dec'
  | 'waitable-set.new'
  | 'waitable-set.drop'
  | 'waitable.join'
  | 'error-context.drop';

/** `params -> results`, as `i32 i64 -> i32`; null where it is made of types that are not compared here. */
export type CoreSignature = string | null;

export type CoreExternType =
  | { readonly kind: 'func' | 'tag'; readonly type: CoreSignature }
  | { readonly kind: 'table'; readonly element: string | null; readonly limits: Limits }
  | { readonly kind: 'memory'; readonly limits: Limits }
  | { readonly kind: 'global'; readonly type: string | null; readonly mutable: boolean };

export interface Limits {
  readonly min: number;
  readonly max: number | null;
  readonly shared: boolean;
  readonly address64: boolean;
}

export interface CoreModuleType {
  readonly imports: readonly { readonly module: string; readonly name: string; readonly type: CoreExternType }[];
  /** A type that is null is of a kind that is not compared here. */
  readonly exports: ReadonlyMap<string, CoreExternType>;
}

export interface CoreModuleSyntax extends CoreModuleType {
  readonly bytes: Uint8Array;
  readonly customs: readonly CustomSection[];
}

export type CoreTypeSyntax =
  | { readonly kind: 'func'; readonly type: CoreSignature }
  | { readonly kind: 'module'; readonly declarations: readonly CoreModuleDeclaration[] };

export type CoreModuleDeclaration =
  | { readonly kind: 'import'; readonly module: string; readonly name: string; readonly type: CoreExternTypeSyntax }
  | { readonly kind: 'type'; readonly type: CoreSignature }
  | { readonly kind: 'alias'; readonly offset: number; readonly count: number; readonly index: number }
  | { readonly kind: 'export'; readonly offset: number; readonly name: string; readonly type: CoreExternTypeSyntax };

/** As it is written, with the type of a function still an index. */
export type CoreExternTypeSyntax =
  | { readonly kind: 'func' | 'tag'; readonly offset: number; readonly index: number }
  | Exclude<CoreExternType, { readonly kind: 'func' | 'tag' }>;
