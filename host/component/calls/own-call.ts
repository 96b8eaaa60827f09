import type { Plan } from '../plan.ts';
import type { OwnExport } from './exports.ts';
import type { Form, Forms } from './form.ts';
import { createForms } from './forms.ts';
import type { Notation } from './leaves.ts';
import { fieldOf, readFields } from './objects.ts';

/** How one of a component's own functions is called in one notation. */
export interface OwnCall extends OwnExport {
  /** The arguments, from an object of parameters. @throws {BadInput} */
  args(parameters: unknown): unknown[];
  outcome(value: unknown): Outcome;
}

/** `failed`: the function has a result, and it is an error. */
export interface Outcome {
  readonly failed: boolean;
  /** None where there is nothing to tell. */
  readonly value: unknown;
}

interface Result {
  readonly tag: 'ok' | 'err';
  readonly val: unknown;
}

/** @param exports that can be called */
export function ownCalls({ types }: Pick<Plan, 'types'>, exports: readonly OwnExport[], notation: Notation): readonly OwnCall[] {
  const forms = createForms(types, notation);
  return exports.map((each) => {
    const { params, result } = each.signature;
    const fields = lazy(() => params.map(([label, type]) => fieldOf(types, label, type, forms)));
    return {
      ...each,
      args: (parameters) => readFields(fields(), parameters),
      outcome: outcomeOf({ types, forms, none: notation.none }, result),
    };
  });
}

interface Types {
  readonly types: Plan['types'];
  readonly forms: Forms;
  readonly none: null | undefined;
}

/** A result at the top is no value: it is whether the call has failed. */
function outcomeOf({ types, forms, none }: Types, result: number | null): OwnCall['outcome'] {
  if (result === null) return () => ({ failed: false, value: none });
  const type = types[result]!;
  if (type.kind !== 'result') {
    const form = lazy(() => forms(result));
    return (value) => ({ failed: false, value: form().write(value) });
  }
  const side = (of: number | null): (() => Form | null) => lazy(() => (of === null ? null : forms(of)));
  const [ok, error] = [side(type.ok), side(type.error)];
  return (value) => {
    const { tag, val } = value as Result;
    const form = (tag === 'ok' ? ok : error)();
    return { failed: tag === 'err', value: form === null ? none : form.write(val) };
  };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
