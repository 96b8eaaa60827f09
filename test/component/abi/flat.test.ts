import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Codec } from '../../../host/component/abi/codec.ts';
import {
  liftFlat,
  liftParams,
  liftResult,
  lowerParams,
  lowerResult,
  MAX_FLAT_ASYNC_PARAMS,
  MAX_FLAT_PARAMS,
  paramsOf,
} from '../../../host/component/abi/flat.ts';
import type { ValueType } from '../../../host/component/plan.ts';
import { anyType, anyValue } from './arbitrary.ts';
import { FakeGuest } from './fake-guest.ts';
import { alignment, elemSize, flattenType } from './model-layout.ts';
import { load } from './model.ts';
import { addType, list, t, tuple, type Type } from './types.ts';

/** A borrow of a component's own resource comes into it as one thing, and goes out as another. */
const symmetric = anyType.filter((type) => !JSON.stringify(type).includes('"kind":"borrow","resource":1'));

const params = fc
  .array(symmetric, { maxLength: 6 })
  .chain((types) => fc.tuple(fc.constant(types), fc.tuple(...types.map(anyValue)), fc.boolean()));

describe('parameters', () => {
  it('come back as they went, flat or through memory', () => {
    fc.assert(
      fc.property(params, ([types, values, grows]) => {
        const { codecs } = make(types, grows);
        const all = paramsOf(codecs);
        const flat = [...lowerParams(all, values)];
        expect(flat).toHaveLength(all.flat.length > MAX_FLAT_PARAMS ? 1 : all.flat.length);
        expect(liftParams(all, flat, MAX_FLAT_PARAMS)).toEqual(values);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('lie in memory as a tuple', () => {
    fc.assert(
      fc.property(params, ([types, values, grows]) => {
        const { guest, codecs } = make([...types, ...many(17)], grows);
        const all = paramsOf(codecs);
        const of = tuple(...types, ...many(17));
        expect([all.size, all.align]).toEqual([elemSize(of), alignment(of)]);
        const [pointer] = lowerParams(all, [...values, ...many(17).keys()]);
        expect(load(guest, pointer as number, of)).toEqual([...values, ...many(17).keys()]);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each([
    [4, MAX_FLAT_ASYNC_PARAMS, [1, 2, 3, 4]],
    [16, MAX_FLAT_PARAMS, Array.from({ length: 16 }, (_, index) => index + 1)],
  ])('%i are flat, and one more is not', (count, max, flat) => {
    const { guest, codecs } = make(many(count), false);
    expect(liftParams(paramsOf(codecs), flat, max)).toEqual(flat);
    const more = paramsOf([...codecs, codecs[0]!]);
    for (const [index, value] of [...flat, 99].entries()) guest.view.setUint32(512 + 4 * index, value, true);
    expect(liftParams(more, [512], max)).toEqual([...flat, 99]);
  });

  it('there may be none', () => {
    const none = paramsOf([]);
    expect([lowerParams(none, []), liftParams(none, [], MAX_FLAT_PARAMS)]).toEqual([[], []]);
  });
});

describe('results', () => {
  const typeAndValue = symmetric.chain((type) => fc.tuple(fc.constant(type), anyValue(type), fc.boolean()));

  it('go into a guest, as its core function returns them or through its pointer', () => {
    fc.assert(
      fc.property(typeAndValue, fc.constantFrom(0, 1), ([type, value, grows], max) => {
        const { guest, codecs } = make([type], grows);
        const codec = codecs[0]!;
        const at = guest.allocate(codec.align, codec.size);
        const returned = lowerResult(codec, value, [1, 2, at], max);
        if (flattenType(type).length > max) {
          expect(returned).toBeUndefined();
          expect(codec.load(at)).toEqual(value);
        } else {
          expect(liftResult(codec, returned)).toEqual(value);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('come out of a guest, returned or passed to task.return', () => {
    fc.assert(
      fc.property(typeAndValue, ([type, value, grows]) => {
        const { guest, codecs } = make([type], grows);
        const codec = codecs[0]!;
        const at = guest.allocate(codec.align, codec.size);
        codec.store(at, value);
        if (codec.flat.length > 1) expect(liftResult(codec, at)).toEqual(value);
        if (hasHandles(type)) return;
        expect(liftFlat(codec)(lowerParams(paramsOf([codec]), [value]))).toEqual(value);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe('a memory that grows while a value is lowered', () => {
  it('gets all of it', () => {
    const type = list(tuple(t('string'), list(t('u8')), list(t('f64')), t('u32')));
    const value = Array.from({ length: 20 }, (_, index) => [
      'é'.repeat(index * 7),
      new Uint8Array(index).fill(index),
      [index, -index],
      index,
    ]);
    const { guest, codecs } = make([type], true);
    const before = guest.memory.u8;
    const [pointer, length] = lowerParams(paramsOf(codecs), [value]);
    expect(before.length).toBe(0);
    expect(codecs[0]!.lift([pointer, length], 0)).toEqual(value);
  });

  it('that the guest grew itself is seen by what is lifted next', () => {
    const { guest, codecs } = make([t('string'), list(t('u8')), list(t('u32')), ...many(17)], false);
    guest.wasm.grow(1);
    guest.u8.set([104, 105], 300_000);
    expect(codecs[0]!.lift([300_000, 2], 0)).toBe('hi');
    guest.wasm.grow(1);
    expect(codecs[1]!.lift([300_000, 2], 0)).toEqual(Uint8Array.of(104, 105));
    guest.wasm.grow(1);
    expect(codecs[2]!.lift([300_000, 1], 0)).toEqual([0x6968]);
    guest.wasm.grow(1);
    expect(liftParams(paramsOf(codecs.slice(3)), [300_000], MAX_FLAT_PARAMS)[0]).toBe(0x6968);
    guest.wasm.grow(1);
    lowerResult(codecs[0]!, 'x', [8], 1);
    expect(codecs[0]!.load(8)).toBe('x');
  });
});

function many(count: number): Type[] {
  return Array.from({ length: count }, () => t('u32'));
}

function make(types: readonly Type[], grows: boolean): { guest: FakeGuest; codecs: Codec[] } {
  const plan: ValueType[] = [];
  const indices = types.map((type) => addType(plan, type));
  const guest = new FakeGuest(plan, { grows });
  return { guest, codecs: indices.map((index) => guest.codecs(index)) };
}

function hasHandles(type: Type): boolean {
  return /"kind":"(?:own|borrow|stream|future)"/.test(JSON.stringify(type));
}
