import { err, type Err } from '../values/result.ts';

/** The error codes of wasi:filesystem that this one gives; an enum in 0.2, cases of a variant in 0.3. */
export type FsCode =
  | 'bad-descriptor'
  | 'busy'
  | 'cross-device'
  | 'exist'
  | 'file-too-large'
  | 'insufficient-space'
  | 'invalid'
  | 'is-directory'
  | 'loop'
  | 'name-too-long'
  | 'no-entry'
  | 'not-directory'
  | 'not-empty'
  | 'not-permitted'
  | 'read-only'
  | 'unsupported';

const made = new Map<FsCode, Err<FsCode>>();

export function fail(code: FsCode): Err<FsCode> {
  let error = made.get(code);
  if (error === undefined) made.set(code, (error = err(code)));
  return error;
}
