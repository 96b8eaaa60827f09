import { AUTOSCALER_DEFAULTS, type AutoscalerOptions } from '../../host/dispatch/pool/autoscaler.ts';
import type { PolicyName } from '../../host/dispatch/pool/policy.ts';
import { HOST } from './constants.ts';

/** What is compared. Times in ms. */
export interface Settings {
  readonly policy: PolicyName;
  readonly scaling: AutoscalerOptions;
  /** Calls that a cell has under way at most. */
  readonly concurrency: number;
  /** Calls of a function that wait on a host at most, and for how long. */
  readonly queue: { readonly limit: number; readonly patience: number };
  readonly cores: number;
  /** Bytes for cells. */
  readonly budget: number;
  readonly blanks: number;
  /** The second of so many cells of a function needs so many times the CPU, as one does that collects garbage all the time. */
  readonly slow: { readonly each: number; readonly times: number };
}

export const DEFAULTS: Settings = {
  policy: 'least-in-flight',
  scaling: { ...AUTOSCALER_DEFAULTS, max: HOST.cores },
  concurrency: 128,
  queue: { limit: 1_000, patience: 10_000 },
  ...HOST,
  slow: { each: Infinity, times: 1 },
};
