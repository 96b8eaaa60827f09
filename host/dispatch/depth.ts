import { BrinkError } from '../errors.ts';

/** Invocations that one may lie inside of, as on Workers. */
export const MAX_DEPTH = 16;

export interface TooDeep {
  readonly caller: string;
  readonly callee: string;
  /** As in "calls over service bindings". */
  readonly how: string;
}

/** Of a call inside of `MAX_DEPTH` others. */
export function loopDetected({ caller, callee, how }: TooDeep): BrinkError {
  return new BrinkError(
    'loop-detected',
    `${caller} cannot call ${callee}: ${MAX_DEPTH} calls ${how} lie inside of one another already. Functions that call one another in a circle never end.`,
    { details: { function: callee, depth: MAX_DEPTH } },
  );
}
