import { setFlagsFromString } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

/**
 * How much larger, in MB, the heap that V8 gives a thread is than the one that it may use. V8 ends the whole process where
 * one allocation does not fit, as that of `new Array(3e7)`; its largest arrays and strings take 1 GB. So a thread has
 * room for one of them, and who looks at it from outside (`memory-watch.ts`) ends it.
 */
const HEADROOM = 1_536;
/** In MB: a larger heap would first be collected when it has grown by a quarter of a GB. */
const FIRST_COLLECTION = 64;

// Of the process, for threads that begin afterwards: the flags have no other place.
setFlagsFromString(`--initial-old-space-size=${FIRST_COLLECTION}`);
// By which a thread is asked to collect before it is said to use too much; it hides it from the function.
setFlagsFromString('--expose-gc');

/** @param memory what a thread may use, in MB */
export function heapOf(memory: number): ResourceLimits {
  return { maxOldGenerationSizeMb: memory + HEADROOM, stackSizeMb: 4 };
}
