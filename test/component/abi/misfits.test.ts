import { describe, expect, it } from 'vitest';
import { lowerParams, lowerResult, paramsOf } from '../../../host/component/abi/flat.ts';
import { FakeGuest } from './fake-guest.ts';
import { list, option, record, result, t, tuple, typesOf, variant, type Type } from './types.ts';

const RESPONSE = record({
  status: t('u16'),
  headers: list(tuple(t('string'), list(t('u8')))),
  reason: option(t('string')),
  kind: variant({ empty: null, text: t('string') }),
  level: { kind: 'enum', labels: ['low', 'high'] },
  rights: { kind: 'flags', labels: ['read', 'write'] },
});
const GOOD = {
  status: 200,
  headers: [],
  reason: undefined,
  kind: { tag: 'empty', val: undefined },
  level: 'low',
  rights: { read: true, write: false },
};

describe('values of the host that do not fit their type', () => {
  const cases: readonly (readonly [type: Type, value: unknown, message: RegExp])[] = [
    [t('bool'), 1, /bool was wanted, and not the number 1/],
    [t('bool'), undefined, /undefined/],
    [t('u8'), 256, /u8 was wanted, and not the number 256/],
    [t('u8'), -1, /u8/],
    [t('u8'), 1.5, /u8 .* 1\.5/],
    [t('u8'), NaN, /NaN/],
    [t('u8'), '5', /the string "5"/],
    [t('u8'), 5n, /the bigint 5n/],
    [t('u8'), true, /the boolean true/],
    [t('s8'), 128, /s8/],
    [t('u16'), 65536, /u16/],
    [t('s16'), -32769, /s16/],
    [t('u32'), -1, /u32/],
    [t('u32'), 2 ** 32, /u32/],
    [t('s32'), 2 ** 31, /s32/],
    [t('s32'), 1n, /s32/],
    [t('u64'), 1, /u64/],
    [t('u64'), -1n, /u64/],
    [t('u64'), 2n ** 64n, /u64/],
    [t('s64'), 2n ** 63n, /s64/],
    [t('f32'), '1', /f32/],
    [t('f64'), 1n, /f64/],
    [t('char'), '', /char/],
    [t('char'), 'ab', /char/],
    [t('char'), '\ud800', /char/],
    [t('char'), 97, /char/],
    [t('string'), new Uint8Array(1), /string was wanted, and not an object of Uint8Array/],
    [t('string'), null, /not null/],
    [t('error-context'), new Error('no'), /error-context .* Error/],
    [list(t('u8')), [1, 2], /Uint8Array .* an array of 2/],
    [list(t('u32')), new Uint32Array(1), /an array for list/],
    [list(t('u32')), [1, 2, '3'], /at \[2\], u32 was wanted/],
    [list(t('string')), ['a', 1], /at \[1\], string/],
    [list(t('u32'), 2), [1], /a list of 2/],
    [list(t('u8'), 2), new Uint8Array(3), /a list of 2/],
    [tuple(t('u8'), t('u8')), [1], /an array of 2 for tuple/],
    [tuple(t('u8'), t('u8')), [1, 2, 3], /an array of 2 for tuple/],
    [option(t('u8')), null, /u8 .* null/],
    [option(option(t('u8'))), 1, /none, some/],
    [result(null, null), undefined, /for result/],
    [result(t('u8'), null), { tag: 'ok' }, /at ok, u8/],
    [result(null, t('string')), { tag: 'error', val: 'x' }, /for result/],
    [variant({ a: null, b: t('u8') }), { tag: 'c' }, /a tag of a, b was wanted, and not the string "c"/],
    [variant({ a: null, b: t('u8') }), { tag: 'b', val: 300 }, /at b, u8/],
    [variant({ a: null }), 'a', /tag/],
    [variant({ a: null }), { tag: 'constructor' }, /tag/],
    [{ kind: 'enum', labels: ['low', 'high'] }, 'mid', /enum of low, high/],
    [{ kind: 'enum', labels: ['low'] }, 0, /enum/],
    [{ kind: 'flags', labels: ['read', 'write'] }, { read: true }, /at write, bool/],
    [{ kind: 'flags', labels: ['read'] }, null, /flags/],
    [{ kind: 'own', resource: 0 }, 7, /test:host\/things\.thing/],
    [{ kind: 'own', resource: 1 }, { resource: 2, rep: 1 }, /a resource of a guest/],
    [{ kind: 'borrow', resource: 2 }, { id: 1 }, /a resource of a guest/],
    [{ kind: 'stream', element: null }, undefined, /stream/],
    [{ kind: 'future', element: null }, 'x', /future/],
    [RESPONSE, undefined, /an object for record/],
    [RESPONSE, { ...GOOD, status: 70_000 }, /at status, u16 was wanted, and not the number 70000/],
    [RESPONSE, { ...GOOD, status: undefined }, /at status/],
    [
      RESPONSE,
      {
        ...GOOD,
        headers: [
          ['a', new Uint8Array()],
          ['b', 'text'],
        ],
      },
      /at headers\[1\]\[1\], a Uint8Array/,
    ],
    [RESPONSE, { ...GOOD, kind: { tag: 'text', val: 4 } }, /at kind\.text, string/],
    [RESPONSE, { ...GOOD, rights: { read: true, write: 'no' } }, /at rights\.write, bool/],
  ];

  it.each(cases)('%j %s', (type, value, message) => {
    const { guest, codec } = make(type);
    const at = guest.allocate(codec.align, codec.size);
    expect(() => codec.store(at, value)).toThrow(TypeError);
    expect(() => codec.store(at, value)).toThrow(message);
    if (codec.flat.length > 16) return;
    expect(() => codec.lower(value, [], 0)).toThrow(TypeError);
    expect(() => codec.lower(value, [], 0)).toThrow(message);
  });

  it('a message names the parameter', () => {
    const { codec } = make(t('u8'));
    expect(() => lowerParams(paramsOf([codec, codec], ['first', 'second']), [1, 300])).toThrow(/at second, u8/);
    expect(() => lowerParams(paramsOf([codec, codec]), [1, 300])).toThrow(/at argument 2, u8/);
    expect(() => lowerParams(paramsOf([codec]), [])).toThrow(/1 arguments were wanted, and not 0/);
  });

  it('a message names the result', () => {
    const { codec } = make(list(t('u8')));
    expect(() => lowerResult(codec, 'x', [8], 1)).toThrow(/at result, a Uint8Array/);
  });
});

