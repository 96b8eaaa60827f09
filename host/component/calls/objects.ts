import type { ValueType } from '../plan.ts';
import { badInput, BadInput, within } from './bad-input.ts';
import type { Form, Forms } from './form.ts';
import { camelCase, listed } from './labels.ts';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly optional: boolean;
  readonly form: Form;
}

export function fieldOf(types: readonly ValueType[], label: string, type: number, forms: Forms): Field {
  return { name: camelCase(label), label, optional: isOption(types, type), form: forms(type) };
}

/** Whether nothing at all stands for none. */
export function isOption(types: readonly ValueType[], index: number): boolean {
  const type = types[index]!;
  return type.kind === 'option' && types[type.some]!.kind !== 'option';
}

/** The fields of an object, in their order. @throws {BadInput} */
export function readFields(fields: readonly Field[], value: unknown): unknown[] {
  const object = objectOf(value);
  const values: unknown[] = [];
  let known = 0;
  for (const { name, optional, form } of fields) {
    const there = Object.hasOwn(object, name);
    if (there) known += 1;
    else if (!optional) throw new BadInput('it is missing').within(name);
    try {
      values.push(there ? form.read(object[name]) : undefined);
    } catch (error) {
      throw within(error, name);
    }
  }
  if (Object.keys(object).length !== known) throw unknownKey(object, fields);
  return values;
}

function unknownKey(object: object, fields: readonly Field[]): BadInput {
  const names = fields.map(({ name }) => name);
  const key = Object.keys(object).find((each) => !names.includes(each))!;
  return new BadInput(`it is not known; there ${names.length === 0 ? 'is nothing' : `is ${listed(names)}`}`).within(key);
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw badInput('an object', value);
}

export function record(fields: readonly Field[]): Form {
  return {
    plain: false,
    read(value) {
      const values = readFields(fields, value);
      return Object.fromEntries(fields.map(({ label }, index) => [label, values[index]]));
    },
    write(value) {
      const written: Record<string, unknown> = {};
      for (const { name, label, form } of fields) {
        const field = form.write((value as Record<string, unknown>)[label]);
        // An option that is none is left out.
        if (field !== undefined && field !== null) written[name] = field;
      }
      return written;
    },
  };
}

/** Booleans by the labels; one that is left out is false. */
export function flags(labels: readonly string[]): Form {
  const names = labels.map(camelCase);
  const known = new Set(names);
  return {
    plain: false,
    read(value) {
      const object = objectOf(value);
      const unknown = Object.keys(object).find((key) => !known.has(key));
      if (unknown !== undefined) throw new BadInput(`it is not known; there is ${listed(names)}`).within(unknown);
      return Object.fromEntries(labels.map((label, index) => [label, flagOf(object, names[index]!)]));
    },
    write: (value) => Object.fromEntries(labels.map((label, index) => [names[index]!, (value as Record<string, boolean>)[label]!])),
  };
}

function flagOf(object: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = Object.hasOwn(object, name) ? object[name] : false;
  if (typeof value === 'boolean') return value;
  throw badInput('true or false', value).within(name);
}
