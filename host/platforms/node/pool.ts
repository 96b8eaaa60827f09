import { availableParallelism, totalmem } from 'node:os';
import process from 'node:process';
import type { PlatformPool } from '../../platform.ts';
import type { PoolSettings } from '../pool-settings.ts';

const MIB = 1024 ** 2;
/** Of what the machine or its control group has: the rest is for the system, and for what files are read into. */
const PART = 0.8;
/** What a cell counts as until it is measured, and what of that is the thread's: its stack, and V8's own. */
const ASSUMED = 16 * MIB;
const BESIDE = 8 * MIB;
/** Calls under way in one process: each has its objects and a connection. */
const CALLS = 10_000;

/** What this process has for cells. */
export function createPool({ memory, classes, cpu, calls, cells }: PoolSettings): PlatformPool {
  const total = memory ?? Math.floor(machineMemory() * PART);
  return {
    limits: {
      calls: calls ?? CALLS,
      cells: cells ?? Infinity,
      // One core is for the thread that all requests pass.
      cellsOfVersion: Math.max(1, availableParallelism() - 1),
      memory: { total, classes: classes ?? {}, assumed: ASSUMED, beside: BESIDE },
      ...(cpu !== undefined && Object.keys(cpu).length > 0 && { cpu }),
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
