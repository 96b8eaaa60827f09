import type { ValueType } from '../plan.ts';
import { caseOf, enumeration, option, variant } from './cases.ts';
import type { Form, Forms } from './form.ts';
import type { Leaf, Notation } from './leaves.ts';
import { list, map, ofLength, tuple } from './lists.ts';
import { fieldOf, flags, record } from './objects.ts';

/** The forms of a plan's types, each made when it is first asked for. Types with handles have none. */
export function createForms(types: readonly ValueType[], notation: Notation): Forms {
  const made: (Form | undefined)[] = [];
  const forms: Forms = (type) => (made[type] ??= make(types, type, { notation, forms }));
  return forms;
}

interface Making {
  readonly notation: Notation;
  readonly forms: Forms;
}

function make(types: readonly ValueType[], index: number, { notation, forms }: Making): Form {
  const type = types[index]!;
  const maybe = (of: number | null) => (of === null ? null : forms(of));
  switch (type.kind) {
    case 'record':
      return record(type.fields.map(([name, of]) => fieldOf(types, name, of, forms)));
    case 'tuple':
      return tuple(type.items.map(forms));
    case 'variant':
      return variant(type.cases.map(([name, of]) => caseOf(types, name, of, maybe)));
    case 'result':
      return variant([caseOf(types, 'ok', type.ok, maybe), caseOf(types, 'err', type.error, maybe)]);
    case 'enum':
      return enumeration(type.labels);
    case 'flags':
      return flags(type.labels);
    case 'option':
      // Of an option of an option nothing would say which of them is none.
      if (types[type.some]!.kind === 'option')
        return variant([caseOf(types, 'none', null, maybe), caseOf(types, 'some', type.some, maybe)]);
      return option(forms(type.some), notation.none);
    case 'list': {
      const isBytes = types[type.element]!.kind === 'u8';
      return ofLength(isBytes ? notation.leaves.bytes : list(forms(type.element)), type.length, isBytes ? 'bytes' : 'items');
    }
    case 'map':
      return map(notation.keyOf(types[type.key]!.kind as Leaf), forms(type.value), notation);
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
    case 'error-context':
      throw new TypeError(`A value of type ${type.kind} has no form outside of a component.`);
    default:
      return notation.leaves[type.kind];
  }
}
