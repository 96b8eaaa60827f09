import { BindingError } from './binding-error.ts';

/**
 * A write with a fence is refused where a greater one has written before: so the holder of a lock that was paused past
 * its lease cannot write over its successor's work. A write without one is not looked at.
 *
 * @param remembered the greatest that has written
 * @throws {BindingError} `fenced`
 */
export function checkFence(remembered: number | undefined, given: number | undefined): void {
  if (given === undefined || remembered === undefined || given >= remembered) return;
  throw new BindingError(`The fence ${given} is older than ${remembered}, which has written already: its lock has a later holder.`, {
    name: 'FencedError',
    code: 'fenced',
  });
}

/** @throws {BindingError} where it is none */
export function fenceOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (isFence(value)) return value;
  throw new BindingError(NO_FENCE, { name: 'TypeError' });
}

export function isFence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export const NO_FENCE = 'A fence is a whole number, 0 or more, such as that of a lock.';