describe('values of the host that fit', () => {
  it('lone surrogates become U+FFFD in every encoding', () => {
    for (const encoding of ['utf8', 'utf16', 'latin1+utf16'] as const)
      for (const text of ['a\ud800b', '\udc00', 'x'.repeat(10_000) + '\ud83d']) {
        const { types, index } = typesOf(t('string'));
        const codec = new FakeGuest(types, { encoding }).codecs(index);
        const flat: unknown[] = [];
        codec.lower(text, flat, 0);
        expect(codec.lift(flat, 0)).toBe(text.toWellFormed());
      }
  });

  it('a NaN goes as the canonical one', () => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, 0xfff0_0000_0000_0001n);
    const odd = view.getFloat64(0);
    const { guest, codec } = make(tuple(t('f32'), t('f64'), list(t('f32')), list(t('f64'))));
    codec.store(0, [odd, odd, [odd], [odd]]);
    expect([guest.view.getUint32(0, true), guest.view.getBigUint64(8, true)]).toEqual([0x7fc00000, 0x7ff80000_00000000n]);
    expect(guest.view.getUint32(guest.view.getUint32(16, true), true)).toBe(0x7fc00000);
    expect(guest.view.getBigUint64(guest.view.getUint32(24, true), true)).toBe(0x7ff80000_00000000n);
    const joined = make(variant({ int: t('u32'), float: t('f32'), wide: t('u64'), double: t('f64') })).codec;
    const flat: unknown[] = [];
    joined.lower({ tag: 'float', val: odd }, flat, 0);
    expect(flat).toEqual([1, 0x7fc00000n]);
    joined.lower({ tag: 'double', val: odd }, flat, 0);
    expect(flat).toEqual([3, 0x7ff80000_00000000n]);
  });

  it('a negative number is extended with zeros where cases join to 64 bits', () => {
    const { codec } = make(variant({ wide: t('u64'), narrow: t('s8') }));
    const flat: unknown[] = [];
    codec.lower({ tag: 'narrow', val: -1 }, flat, 0);
    expect(flat).toEqual([1, 0xffff_ffffn]);
  });

  it('bytes are copied, in and out', () => {
    const { guest, codec } = make(list(t('u8')));
    const given = Uint8Array.of(1, 2, 3);
    const flat: number[] = [];
    codec.lower(given, flat, 0);
    given[0] = 9;
    const lifted = codec.lift(flat, 0) as Uint8Array;
    guest.u8[flat[0]!] = 8;
    expect([lifted, lifted.buffer.byteLength]).toEqual([Uint8Array.of(1, 2, 3), 3]);
  });
});

function make(type: Type) {
  const { types, index } = typesOf(type);
  const guest = new FakeGuest(types);
  return { guest, codec: guest.codecs(index) };
}
