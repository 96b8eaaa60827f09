import { AUTOSCALER_DEFAULTS, type AutoscalerOptions } from '../../host/dispatch/pool/autoscaler.ts';
import type { PolicyName } from '../../host/dispatch/pool/policy.ts';
import {
  DEFAULT_CONCURRENCY,
  DEFAULT_POLICY,
  DEFAULT_QUEUE,
  DEFAULT_QUEUE_MS,
  type PoolLimits,
} from '../../host/dispatch/pool/settings.ts';
import type { ManifestScaling } from '../../host/registry/manifest.ts';
import { COSTS, HOST } from './constants.ts';

/** What is compared. Times in ms. */
export interface Settings {
  readonly policy: PolicyName;
  readonly autoscaling: AutoscalerOptions;
  /** Calls that a cell has under way at most. */
  readonly concurrency: number;
  /** Calls of a function that wait on a host at most, and for how long. */
  readonly queue: { readonly limit: number; readonly patience: number };
  readonly cores: number;
  /** Those that each class of cells may use on average; not there where none has a budget. */
  readonly cpu?: Readonly<Record<string, number>>;
  /** Bytes for cells. */
  readonly budget: number;
  readonly blanks: number;
  /** The second of so many cells of a function needs so many times the CPU, as one does that collects garbage all the time. */
  readonly slow: { readonly each: number; readonly times: number };
}

export const DEFAULTS: Settings = {
  policy: DEFAULT_POLICY,
  autoscaling: { ...AUTOSCALER_DEFAULTS, max: HOST.cores },
  concurrency: DEFAULT_CONCURRENCY,
  queue: { limit: DEFAULT_QUEUE, patience: DEFAULT_QUEUE_MS },
  ...HOST,
  slow: { each: Infinity, times: 1 },
};

/** Calls under way on a host, as `host/platforms/node/pool.ts` has it. */
const CALLS = 10_000;

export function limitsOf({ autoscaling, budget, cpu }: Settings): PoolLimits {
  return {
    calls: CALLS,
    cells: Infinity,
    cellsOfVersion: autoscaling.max,
    memory: { total: budget, classes: {}, assumed: COSTS.cellBytes, beside: 0 },
    autoscaling,
    ...(cpu && { cpu }),
  };
}

/** What stands in the function's config. */
export function scalingOf({ policy, concurrency, queue }: Settings): ManifestScaling {
  return { policy, concurrency, queue: queue.limit, queue_ms: queue.patience };
}
