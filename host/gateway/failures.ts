import { BEFORE_START, type FailureName } from '../registry/gateway/failures.ts';
import type { GatewayCall } from './call.ts';
import { problemOf } from './problem.ts';

/** How a call has failed, as one word; null where it has not, in the ways that are looked for. */
export type FailureTest = (response: Response) => string | null;

export function failureTest(names: readonly FailureName[]): FailureTest {
  const known = new Set(names);
  const [any, host, before] = [known.has('5xx'), known.has('host'), known.has('connect')];
  return (response) => {
    const { status } = response;
    if (status < 400) return null;
    const code = problemOf(response)?.code;
    const named =
      known.has(status) ||
      (any && status >= 500) ||
      (code !== undefined && (known.has(code) || (host && status >= 500) || (before && BEFORE_START.includes(code))));
    return named ? (code ?? String(status)) : null;
  };
}

/** Who has gone has had no failure: what was under way was cut off. */
export function hasLeft({ signal }: GatewayCall): boolean {
  return signal.aborted;
}
