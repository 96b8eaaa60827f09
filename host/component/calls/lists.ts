import { badInput, BadInput, within } from './bad-input.ts';
import type { Form } from './form.ts';
import type { Notation } from './leaves.ts';

export function tuple(forms: readonly Form[]): Form {
  return {
    plain: false,
    read(value) {
      if (!Array.isArray(value) || value.length !== forms.length) throw badInput(`a list of ${forms.length}`, value);
      return forms.map((form, index) => readAt(form, value, index));
    },
    write: (value) => forms.map((form, index) => form.write((value as unknown[])[index])),
  };
}

export function list(element: Form): Form {
  const { write, plain } = element;
  return {
    plain,
    read(value) {
      if (!Array.isArray(value)) throw badInput('a list', value);
      const items: unknown[] = [];
      for (let index = 0; index < value.length; index += 1) items.push(readAt(element, value, index));
      return items;
    },
    write: plain ? (value) => value : (value) => (value as unknown[]).map(write),
  };
}

function readAt(form: Form, value: unknown[], index: number): unknown {
  try {
    return form.read(value[index]);
  } catch (error) {
    throw within(error, index);
  }
}

/** A list of fixed length. */
export function ofLength(form: Form, length: number | undefined, of: string): Form {
  if (length === undefined) return form;
  return {
    ...form,
    read(value) {
      const items = form.read(value) as { readonly length: number };
      if (items.length !== length) throw new BadInput(`${length} ${of} are wanted, and not ${items.length}`);
      return items;
    },
  };
}

export function map(key: Form, value: Form, notation: Notation): Form {
  return {
    plain: false,
    read: (given) =>
      notation.entriesOf(given).map(([name, item]) => {
        try {
          return [key.read(name), value.read(item)];
        } catch (error) {
          throw within(error, String(name));
        }
      }),
    write: (entries) =>
      notation.mapOf((entries as (readonly [unknown, unknown])[]).map(([name, item]) => [key.write(name), value.write(item)])),
  };
}
