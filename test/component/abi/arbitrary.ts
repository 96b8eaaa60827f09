import fc from 'fast-check';
import { ErrorContext } from '../../../host/component/abi/error-context.ts';
import type { PrimitiveKind } from '../../../host/component/plan.ts';
import { RESOURCES } from './fake-guest.ts';
import { labels, type Type } from './types.ts';

const PRIMITIVES: readonly PrimitiveKind[] = [
  ...(['bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64'] as const),
  ...(['f32', 'f64', 'char', 'string', 'error-context'] as const),
];

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);

/** Any type, a few levels deep. */
export const anyType: fc.Arbitrary<Type> = fc.letrec<{ type: Type; leaf: Type }>((tie) => ({
  leaf: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...PRIMITIVES).map((kind): Type => ({ kind })) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 70 }).map((count): Type => ({ kind: 'flags', labels: labels(count) })) },
    { weight: 1, arbitrary: fc.constantFrom(1, 2, 256, 257).map((count): Type => ({ kind: 'enum', labels: labels(count) })) },
    {
      weight: 1,
      arbitrary: fc
        .record({ kind: fc.constantFrom('own' as const, 'borrow' as const), resource: fc.nat(RESOURCES.length - 1) })
        .map((type): Type => type),
    },
    { weight: 1, arbitrary: fc.constantFrom<Type>({ kind: 'stream', element: { kind: 'u8' } }, { kind: 'future', element: null }) },
  ),
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('type'), { minLength: 1, maxLength: 5 }).map((types): Type => ({
      kind: 'record',
      fields: types.map((field, index) => [names(types.length)[index]!, field] as const),
    })),
    fc.array(tie('type'), { minLength: 1, maxLength: 5 }).map((items): Type => ({ kind: 'tuple', items })),
    fc.array(fc.option(tie('type')), { minLength: 1, maxLength: 5 }).map((types): Type => ({
      kind: 'variant',
      cases: types.map((value, index) => [names(types.length)[index]!, value] as const),
    })),
    tie('type').map((element): Type => ({ kind: 'list', element })),
    fc.tuple(tie('type'), fc.integer({ min: 1, max: 5 })).map(([element, length]): Type => ({ kind: 'list', element, length })),
    fc.tuple(tie('leaf'), tie('type')).map(([key, value]): Type => ({ kind: 'map', key, value })),
    tie('type').map((some): Type => ({ kind: 'option', some })),
    fc.tuple(fc.option(tie('type')), fc.option(tie('type'))).map(([ok, error]): Type => ({ kind: 'result', ok, error })),
  ),
})).type;

/** Any value of a type, as the host has it. */
export function anyValue(type: Type): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean();
    case 'u8':
    case 'u16':
    case 'u32':
      return fc.integer({ min: 0, max: 2 ** Number(type.kind.slice(1)) - 1 });
    case 's8':
    case 's16':
    case 's32':
      return fc.integer({ min: -(2 ** (Number(type.kind.slice(1)) - 1)), max: 2 ** (Number(type.kind.slice(1)) - 1) - 1 });
    case 'u64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 's64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'f32':
      return fc.float();
    case 'f64':
      return fc.double();
    case 'char':
      return fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
    case 'string':
      return fc.oneof(fc.string({ maxLength: 50 }), fc.string({ unit: 'binary' }), latin1);
    case 'error-context':
      return fc.string().map((message) => new ErrorContext(message));
    case 'record':
      return fc.record(Object.fromEntries(type.fields.map(([name, field]) => [name, anyValue(field)])), { noNullPrototype: true });
    case 'tuple':
      return fc.tuple(...type.items.map(anyValue));
    case 'variant':
      return fc.oneof(...type.cases.map(([tag, value]) => tagged(tag, value)));
    case 'enum':
      return fc.constantFrom(...type.labels);
    case 'flags':
      return fc.record(Object.fromEntries(type.labels.map((label) => [label, fc.boolean()])), { noNullPrototype: true });
    case 'list': {
      const size = type.length === undefined ? { maxLength: 6 } : { minLength: type.length, maxLength: type.length };
      return type.element.kind === 'u8'
        ? fc.uint8Array(size).map((bytes) => Uint8Array.from(bytes))
        : fc.array(anyValue(type.element), size);
    }
    case 'map':
      return fc.array(fc.tuple(anyValue(type.key), anyValue(type.value)), { maxLength: 4 });
    case 'option':
      if (type.some.kind === 'option') return fc.oneof(tagged('none', null), tagged('some', type.some));
      return fc.option(anyValue(type.some), { nil: undefined });
    case 'result':
      return fc.oneof(tagged('ok', type.ok), tagged('err', type.error));
    case 'own':
    case 'borrow': {
      const { resource } = type;
      if (RESOURCES[resource]!.kind === 'imported') return fc.nat().map((id) => ({ id }));
      return fc.integer({ min: 0, max: 2 ** 31 - 1 }).map((rep) => ({ resource, rep }));
    }
    case 'stream':
    case 'future':
      return fc.nat().map((id) => ({ id }));
  }
}

const latin1 = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 }).map((codes) => String.fromCharCode(...codes));

function tagged(tag: string, value: Type | null): fc.Arbitrary<unknown> {
  return (value === null ? fc.constant(undefined) : anyValue(value)).map((val) => ({ tag, val }));
}
