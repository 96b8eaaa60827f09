/** What a caller is told of a call that failed. */
export interface CallFailure {
  /** `TypeError: …`, as an error's own text begins. */
  readonly text: string;
  /** Of the host's own errors. */
  readonly code?: string;
}

const ERRORS: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};
const DOM_ERRORS: ReadonlySet<string> = new Set([
  'AbortError',
  'TimeoutError',
  'DataCloneError',
  'DataError',
  'InvalidStateError',
  'InvalidAccessError',
  'NotFoundError',
  'NotSupportedError',
  'OperationError',
  'QuotaExceededError',
  'SyntaxError',
]);
const UNCAUGHT = 'Uncaught ';

/**
 * The error that the caller's code gets. As on Workers, those that JavaScript has keep their class; another's name goes
 * before its message, and of what is no error at all there is the text.
 */
export function errorOfFailure({ text, code }: CallFailure): Error {
  const error = errorOfText(text);
  return Object.assign(error, { remote: true }, code !== undefined && { code });
}

function errorOfText(text: string): Error {
  const colon = text.indexOf(': ');
  const [name, message] = colon === -1 ? ['', text] : [text.slice(0, colon), text.slice(colon + 2)];
  if (Object.hasOwn(ERRORS, name)) return new ERRORS[name]!(message);
  if (DOM_ERRORS.has(name)) return new DOMException(message, name);
  return new Error(text.startsWith(UNCAUGHT) ? text.slice(UNCAUGHT.length) : text);
}
