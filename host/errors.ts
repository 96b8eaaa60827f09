/**
 * The table of everything that can go wrong, and what it is over HTTP.
 *
 * A code is stable: clients may switch on it. Imports nothing, so that every folder can use it.
 */
export const STATUS = {
  // what the caller sent
  'bad-request': 400,
  'name-invalid': 400,
  'manifest-invalid': 400,
  'manifest-unknown-key': 400,
  'binding-unsupported': 400,
  'artifact-invalid': 400,
  'artifact-digest-mismatch': 400,
  'module-name-invalid': 400,
  'weights-invalid': 400,
  'release-invalid': 400,
  'guard-invalid': 400,
  'freeze-invalid': 400,
  'shadow-invalid': 400,
  'idempotency-key-missing': 400,
  'callback-refused': 400,
  'idempotency-key-invalid': 400,
  'route-invalid': 400,
  'webhook-invalid': 400,
  'cloudevent-invalid': 400,
  'call-invalid': 400,
  'artifact-too-large': 413,
  'request-too-large': 413,
  'secret-too-large': 413,
  unauthorized: 401,
  'credentials-missing': 401,
  'credentials-invalid': 401,
  'webhook-signature-invalid': 401,
  'webhook-expired': 401,
  forbidden: 403,
  'cors-refused': 403,
  'scope-missing': 403,
  'access-denied': 403,
  'policy-denied': 403,
  'rate-limited': 429,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'uri-too-long': 414,
  'cloudevent-unsupported': 415,
  'call-unsupported': 415,
  'expectation-failed': 417,
  'headers-too-large': 431,
  // what is not there
  'not-found': 404,
  'function-not-found': 404,
  'alias-not-found': 404,
  'version-not-found': 404,
  'revision-not-found': 404,
  'release-not-found': 404,
  'shadow-not-found': 404,
  'freeze-not-found': 404,
  'schedule-not-found': 404,
  'secret-not-found': 404,
  'key-not-found': 404,
  'queue-not-found': 404,
  'openapi-not-found': 404,
  'mail-not-found': 404,
  'address-not-found': 404,
  'handler-missing': 404,
  'export-not-found': 404,
  'invocation-not-found': 404,
  'response-not-kept': 410,
  // what collides
  'rules-conflict': 409,
  'alias-conflict': 409,
  'release-conflict': 409,
  'shadow-conflict': 409,
  frozen: 409,
  'breaking-change': 409,
  'version-in-use': 409,
  'version-limit': 409,
  'route-conflict': 409,
  'email-conflict': 409,
  'queue-conflict': 409,
  'rollback-unavailable': 409,
  'secret-conflict': 409,
  'secret-limit': 409,
  'key-limit': 409,
  'secret-missing': 409,
  'health-check-failed': 409,
  'write-conflict': 409,
  'idempotency-running': 409,
  'webhook-running': 409,
  // what the function's source or start-up did; found before a version exists
  'config-invalid': 422,
  'main-missing': 422,
  'build-failed': 422,
  'component-invalid': 422,
  'component-unsupported': 422,
  'handlers-missing': 422,
  'openapi-invalid': 422,
  'openapi-failed': 422,
  'startup-failed': 422,
  'startup-timeout': 422,
  // what a database made of SQL that the admin API was given
  'sql-failed': 422,
  'idempotency-key-reused': 422,
  // what happened while a function ran
  'call-failed': 422,
  'handler-threw': 500,
  'response-invalid': 502,
  'guest-trapped': 502,
  'cell-crashed': 502,
  'cpu-exceeded': 502,
  'memory-exceeded': 502,
  'subrequests-exceeded': 502,
  'response-too-large': 502,
  'cell-unresponsive': 502,
  'cell-start-failed': 502,
  'loop-detected': 508,
  'deadline-exceeded': 504,
  // a request that wants a kept response and no other
  'response-not-cached': 504,
  // the host itself
  internal: 500,
  'secret-unreadable': 500,
  unsupported: 501,
  overloaded: 503,
  'circuit-open': 503,
  superseded: 503,
  'async-full': 503,
  'auth-unavailable': 503,
  'policy-failed': 503,
  'webhook-full': 503,
  'webhook-unready': 503,
  'boot-loop': 503,
  'http-version-unsupported': 505,
  'store-unavailable': 503,
  'runtime-unavailable': 503,
  'secret-key-missing': 503,
  'secret-key-invalid': 503,
  'quota-invalid': 503,
  'certificate-invalid': 503,
  'state-in-use': 503,
  'port-in-use': 503,
  'address-unavailable': 503,
} as const;

export type Code = keyof typeof STATUS;

export interface ErrorOptions {
  /** What led to it; shown in logs, never in a response. */
  cause?: unknown;
  /** Facts for programs, shown in the response: `{ file, line, column }`, `{ key, nearest }`, `{ revision }`… Never secrets. */
  details?: Record<string, unknown>;
}

/** An error with a stable code. `message` says what could not be done, where, and the way out. */
export class BrinkError extends Error {
  readonly code: Code;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: Code, message: string, options: ErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'BrinkError';
    this.code = code;
    this.details = options.details;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/** Whether the state could not be reached. What was to be written may be there or not. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof BrinkError && error.code === 'store-unavailable';
}

/** The error as it is, or wrapped as `internal`, so that what a stranger threw never reaches a client. */
export function toBrinkError(error: unknown): BrinkError {
  return error instanceof BrinkError ? error : new BrinkError('internal', 'The host could not finish this.', { cause: error });
}
