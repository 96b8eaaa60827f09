/**
 * What the build makes of a component, and the runtime interprets: every instantiation of the component and of those
 * nested in it is laid out in one row, every alias followed to what it names. Plain JSON. All references are indices
 * into the arrays of the plan.
 */
export interface Plan {
  readonly format: 1;
  readonly modules: readonly CoreModule[];
  /** Each type stands after those that it is made of; equal types stand once. */
  readonly types: readonly ValueType[];
  readonly signatures: readonly Signature[];
  readonly resources: readonly ResourceType[];
  /** Instances of components; 0 is the whole, and each of the others has a parent that stands before it. */
  readonly components: readonly { readonly parent: number | null }[];
  readonly memories: readonly CoreExport[];
  readonly coreFunctions: readonly CoreFunction[];
  readonly functions: readonly ComponentFunction[];
  /** Core instances in the order in which they are made; a `CoreExport` refers to them by their place here. */
  readonly instances: readonly CoreInstance[];
  /** What may have to wait in the middle of a guest's code: JSPI comes in nowhere else. */
  readonly suspends: {
    /** Core functions. `wide`: its result is an i64. */
    readonly functions: readonly { readonly function: number; readonly wide: boolean }[];
    /** Instances of components that import any of them. */
    readonly components: readonly number[];
  };
  /** The module of ours that gives those functions, and those on contexts, by their index; null where there are none. */
  readonly support: number | null;
  /** By interface (`wasi:http/handler@0.3.0`), or '' for what the world exports itself; then by name: index into `functions`. */
  readonly exports: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What the component itself says, before the build adds what its host makes of that. */
export type LinkedPlan = Omit<Plan, 'suspends' | 'support'>;

export interface CoreModule {
  /** Its name among the artifact's modules. */
  readonly name: string;
  /** Why an instance of it cannot be reset; null where it can. */
  readonly fixed: string | null;
}

export interface CoreInstance {
  readonly module: number;
  /** By module name, then by field name. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, CoreItem>>>>;
  /** The instance of a component that it runs in. */
  readonly component: number;
}

export type CoreItem =
  { readonly kind: 'function'; readonly function: number } | ({ readonly kind: 'memory' | 'table' | 'global' | 'tag' } & CoreExport);

/** An export of a core instance. */
export interface CoreExport {
  readonly instance: number;
  readonly name: string;
}

export type ValueType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, type: number])[] }
  | { readonly kind: 'variant'; readonly cases: readonly (readonly [name: string, type: number | null])[] }
  /** `length`: of a list of fixed length. */
  | { readonly kind: 'list'; readonly element: number; readonly length?: number }
  | { readonly kind: 'map'; readonly key: number; readonly value: number }
  | { readonly kind: 'tuple'; readonly items: readonly number[] }
  | { readonly kind: 'flags'; readonly labels: readonly string[] }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | { readonly kind: 'option'; readonly some: number }
  | { readonly kind: 'result'; readonly ok: number | null; readonly error: number | null }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }
  | { readonly kind: 'stream' | 'future'; readonly element: number | null };

export type PrimitiveKind =
  'bool' | 's8' | 'u8' | 's16' | 'u16' | 's32' | 'u32' | 's64' | 'u64' | 'f32' | 'f64' | 'char' | 'string' | 'error-context';

export interface Signature {
  /** Declared `async`: may block its caller. */
  readonly async: boolean;
  readonly params: readonly (readonly [name: string, type: number])[];
  readonly result: number | null;
}

export type ResourceType =
  /** The host's: its representation is a JavaScript object. */
  | { readonly kind: 'imported'; readonly interface: string; readonly name: string }
  /** A component's own: its representation is a number. `destructor`: index into `coreFunctions`. */
  | { readonly kind: 'defined'; readonly component: number; readonly destructor: number | null };

export type ComponentFunction =
  | { readonly kind: 'import'; readonly interface: string; readonly name: string; readonly signature: number }
  | {
      readonly kind: 'lift';
      readonly core: number;
      readonly signature: number;
      readonly component: number;
      readonly options: CanonOptions;
    };

/** Options of a canonical definition; memory, functions and null as indices into `memories` and `coreFunctions`. */
export interface CanonOptions {
  readonly encoding: StringEncoding;
  readonly memory: number | null;
  readonly realloc: number | null;
  readonly postReturn: number | null;
  readonly async: boolean;
  readonly callback: number | null;
}

export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16';

/** Each but an export belongs to the instance of a component whose handles it works on. */
export type CoreFunction =
  | ({ readonly kind: 'export' } & CoreExport)
  | { readonly kind: 'lower'; readonly function: number; readonly component: number; readonly options: CanonOptions }
  | { readonly kind: 'resource.new' | 'resource.rep' | 'resource.drop'; readonly resource: number; readonly component: number }
  | { readonly kind: 'task.return'; readonly result: number | null; readonly component: number; readonly options: CanonOptions }
  | { readonly kind: 'context.get' | 'context.set'; readonly slot: number; readonly component: number }
  | { readonly kind: 'subtask.cancel'; readonly async: boolean; readonly component: number }
  | { readonly kind: 'thread.yield'; readonly cancellable: boolean; readonly component: number }
  | {
      readonly kind: 'waitable-set.wait' | 'waitable-set.poll';
      readonly cancellable: boolean;
      readonly memory: number;
      readonly component: number;
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'read' | 'write'}`;
      readonly element: number | null;
      readonly component: number;
      readonly options: CanonOptions;
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'cancel-read' | 'cancel-write'}`;
      readonly element: number | null;
      readonly async: boolean;
      readonly component: number;
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'new' | 'drop-readable' | 'drop-writable'}`;
      readonly element: number | null;
      readonly component: number;
    }
  | { readonly kind: 'error-context.new' | 'error-context.debug-message'; readonly component: number; readonly options: CanonOptions }
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
      readonly component: number;
    };
