import type { AbiTarget } from './target.ts';

export type FlatType = 'i32' | 'i64' | 'f32' | 'f64';

/**
 * How values of one type go in and out of one guest, made once per instance. Lifting takes nothing on trust but the
 * range of `at`, which the caller has checked; lowering throws a `TypeError` for a value that does not fit.
 */
export interface Codec {
  /** In memory, in bytes. */
  readonly size: number;
  readonly align: number;
  /** Cut off after 17: more than 16 never pass but through memory, and a small type can have a great many. */
  readonly flat: readonly FlatType[];
  load(at: number): unknown;
  /** May let the guest allocate, and its memory grow. */
  store(at: number, value: unknown): void;
  /** Reads `flat[at…at + flat.length)`, as core wasm passes them: numbers, and bigints for i64. */
  lift(flat: readonly unknown[], at: number): unknown;
  /** Writes `flat[at…at + flat.length)`. */
  lower(value: unknown, flat: unknown[], at: number): void;
  readonly target: AbiTarget;
}

export type Codecs = (type: number) => Codec;
