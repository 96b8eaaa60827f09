import type { Limits } from '../../../cell/limits.ts';
import type { BindingName } from '../../../bindings/clients.ts';
import type { EgressRules } from '../../../cell/egress.ts';
import type { Names } from '../checked-lookup.ts';

/** What a worker is given at its start (`workerData`), when nobody knows yet which function it will run. */
export interface BlankData {
  /** How many ms the host's clock is ahead of the machine's, where it can be. */
  readonly ahead?: Float64Array;
}

/** What makes a cell of it: the first message of the main thread. */
export interface CellData {
  readonly function: string;
  readonly version: number;
  readonly mainModule: string;
  readonly modules: Readonly<Record<string, CellModule>>;
  /** And the secrets. */
  readonly vars: Readonly<Record<string, unknown>>;
  readonly bindings: readonly BindingName[];
  /** The names of service bindings. */
  readonly services: readonly string[];
  /** The `nodejs_compat` flag: some of Node's modules, `process`, `Buffer`. */
  readonly nodejsCompat: boolean;
  /** The `nodejs_als` flag: `node:async_hooks`. */
  readonly nodejsAls: boolean;
  /** Whether modules may make code from strings while they are evaluated. */
  readonly evalAtStart: boolean;
  readonly limits: Limits;
  readonly egress: EgressRules;
  /** Answers in place of a resolver's. */
  readonly names: Names;
}

/** Source text, text and data as bytes; wasm compiled once, by the main thread. */
export type CellModule =
  | { readonly type: 'js' | 'text' | 'data' | 'json'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'wasm'; readonly module: WebAssembly.Module };

export const MODULE_SCHEME = 'brink:///';
