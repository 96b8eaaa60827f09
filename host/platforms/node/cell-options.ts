import type { BindingsState } from '../../bindings/binding.ts';
import type { Rates } from '../../bindings/rates.ts';
import type { EngineOptions } from '../../dispatch/cell.ts';
import type { Services } from '../../dispatch/services.ts';
import type { NetworkOptions } from '../running.ts';
import type { Blanks } from './blanks.ts';
import type { CompiledModules } from './compiled.ts';
import type { HostCaches } from './caches.ts';

export interface NodeEngineOptions extends EngineOptions {
  /** Ms that a draining cell's invocations get to finish. */
  readonly drainTimeout: number;
  /** What bindings are made of. */
  readonly bindings: BindingsState;
  /** Milliseconds since the epoch, as the host and its functions see it. Deadlines are the machine's. */
  readonly now: () => number;
  /** How many threads wait for a function. */
  readonly blanks: number;
  /** What functions reach; public addresses without it. */
  readonly network?: NetworkOptions | undefined;
  /** Of `BlankOptions`. */
  readonly ahead?: Float64Array | undefined;
  /** What service bindings call; there before any cell is. */
  readonly services: () => Services;
}

export interface NodeCellOptions extends NodeEngineOptions {
  readonly caches: HostCaches;
  readonly rates: Rates;
  /** Where threads come from. */
  readonly threads: Blanks;
  readonly compiled: CompiledModules;
  /** Is told what its thread has used so far, in ms of CPU time. */
  readonly cpu?: ((total: number) => void) | undefined;
}
