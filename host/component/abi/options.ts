import { Trap } from '../trap.ts';
import { casesOf } from './cases.ts';
import type { Codec } from './codec.ts';
import { alignTo, cut } from './layout.ts';
import { misfit, within } from './misfit.ts';
import { variant } from './variants.ts';
import type { AbiTarget } from './target.ts';

/** The value or undefined; an option of an option is `{ tag, val }`, as undefined would not say which of them it is. */
export function option(some: Codec, nested: boolean, target: AbiTarget): Codec {
  if (nested) return variant(['none', 'some'], [null, some], target);
  const memory = target.memory!;
  const offset = some.align;
  const zeros = some.flat.map((type) => (type === 'i64' ? 0n : 0));
  const isSome = (which: number) => {
    if (which > 1) throw new Trap(`An option of the guest is neither none nor some: ${which}.`);
    return which === 1;
  };
  return {
    size: alignTo(offset + some.size, some.align),
    align: some.align,
    flat: cut(['i32', ...some.flat]),
    load: (at) => (isSome(memory.u8[at]!) ? some.load(at + offset) : undefined),
    store: (at, value) => {
      memory.u8[at] = value === undefined ? 0 : 1;
      if (value !== undefined) some.store(at + offset, value);
    },
    lift: (flat, at) => (isSome((flat[at] as number) >>> 0) ? some.lift(flat, at + 1) : undefined),
    lower: (value, flat, at) => {
      if (value === undefined) {
        flat[at] = 0;
        for (let place = 0; place < zeros.length; place += 1) flat[at + 1 + place] = zeros[place];
      } else {
        flat[at] = 1;
        some.lower(value, flat, at + 1);
      }
    },
    target,
  };
}

const OK = 0;
const ERR = 1;

interface Side {
  readonly val: unknown;
}

/** `{ tag: 'ok', val }` or `{ tag: 'err', val }`, where the `val` of a side without a value is undefined. */
export function result(ok: Codec | null, err: Codec | null, target: AbiTarget): Codec {
  const cases = casesOf([ok, err], target);
  const { size, align, flat: types, offset } = cases;
  return {
    size,
    align,
    flat: types,
    load: (at) =>
      cases.loadCase(at) === OK
        ? { tag: 'ok', val: ok === null ? undefined : ok.load(at + offset) }
        : { tag: 'err', val: err === null ? undefined : err.load(at + offset) },
    store: (at, value) => {
      const which = sideOf(value);
      cases.storeCase(at, which);
      try {
        (which === OK ? ok : err)?.store(at + offset, (value as Side).val);
      } catch (error) {
        throw within(error, which === OK ? 'ok' : 'err');
      }
    },
    lift: (flat, at) =>
      cases.liftCase(flat, at) === OK
        ? { tag: 'ok', val: ok === null ? undefined : cases.liftValue(OK, flat, at) }
        : { tag: 'err', val: err === null ? undefined : cases.liftValue(ERR, flat, at) },
    lower: (value, flat, at) => {
      const which = sideOf(value);
      try {
        cases.lower(which, (value as Side).val, flat, at);
      } catch (error) {
        throw within(error, which === OK ? 'ok' : 'err');
      }
    },
    target,
  };
}

function sideOf(value: unknown): number {
  if (typeof value === 'object' && value !== null) {
    const { tag } = value as { readonly tag?: unknown };
    if (tag === 'ok') return OK;
    if (tag === 'err') return ERR;
  }
  throw misfit("{ tag: 'ok', val } or { tag: 'err', val } for result", value);
}
