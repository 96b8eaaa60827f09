import type { BindingFailure } from './binding.ts';

/** What a function reads of a call that could not be done. Its name and code cross the border; other errors do not. */
export class BindingError extends Error {
  readonly code: string | undefined;

  constructor(message: string, { name = 'Error', code }: { name?: string; code?: string } = {}) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

/** The value of what came as JSON. @throws {BindingError} with this message where it is none */
export function jsonOf(text: string, message: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BindingError(message, { name: 'TypeError' });
  }
}

/** How an error is told to a cell: what is the host's own, such as a path, stays here. */
export function failureOf(error: unknown): BindingFailure {
  if (!(error instanceof BindingError))
    return { name: 'Error', message: 'The state of this binding cannot be reached now.', code: 'unavailable' };
  const { name, message, code } = error;
  return { name, message, ...(code !== undefined && { code }) };
}

/** The same in the cell: an error of the class that the function would expect. */
export function errorOf({ name, message, code }: BindingFailure): Error {
  const Class = name === 'TypeError' ? TypeError : name === 'RangeError' ? RangeError : Error;
  const error = new Class(message);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return code === undefined ? error : Object.assign(error, { code });
}
