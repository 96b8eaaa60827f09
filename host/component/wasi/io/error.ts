import type { HostInterface } from '../../host.ts';

/** `error` of wasi:io: what made a stream fail, for other interfaces to look into. */
export class IoError {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }

  toDebugString(): string {
    return this.cause instanceof Error ? this.cause.message : String(this.cause);
  }
}

const functions: HostInterface = {
  '[method]error.to-debug-string': (error: IoError) => error.toDebugString(),
};

export const error = (): HostInterface => functions;
