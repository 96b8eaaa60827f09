import { describe, type ErrorCode } from '../http/error-code.ts';

/** A component answered with an error code of wasi:http. */
export class ErrorCodeAnswer extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message = `The component answered with the error code ${describe(code)}.`) {
    super(message);
    this.name = 'ErrorCodeAnswer';
    this.code = code;
  }
}

/** A component gave no answer, or one that cannot be sent. */
export class InvalidAnswer extends ErrorCodeAnswer {
  constructor(code: ErrorCode, message = `The component's answer cannot be sent: ${describe(code)}.`) {
    super(code, message);
    this.name = 'InvalidAnswer';
  }
}
