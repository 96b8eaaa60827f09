import { withoutOwnFrames } from '../../cell/workerd/thrown.ts';

const FAILED = /^Failed to start Worker:\s*/;
/** Who made it start was over before it had; what is called next is told the same, for as long as the isolate has its name. */
const GIVEN_UP = 'The execution context responding to this call was canceled';

/** Why an isolate did not start, as the runtime tells it. */
export interface StartFailure {
  readonly reason: string;
  /** A top-level `await` that can never end. */
  readonly unsettled: boolean;
}

export function isStartFailure(error: unknown): boolean {
  return error instanceof Error && (FAILED.test(error.message) || error.message.includes(GIVEN_UP));
}

export function startFailureOf(error: unknown): StartFailure {
  const message = error instanceof Error ? error.message : String(error);
  const reason = withoutOwnFrames(message)
    .replace(FAILED, '')
    .replace(/^Uncaught (?:\(in promise\) )?/, '')
    .trim();
  return { reason, unsettled: reason.includes('Top-level await in module is unsettled') };
}
