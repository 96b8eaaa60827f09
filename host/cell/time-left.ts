import type { Invocation } from '../dispatch/cell.ts';
import type { Manifest } from '../registry/manifest.ts';

/** How long an invocation may take until its response or result. */
export interface TimeLeft {
  readonly ms: number;
  /** Who says so, for messages. */
  readonly why: string;
}

/** The lesser of the function's own limit and what is left to the one that calls it. */
export function timeLeft({ service, waited }: Invocation, { limits }: Manifest, now: () => number): TimeLeft {
  const own = { ms: limits.deadline_ms - waited, why: 'limits.deadline_ms' };
  if (service === null) return own;
  const left = service.due - now();
  return left > 0 && left < own.ms ? { ms: left, why: 'what its caller had left' } : own;
}
