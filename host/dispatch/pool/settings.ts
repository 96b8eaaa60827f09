import type { Manifest } from '../../registry/manifest.ts';
import { limitsOf } from '../../cell/limits.ts';
import { AUTOSCALER_DEFAULTS, type AutoscalerOptions } from './autoscaler.ts';
import type { PolicyName } from './policy.ts';

/** What a host has for all functions together. */
export interface PoolLimits {
  /** Calls under way; those of functions that were called by others pass. */
  readonly calls: number;
  readonly cells: number;
  /** Cells of one version, where its manifest does not say. */
  readonly cellsOfVersion: number;
  readonly memory: MemoryLimits | null;
  /** Cores that cells of each of these classes may use together, on average; on an engine that tells what cells use. */
  readonly cpu?: Readonly<Record<string, number>>;
  /** Numbers of the autoscaler that are not its defaults. */
  readonly autoscaling?: Partial<AutoscalerOptions>;
}

/** In bytes. */
export interface MemoryLimits {
  /** Of the whole process. */
  readonly total: number;
  /** What cells of each class may have together; `shared` has what the others leave. */
  readonly classes: Readonly<Record<string, number>>;
  /** What a cell counts as until it is measured. */
  readonly assumed: number;
  /** What it has beside what is measured, which is its function's. */
  readonly beside: number;
}

/** How the cells of a version are scaled: its manifest's `[scaling]`, and what holds where that is silent. */
export interface Scaling {
  /** Calls that one cell has under way at once. */
  readonly concurrency: number;
  readonly maxCells: number;
  readonly policy: PolicyName;
  /** Calls that may wait. */
  readonly queue: number;
  readonly queueMs: number;
  readonly idleMs: number;
  readonly class: string;
  /** Bytes that a cell may have for its function. */
  readonly bytes: number;
  readonly autoscaling: Partial<AutoscalerOptions>;
}

/** Where the runtime has its own: as many isolates as the host knows by name. */
export const DEFAULT_LIMITS: PoolLimits = { calls: Infinity, cells: 64, cellsOfVersion: 1, memory: null };

export const DEFAULT_CONCURRENCY = 128;
export const DEFAULT_POLICY: PolicyName = 'least-in-flight';
export const DEFAULT_QUEUE = 1_000;
export const DEFAULT_QUEUE_MS = 10_000;
export const DEFAULT_IDLE_MS = AUTOSCALER_DEFAULTS.idle;
export const SHARED = 'shared';
export const DEDICATED = 'dedicated';

/** At most so much of its concurrency a cell is to have on average: the rest is for what comes before the next one has started. */
const UTILISATION = 0.7;
const MIB = 1024 ** 2;

/** @param scales whether a version may have several cells; where not, the one that it has takes what comes by default */
export function scalingOf(manifest: Manifest, { cellsOfVersion, autoscaling = {} }: PoolLimits, scales: boolean): Scaling {
  const { scaling = {} } = manifest;
  return {
    concurrency: scaling.concurrency ?? (scales ? DEFAULT_CONCURRENCY : Infinity),
    maxCells: scales ? (scaling.max_cells ?? Math.max(cellsOfVersion, scaling.min_cells ?? 0)) : 1,
    policy: scaling.policy ?? DEFAULT_POLICY,
    queue: scaling.queue ?? DEFAULT_QUEUE,
    queueMs: scaling.queue_ms ?? DEFAULT_QUEUE_MS,
    idleMs: scaling.idle_ms ?? DEFAULT_IDLE_MS,
    class: scaling.class ?? SHARED,
    bytes: limitsOf(manifest).memory_mb * MIB,
    autoscaling,
  };
}

export function targetOf({ concurrency }: Scaling): number {
  return Math.max(1, Math.min(AUTOSCALER_DEFAULTS.target, Math.floor(concurrency * UTILISATION)));
}
