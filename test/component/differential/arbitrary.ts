import fc from 'fast-check';
import { anyType, anyValue } from '../abi/arbitrary.ts';
import { elemSize } from '../abi/model-layout.ts';
import type { Type } from '../abi/types.ts';

/** A type, values of it, and bytes that are read as if they were one. */
export interface Sample {
  readonly type: Type;
  readonly values: readonly unknown[];
  readonly raw: readonly Uint8Array<ArrayBuffer>[];
}

/** Any type that both can do: jco has none of WASI 0.3's yet, no map or list of fixed length, and flags up to 32. */
export const anySample: fc.Arbitrary<Sample> = anyType.map(common).chain((type) =>
  fc.record({
    type: fc.constant(type),
    values: fc.array(anyValue(type), { minLength: 1, maxLength: 3 }),
    raw: fc.array(bytesFor(type), { maxLength: 3 }),
  }),
);

function common(type: Type): Type {
  switch (type.kind) {
    case 'error-context':
      return { kind: 'string' };
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
      return { kind: 'u32' };
    case 'flags':
      return { kind: 'flags', labels: type.labels.slice(0, 32) };
    case 'map':
      return { kind: 'list', element: { kind: 'tuple', items: [common(type.key), common(type.value)] } };
    case 'list':
      return { kind: 'list', element: common(type.element) };
    case 'record':
      return { kind: 'record', fields: type.fields.map(([name, field]) => [name, common(field)] as const) };
    case 'variant':
      return { kind: 'variant', cases: type.cases.map(([name, value]) => [name, value === null ? null : common(value)] as const) };
    case 'tuple':
      return { kind: 'tuple', items: type.items.map(common) };
    case 'option':
      return { kind: 'option', some: common(type.some) };
    case 'result':
      return { kind: 'result', ok: type.ok && common(type.ok), error: type.error && common(type.error) };
    default:
      return type;
  }
}

/** Where the guest has the bytes that it is given. */
const GIVEN = 16_384;

/** Small numbers mostly, so that some of them are lengths, pointers and cases that exist. */
function bytesFor(type: Type): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const size = elemSize(type);
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.nat(3) },
    { weight: 2, arbitrary: fc.integer({ min: GIVEN, max: GIVEN + 15 }) },
    { weight: 2, arbitrary: fc.nat(255) },
    { weight: 1, arbitrary: fc.constantFrom(0xffffffff, 0x7fffffff, 0x10000, 0x80, 0xd800) },
  );
  return fc.array(word, { minLength: Math.ceil(size / 4), maxLength: Math.ceil(size / 4) }).map((words) => {
    const bytes = new Uint8Array(new Uint32Array(words).buffer);
    return bytes.slice(0, size);
  });
}
