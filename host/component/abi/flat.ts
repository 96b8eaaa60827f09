import type { Codec } from './codec.ts';
import { layoutOf, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, type Layout } from './layout.ts';
import { Misfit, within } from './misfit.ts';
import { allocate, memoryOf } from './target.ts';

export { MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from './layout.ts';

/** The parameters of a function: flat, and as the tuple that they are in memory. */
export interface Params extends Layout {
  readonly codecs: readonly Codec[];
  /** For error messages. */
  readonly names: readonly string[];
  /** What `lowerParams` returns. */
  readonly lowered: unknown[];
}

export function paramsOf(codecs: readonly Codec[], names: readonly string[] = []): Params {
  const layout = layoutOf(codecs);
  const length = layout.flat.length > MAX_FLAT_PARAMS ? 1 : layout.flat.length;
  return { ...layout, codecs, names, lowered: Array.from({ length }, () => 0) };
}

/**
 * The arguments that a guest calls with.
 *
 * @param max how many may be flat: `MAX_FLAT_PARAMS` or `MAX_FLAT_ASYNC_PARAMS`
 */
export function liftParams(params: Params, flat: readonly unknown[], max: number): unknown[] {
  const { codecs, offsets, places } = params;
  const count = codecs.length;
  const values: unknown[] = [];
  if (params.flat.length <= max) {
    for (let index = 0; index < count; index += 1) values[index] = codecs[index]!.lift(flat, places[index]!);
  } else {
    const at = memoryOf(codecs[0]!.target).check(flat[0] as number, params.size, params.align);
    for (let index = 0; index < count; index += 1) values[index] = codecs[index]!.load(at + offsets[index]!);
  }
  return values;
}

/** The flat values to call a guest with. They last until the next call with the same `params`. */
export function lowerParams(params: Params, values: readonly unknown[]): readonly unknown[] {
  const { codecs, offsets, places, lowered } = params;
  const count = codecs.length;
  if (values.length !== count) throw new Misfit(`${count} arguments were wanted, and not ${values.length}`);
  let index = 0;
  try {
    if (params.flat.length <= MAX_FLAT_PARAMS) {
      for (; index < count; index += 1) codecs[index]!.lower(values[index], lowered, places[index]!);
    } else {
      const at = allocate(codecs[0]!.target, params.align, params.size);
      for (; index < count; index += 1) codecs[index]!.store(at + offsets[index]!, values[index]);
      lowered[0] = at;
    }
  } catch (error) {
    throw within(error, params.names[index] ?? `argument ${index + 1}`);
  }
  return lowered;
}

/** The result of a guest's function, from the core value that it returned. */
export function liftResult(result: Codec, flat: unknown): unknown {
  return liftValue(result, [flat], MAX_FLAT_RESULTS);
}

/** What a guest passes to `task.return`. */
export function liftFlat(result: Codec): (flat: readonly unknown[]) => unknown {
  return (flat) => liftValue(result, flat, MAX_FLAT_PARAMS);
}

/**
 * Gives a guest the result of its call.
 *
 * @param result null where the function has none
 * @param flat what it called with: the last is the pointer where a result goes that is not flat
 * @param max `MAX_FLAT_RESULTS`, or 0 for an asynchronous call
 * @returns the core function's result, if it has one
 */
export function lowerResult(result: Codec | null, value: unknown, flat: readonly unknown[], max: number): unknown {
  if (result === null) return undefined;
  const count = result.flat.length;
  try {
    if (count > max) {
      const at = memoryOf(result.target).check(flat[flat.length - 1] as number, result.size, result.align);
      result.store(at, value);
      return undefined;
    }
    const lowered: unknown[] = [0];
    result.lower(value, lowered, 0);
    return count === 0 ? undefined : lowered[0];
  } catch (error) {
    throw within(error, 'result');
  }
}

function liftValue(codec: Codec, flat: readonly unknown[], max: number): unknown {
  if (codec.flat.length <= max) return codec.lift(flat, 0);
  return codec.load(memoryOf(codec.target).check(flat[0] as number, codec.size, codec.align));
}
