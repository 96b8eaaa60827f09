import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Codec } from '../../../host/component/abi/codec.ts';
import { anyType, anyValue } from './arbitrary.ts';
import { FakeGuest, type FakeOptions } from './fake-guest.ts';
import { alignment, elemSize, flattenType, type Flat } from './model-layout.ts';
import { liftFlat, load, lowerFlat, store } from './model.ts';
import { typesOf, type Type } from './types.ts';

const RUNS = { numRuns: 400, seed: 1 };

const typeAndValue = anyType.chain((type) => fc.tuple(fc.constant(type), anyValue(type)));
const options: fc.Arbitrary<FakeOptions> = fc.record({
  encoding: fc.constantFrom('utf8' as const, 'utf16' as const, 'latin1+utf16' as const),
  grows: fc.boolean(),
});

describe('codecs against a model of the canonical ABI', () => {
  it('agree on size, alignment and flat types', () => {
    fc.assert(
      fc.property(anyType, (type) => {
        const { codec } = guestOf(type);
        expect([codec.size, codec.align, codec.flat]).toEqual([elemSize(type), alignment(type), flattenType(type).slice(0, 17)]);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('store what the model loads', () => {
    fc.assert(
      fc.property(typeAndValue, options, ([type, value], how) => {
        const { guest, codec } = guestOf(type, how);
        const at = guest.allocate(codec.align, codec.size);
        codec.store(at, value);
        expect(load(guest, at, type)).toEqual(value);
      }),
      RUNS,
    );
  });

  it('load what the model stores', () => {
    fc.assert(
      fc.property(typeAndValue, options, ([type, value], how) => {
        const { guest, codec } = guestOf(type, how);
        const at = guest.allocate(codec.align, codec.size);
        store(guest, value, type, at);
        guest.memory.refresh();
        expect(codec.load(at)).toEqual(value);
      }),
      RUNS,
    );
  });

  it('lower what the model lifts', () => {
    fc.assert(
      fc.property(typeAndValue, options, ([type, value], how) => {
        const { guest, codec } = guestOf(type, how);
        fc.pre(codec.flat.length <= 16);
        const flat = Array.from<unknown, unknown>({ length: codec.flat.length + 2 }, () => 'untouched');
        codec.lower(value, flat, 1);
        expect([flat[0], flat.at(-1)]).toEqual(['untouched', 'untouched']);
        const core = flat.slice(1, -1);
        let place = 0;
        const next = (want: Flat) => {
          expect(codec.flat[place]).toBe(want);
          const item = core[place++];
          return want === 'i32' ? BigInt((item as number) >>> 0) : want === 'i64' ? BigInt.asUintN(64, item as bigint) : (item as number);
        };
        expect(liftFlat(guest, next, type)).toEqual(value);
        expect(place).toBe(core.length);
      }),
      RUNS,
    );
  });

  it('lift what the model lowers', () => {
    fc.assert(
      fc.property(typeAndValue, options, ([type, value], how) => {
        const { guest, codec } = guestOf(type, how);
        fc.pre(codec.flat.length <= 16);
        const flat = lowerFlat(guest, value, type).map((item, place) => asCore(item, codec.flat[place]!));
        guest.memory.refresh();
        expect(codec.lift([0, ...flat], 1)).toEqual(value);
      }),
      RUNS,
    );
  });
});

/** As wasm passes it to JavaScript: integers are signed there. */
function asCore(item: bigint | number, type: Flat): unknown {
  return type === 'i32' ? Number(BigInt.asIntN(32, item as bigint)) : type === 'i64' ? BigInt.asIntN(64, item as bigint) : item;
}

function guestOf(type: Type, how: FakeOptions = {}): { guest: FakeGuest; codec: Codec } {
  const { types, index } = typesOf(type);
  const guest = new FakeGuest(types, how);
  return { guest, codec: guest.codecs(index) };
}
