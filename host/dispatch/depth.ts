import { BrinkError } from '../errors.ts';

/** Invocations that one may lie inside of, as on Workers. */
export const MAX_DEPTH = 16;

/** @throws {BrinkError} `loop-detected` */
export function checkDepth(depth: number, { caller, callee, how }: { caller: string; callee: string; how: string }): void {
  if (depth <= MAX_DEPTH) return;
  throw new BrinkError(
    'loop-detected',
    `${caller} cannot call ${callee}: ${MAX_DEPTH} calls ${how} lie inside of one another already. Functions that call one another in a circle never end.`,
    { details: { function: callee, depth: MAX_DEPTH } },
  );
}
