import type { Factory } from '../settings.ts';
import type { Result } from '../values/result.ts';

/** A guest ended itself: its instance runs no more, and what it had under way has no answer. */
export class Exit extends Error {
  /** 0: it says that all went well. */
  readonly code: number;

  constructor(code: number) {
    super(`The guest called exit with the code ${code}.`);
    this.name = 'Exit';
    this.code = code;
  }
}

export const exit: Factory = () => ({
  exit(status: Result<undefined, undefined>) {
    throw new Exit(status.tag === 'ok' ? 0 : 1);
  },
  'exit-with-code'(code: number) {
    throw new Exit(code);
  },
});
