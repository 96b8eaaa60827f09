import { err, type Err } from '../values/result.ts';
import { IoError } from './error.ts';

/** `stream-error` of wasi:io. */
export type StreamError = { readonly tag: 'last-operation-failed'; readonly val: IoError } | { readonly tag: 'closed' };

export const CLOSED: Err<StreamError> = err({ tag: 'closed' });

export function failed(cause: unknown): Err<StreamError> {
  return err({ tag: 'last-operation-failed', val: new IoError(cause) });
}
