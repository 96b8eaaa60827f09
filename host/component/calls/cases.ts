import type { ValueType } from '../plan.ts';
import { badInput, BadInput, within } from './bad-input.ts';
import type { Form } from './form.ts';
import { listed } from './labels.ts';
import { isOption, objectOf } from './objects.ts';

export interface Case {
  readonly label: string;
  readonly optional: boolean;
  /** Null where the case has no value. */
  readonly form: Form | null;
}

export function caseOf(types: readonly ValueType[], label: string, type: number | null, maybe: (of: number | null) => Form | null): Case {
  return { label, optional: type !== null && isOption(types, type), form: maybe(type) };
}

/** `{ tag, val }`, without `val` where the case has no value. */
export function variant(cases: readonly Case[]): Form {
  const byLabel = new Map(cases.map((each) => [each.label, each]));
  const labels = cases.map(({ label }) => label);
  return {
    plain: false,
    read(value) {
      const object = objectOf(value);
      const { tag } = object;
      const found = typeof tag === 'string' && Object.hasOwn(object, 'tag') ? byLabel.get(tag) : undefined;
      if (found === undefined) throw badInput(`one of ${listed(labels)}`, tag).within('tag');
      const given = Object.keys(object);
      const unknown = given.find((key) => key !== 'tag' && (key !== 'val' || (found.form === null && object['val'] !== undefined)));
      if (unknown !== undefined) throw new BadInput(`it is not known; ${tagged(found)}`).within(unknown);
      if (found.form === null) return { tag, val: undefined };
      if (!given.includes('val') && !found.optional) throw new BadInput('it is missing').within('val');
      try {
        return { tag, val: found.form.read(object['val']) };
      } catch (error) {
        throw within(error, 'val');
      }
    },
    write(value) {
      const { tag, val } = value as { tag: string; val: unknown };
      const { form } = byLabel.get(tag)!;
      const written = form === null ? undefined : form.write(val);
      return written === undefined || written === null ? { tag } : { tag, val: written };
    },
  };
}

function tagged({ label, form }: Case): string {
  return `${label} has ${form === null ? 'no value' : 'tag and val'}`;
}

export function enumeration(labels: readonly string[]): Form {
  const known = new Set<unknown>(labels);
  return {
    plain: true,
    read(value) {
      if (known.has(value)) return value;
      throw badInput(`one of ${listed(labels)}`, value);
    },
    write: (value) => value,
  };
}

/** Null or nothing for none. `none`: what stands for it. */
export function option(some: Form, none: null | undefined): Form {
  return {
    plain: false,
    read: (value) => (value === undefined || value === null ? undefined : some.read(value)),
    write: (value) => (value === undefined ? none : some.write(value)),
  };
}
