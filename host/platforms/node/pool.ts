import { availableParallelism, totalmem } from 'node:os';
import process from 'node:process';
import type { PlatformPool } from '../../platform.ts';
import type { PoolSettings } from '../pool-settings.ts';

const MIB = 1024 ** 2;
/** Of what the machine or its control group has: the rest is for the system, and for what files are read into. */
const PART = 0.8;
/** What a cell counts as until it is measured. */
const ASSUMED = 16 * MIB;
/** Beside its heap. */
const OF_A_THREAD = 32 * MIB;
/** Calls under way in one process: each has its objects and a connection. */
const CALLS = 10_000;

/** What this process has for cells. @param heapLimit MB of JavaScript heap of one */
export function createPool({ memory, classes, calls, cells }: PoolSettings, heapLimit: number): PlatformPool {
  const total = memory ?? Math.floor(machineMemory() * PART);
  return {
    limits: {
      calls: calls ?? CALLS,
      cells: cells ?? Infinity,
      cellsOfVersion: availableParallelism(),
      memory: { total, classes: classes ?? {}, assumed: ASSUMED, most: heapLimit * MIB + OF_A_THREAD },
    },
    gauge: { limit: total, used: () => process.memoryUsage.rss() },
    every(ms, run) {
      const timer = setInterval(run, ms).unref();
      return () => clearInterval(timer);
    },
  };
}

/** A control group may allow less than there is; without one Node says 0, or a number that no machine has. */
function machineMemory(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}
