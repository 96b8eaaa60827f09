import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInput } from '../../../host/component/calls/bad-input.ts';
import type { Form } from '../../../host/component/calls/form.ts';
import { createForms } from '../../../host/component/calls/forms.ts';
import { JSON_NOTATION, VALUE_NOTATION, type Notation } from '../../../host/component/calls/leaves.ts';
import { anyType, anyValue } from '../abi/arbitrary.ts';
import { list, option, t, typesOf, type Type } from '../abi/types.ts';

const KEYS: ReadonlySet<string> = new Set(['bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'char', 'string']);

/** Any type that has a place in JSON. */
const anyPlainType = anyType.map(plain);
const typeAndValue = anyPlainType.chain((type) =>
  fc.tuple(
    fc.constant(type),
    anyValue(type).map((value) => settled(type, value)),
  ),
);

describe('forms', () => {
  it('JSON gives back every value of every type', () => {
    fc.assert(
      fc.property(typeAndValue, ([type, value]) => {
        const { read, write } = formOf(type);
        expect(read(JSON.parse(JSON.stringify(write(value))))).toEqual(value);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('structured clones give back every value of every type', () => {
    fc.assert(
      fc.property(typeAndValue, ([type, value]) => {
        const { read, write } = formOf(type, VALUE_NOTATION);
        expect(read(structuredClone(write(value)))).toEqual(value);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it('any JSON is read or refused with a place that is in it', () => {
    fc.assert(
      fc.property(anyPlainType, fc.jsonValue({ depthSize: 'medium' }), (type, json) => {
        try {
          formOf(type).read(json);
        } catch (error) {
          if (!(error instanceof BadInput)) throw error;
          expect(error.pointer).toMatch(/^(?:\/[^/]*)*$/);
        }
      }),
      { numRuns: 2_000, seed: 3 },
    );
  });

  it('what was JSON of one type is read or refused as one of another', () => {
    fc.assert(
      fc.property(typeAndValue, anyPlainType, ([type, value], other) => {
        const json: unknown = JSON.parse(JSON.stringify(formOf(type).write(value)));
        try {
          formOf(other).read(json);
        } catch (error) {
          if (!(error instanceof BadInput)) throw error;
        }
      }),
      { numRuns: 1_000, seed: 4 },
    );
  });

  it.each<[Type, unknown, unknown]>([
    [{ kind: 'map', key: t('string'), value: t('u8') }, { __proto__: null, a: 1 }, [['a', 1]]],
    [{ kind: 'map', key: t('u32'), value: t('bool') }, { 7: true }, [[7, true]]],
    [{ kind: 'map', key: t('s64'), value: t('bool') }, { '-7': true }, [[-7n, true]]],
    [{ kind: 'map', key: t('bool'), value: t('bool') }, { true: false }, [[true, false]]],
    [list(t('u8'), 3), 'AQID', new Uint8Array([1, 2, 3])],
    [list(t('u16'), 2), [1, 2], [1, 2]],
    [list(option(t('u8'))), [null, 1], [undefined, 1]],
  ])('%j reads %j', (type, json, value) => expect(formOf(type).read(json)).toEqual(value));

  it.each<[Type, unknown, string]>([
    [{ kind: 'map', key: t('u32'), value: t('bool') }, { '07': true }, '/07'],
    [{ kind: 'map', key: t('u8'), value: t('bool') }, { 256: true }, '/256'],
    [{ kind: 'map', key: t('bool'), value: t('bool') }, { yes: true }, '/yes'],
    [{ kind: 'map', key: t('string'), value: t('bool') }, [['a', true]], ''],
    [list(t('u8'), 3), 'AQI=', ''],
    [list(t('u16'), 2), [1, 2, 3], ''],
  ])('%j refuses %j', (type, json, pointer) => {
    expect(() => formOf(type).read(json)).toThrow(expect.objectContaining({ name: 'BadInput', pointer }) as Error);
  });

  it('a map may have the key __proto__', () => {
    const { read, write } = formOf({ kind: 'map', key: t('string'), value: t('u8') });
    const text = JSON.stringify(write([['__proto__', 1]]));
    expect(text).toBe('{"__proto__":1}');
    expect(read(JSON.parse(text))).toEqual([['__proto__', 1]]);
  });
});

function formOf(type: Type, notation: Notation = JSON_NOTATION): Form {
  const { types, index } = typesOf(type);
  return createForms(types, notation)(index);
}

function plain(type: Type): Type {
  switch (type.kind) {
    case 'error-context':
      return t('string');
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
      return t('u32');
    case 'record':
      return { kind: 'record', fields: type.fields.map(([name, field]) => [name, plain(field)] as const) };
    case 'variant':
      return { kind: 'variant', cases: type.cases.map(([name, value]) => [name, value && plain(value)] as const) };
    case 'list':
      return { ...type, element: plain(type.element) };
    case 'map':
      return { kind: 'map', key: KEYS.has(type.key.kind) ? type.key : t('string'), value: plain(type.value) };
    case 'tuple':
      return { kind: 'tuple', items: type.items.map(plain) };
    case 'option':
      return option(plain(type.some));
    case 'result':
      return { kind: 'result', ok: type.ok && plain(type.ok), error: type.error && plain(type.error) };
    default:
      return type;
  }
}

/** As JSON can give it back: it has no -0, and each key of an object once, those that are numbers first. */
function settled(type: Type, value: unknown): unknown {
  const inner = (of: Type | null) => (part: unknown) => (of === null ? part : settled(of, part));
  switch (type.kind) {
    case 'f32':
    case 'f64':
      return value === 0 ? 0 : value;
    case 'record': {
      const fields = value as Record<string, unknown>;
      return Object.fromEntries(type.fields.map(([name, field]) => [name, settled(field, fields[name])]));
    }
    case 'variant':
      return tagged(value, (tag) => inner(type.cases.find(([name]) => name === tag)![1]));
    case 'result':
      return tagged(value, (tag) => inner(tag === 'ok' ? type.ok : type.error));
    case 'option':
      if (type.some.kind === 'option') return tagged(value, (tag) => inner(tag === 'some' ? type.some : null));
      return value === undefined ? undefined : settled(type.some, value);
    case 'list':
      return type.element.kind === 'u8' ? value : (value as unknown[]).map(inner(type.element));
    case 'tuple':
      return type.items.map((item, index) => settled(item, (value as unknown[])[index]));
    case 'map': {
      const entries = (value as [unknown, unknown][]).map(([key, item]): [unknown, unknown] => [key, settled(type.value, item)]);
      return Object.values(Object.fromEntries(entries.map((entry) => [String(entry[0]), entry])));
    }
    default:
      return value;
  }
}

function tagged(value: unknown, inner: (tag: string) => (part: unknown) => unknown): unknown {
  const { tag, val } = value as { tag: string; val: unknown };
  return { tag, val: inner(tag)(val) };
}
