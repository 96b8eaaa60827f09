import { casesOf } from './cases.ts';
import type { Codec } from './codec.ts';
import { misfit, within } from './misfit.ts';
import type { AbiTarget } from './target.ts';

interface Tagged {
  readonly tag: string;
  readonly val: unknown;
}

/** `{ tag, val }`, where `val` of a case without a value is undefined. */
export function variant(names: readonly string[], codecs: readonly (Codec | null)[], target: AbiTarget): Codec {
  const cases = casesOf(codecs, target);
  const { size, align, flat: types, offset } = cases;
  const places = new Map(names.map((name, which) => [name, which]));
  const caseOf = (value: unknown) => {
    const which = typeof value === 'object' && value !== null ? places.get((value as Tagged).tag) : undefined;
    if (which === undefined) throw misfit(`{ tag, val } with a tag of ${listed(names)}`, tagOf(value));
    return which;
  };
  return {
    size,
    align,
    flat: types,
    load: (at) => {
      const which = cases.loadCase(at);
      const codec = codecs[which]!;
      return { tag: names[which]!, val: codec === null ? undefined : codec.load(at + offset) };
    },
    store: (at, value) => {
      const which = caseOf(value);
      const codec = codecs[which]!;
      cases.storeCase(at, which);
      if (codec === null) return;
      try {
        codec.store(at + offset, (value as Tagged).val);
      } catch (error) {
        throw within(error, names[which]!);
      }
    },
    lift: (flat, at) => {
      const which = cases.liftCase(flat, at);
      return { tag: names[which]!, val: codecs[which] === null ? undefined : cases.liftValue(which, flat, at) };
    },
    lower: (value, flat, at) => {
      const which = caseOf(value);
      try {
        cases.lower(which, (value as Tagged).val, flat, at);
      } catch (error) {
        throw within(error, names[which]!);
      }
    },
    target,
  };
}

/** The label itself. */
export function enumeration(labels: readonly string[], target: AbiTarget): Codec {
  const cases = casesOf(
    labels.map(() => null),
    target,
  );
  const { size, align, flat: types } = cases;
  const places = new Map(labels.map((label, which) => [label, which]));
  const caseOf = (value: unknown) => {
    const which = places.get(value as string);
    if (which === undefined) throw misfit(`enum of ${listed(labels)}`, value);
    return which;
  };
  return {
    size,
    align,
    flat: types,
    load: (at) => labels[cases.loadCase(at)],
    store: (at, value) => cases.storeCase(at, caseOf(value)),
    lift: (flat, at) => labels[cases.liftCase(flat, at)],
    lower: (value, flat, at) => void (flat[at] = caseOf(value)),
    target,
  };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown}, …` : shown;
}

function tagOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'tag' in value ? value.tag : value;
}
