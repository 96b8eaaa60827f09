export type Result<T, E> = Ok<T> | Err<E>;

export interface Ok<T> {
  readonly tag: 'ok';
  readonly val: T;
}

export interface Err<E> {
  readonly tag: 'err';
  readonly val: E;
}

/** A result without a value: `result`, or `result<_, …>`. */
export const OK: Ok<undefined> = { tag: 'ok', val: undefined };
export const ERR: Err<undefined> = { tag: 'err', val: undefined };

export function ok<T>(val: T): Ok<T> {
  return { tag: 'ok', val };
}

export function err<E>(val: E): Err<E> {
  return { tag: 'err', val };
}
