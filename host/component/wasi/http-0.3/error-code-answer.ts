import { describe, type ErrorCode } from '../http/error-code.ts';

/** A component answered with an error code of wasi:http, or its answer cannot be sent for the reason of one. */
export class ErrorCodeAnswer extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(`The component answered with the error code ${describe(code)}.`);
    this.name = 'ErrorCodeAnswer';
    this.code = code;
  }
}
