import { describe, expect, it } from 'vitest';
import { ErrorContext } from '../../../host/component/abi/error-context.ts';
import { liftFlat, liftParams, liftResult, lowerParams, lowerResult, paramsOf } from '../../../host/component/abi/flat.ts';
import { ResourceHandle } from '../../../host/component/abi/handles.ts';
import { Trap } from '../../../host/component/trap.ts';
import { FakeGuest, PAGE, type FakeOptions } from './fake-guest.ts';
import { labels, list, option, record, result, t, tuple, typesOf, variant, type Type } from './types.ts';

const SIZE = 4 * PAGE;
const MAX = 2 ** 28 - 1;

/** A string or a list whose pointer and length the guest made up. */
function pair(type: Type, pointer: number, length: number, options: FakeOptions = {}): () => unknown {
  const { guest, codec } = make(type, options);
  guest.view.setUint32(8, pointer, true);
  guest.view.setUint32(12, length, true);
  return () => {
    const [flat, loaded] = [outcome(() => codec.lift([pointer | 0, length | 0], 0)), outcome(() => codec.load(8))];
    expect(String(loaded)).toBe(String(flat));
    if (flat instanceof Error) throw flat;
    return flat;
  };
}

function bytes(type: Type, given: readonly number[], options: FakeOptions = {}): () => unknown {
  const { guest, codec } = make(type, options);
  guest.u8.set(given, 16);
  guest.view.setUint32(8, 16, true);
  const width = options.encoding === 'utf16' ? 2 : 1;
  guest.view.setUint32(12, given.length / width, true);
  return () => codec.load(8);
}

function flat(type: Type, ...values: unknown[]): () => unknown {
  const { codec } = make(type);
  return () => codec.lift(values, 0);
}

function memory(type: Type, write: (view: DataView) => void): () => unknown {
  const { guest, codec } = make(type);
  write(guest.view);
  return () => codec.load(0);
}

const handle = (type: Type, entry: unknown, index = 1) => {
  const { guest, codec } = make(type);
  guest.handles.add(entry);
  return () => codec.lift([index], 0);
};

const own = (resource: number): Type => ({ kind: 'own', resource });
const borrow = (resource: number): Type => ({ kind: 'borrow', resource });
const lent = () => Object.assign(new ResourceHandle(0, {}, true, null), { lends: 1 });
const flags = (count: number): Type => ({ kind: 'flags', labels: labels(count) });
const enumeration = (count: number): Type => ({ kind: 'enum', labels: labels(count) });

const STRING = t('string');
const BYTES = list(t('u8'));
const WORDS = list(t('u32'));
const LARGE = list(t('string'), 2 ** 17);

const TRAPS: readonly (readonly [name: string, lift: () => unknown, message: RegExp])[] = [
  ['a char above the last', flat(t('char'), 0x110000), /char/],
  ['a negative char', flat(t('char'), -1), /0xffffffff/],
  ['the first surrogate as a char', flat(t('char'), 0xd800), /char/],
  ['the last surrogate as a char', memory(t('char'), (view) => view.setUint32(0, 0xdfff, true)), /char/],

  ['a string past the end', pair(STRING, SIZE - 3, 4), /out of range/],
  ['an empty string past the end', pair(STRING, SIZE + 1, 0), /out of range/],
  ['a string at the end of the address space', pair(STRING, 0xffffffff, 2), /out of range/],
  ['a string that is too long', pair(STRING, 0, MAX + 1), /longer than/],
  ['a string of the greatest length', pair(STRING, 0, 0xffffffff), /longer than/],
  ['a UTF-16 string of too many bytes', pair(STRING, 0, (MAX + 1) / 2, { encoding: 'utf16' }), /longer than/],
  ['a UTF-16 string that is not aligned', pair(STRING, 1, 1, { encoding: 'utf16' }), /not aligned/],
  ['a UTF-16 string past the end', pair(STRING, SIZE - 2, 2, { encoding: 'utf16' }), /out of range/],
  ['a latin1 string that is not aligned', pair(STRING, 1, 1, { encoding: 'latin1+utf16' }), /not aligned/],
  ['a latin1 string past the end', pair(STRING, SIZE - 2, 3, { encoding: 'latin1+utf16' }), /out of range/],
  ['a tagged string past the end', pair(STRING, SIZE - 2, 0x80000002, { encoding: 'latin1+utf16' }), /out of range/],
  ['a tagged string that is too long', pair(STRING, 0, 0xffffffff, { encoding: 'latin1+utf16' }), /longer than/],
  ['a byte that UTF-8 does not have', bytes(STRING, [0x61, 0xff]), /not valid UTF-8/],
  ['a sequence of UTF-8 that is cut off', bytes(STRING, [0xe2, 0x82]), /not valid UTF-8/],
  ['an overlong sequence of UTF-8', bytes(STRING, [0xc0, 0x80]), /not valid UTF-8/],
  ['a surrogate in UTF-8', bytes(STRING, [0xed, 0xa0, 0x80]), /not valid UTF-8/],
  ['a code point above the last in UTF-8', bytes(STRING, [0xf4, 0x90, 0x80, 0x80]), /not valid UTF-8/],
  [
    'a wrong byte at the end of a long string',
    bytes(
      STRING,
      Array.from({ length: 100 }, (_, index) => (index < 99 ? 0x61 : 0x80)),
    ),
    /not valid UTF-8/,
  ],
  ['a lone high surrogate in UTF-16', bytes(STRING, [0x00, 0xd8, 0x61, 0x00], { encoding: 'utf16' }), /not valid UTF-16/],
  ['a lone low surrogate in UTF-16', bytes(STRING, [0x00, 0xdc], { encoding: 'utf16' }), /not valid UTF-16/],

  ['a list past the end', pair(WORDS, SIZE - 4, 2), /out of range/],
  ['an empty list past the end', pair(WORDS, SIZE + 4, 0), /out of range/],
  ['a list that is not aligned', pair(WORDS, 6, 1), /not aligned/],
  ['an empty list that is not aligned', pair(WORDS, 6, 0), /not aligned/],
  ['a list whose bytes overflow 32 bits', pair(WORDS, 0, 0x40000001), /longer than/],
  ['a list that is too long', pair(WORDS, 0, (MAX + 1) / 4), /longer than/],
  ['bytes that are too many', pair(BYTES, 0, MAX + 1), /longer than/],
  ['bytes past the end', pair(BYTES, SIZE - 1, 2), /out of range/],
  ['a list of large items past the end', pair(list(LARGE), 0, 255), /out of range/],
  ['a list of large items that is too long', pair(list(LARGE), 0, 256), /longer than/],

  ['a case that a variant does not have', flat(variant({ a: null, b: t('u8') }), 2, 0), /no case 2: there are 2/],
  ['a negative case', flat(variant({ a: null }), -1), /no case 4294967295/],
  ['a case in memory that a variant does not have', memory(variant({ a: null }), (view) => view.setUint8(0, 1)), /no case 1/],
  ['a case of two bytes that is not there', memory(enumeration(257), (view) => view.setUint16(0, 257, true)), /no case 257/],
  ['a label that an enum does not have', flat(enumeration(3), 3), /no case 3/],
  ['an option that is neither', flat(option(t('u8')), 2, 0), /neither none nor some: 2/],
  ['an option in memory that is neither', memory(option(t('u8')), (view) => view.setUint8(0, 255)), /neither none nor some: 255/],
  ['an option of an option that is neither', flat(option(option(t('u8'))), 2, 0, 0), /no case 2/],
  ['a result that is neither', flat(result(null, null), 2), /no case 2/],

  ['a handle that is not in use', handle(own(0), {}, 2), /Handle 2 is not in use/],
  ['the handle 0', handle(own(0), {}, 0), /Handle 0 is not in use/],
  ['a handle below 0', handle(borrow(0), {}, -1), /Handle 4294967295 is not in use/],
  ['an own of another resource', handle(own(0), new ResourceHandle(1, 7, true, null)), /another resource/],
  ['an own of something else', handle(own(0), new ErrorContext('')), /not the resource/],
  ['an own that is borrowed', handle(own(0), new ResourceHandle(0, {}, false, null)), /only borrowed/],
  ['an own that is lent', handle(own(0), lent()), /while it is lent/],
  ['a borrow of another resource', handle(borrow(0), new ResourceHandle(1, 7, true, null)), /another resource/],
  ['a borrow of something else', handle(borrow(0), {}), /not the resource/],
  ['an error context of something else', handle(t('error-context'), new ResourceHandle(0, {}, true, null)), /not the error context/],
];

describe('what a guest must not give', () => {
  it.each(TRAPS)('%s', (_name, lift, message) => {
    const given = outcome(lift);
    expect(given).toBeInstanceOf(Trap);
    expect((given as Trap).message).toMatch(message);
  });
});

describe('what a guest may give', () => {
  const accepted: readonly (readonly [name: string, lift: () => unknown, value: unknown])[] = [
    ['any bool that is not 0', flat(t('bool'), -2), true],
    ['any byte that is not 0 as a bool', memory(t('bool'), (view) => view.setUint8(0, 0x80)), true],
    ['a u8 with more bits', flat(t('u8'), -1), 255],
    ['a s8 with more bits', flat(t('s8'), 0x180), -128],
    ['a u16 with more bits', flat(t('u16'), 0x12345), 0x2345],
    ['a s16 with more bits', flat(t('s16'), 0x18000), -32768],
    ['a u32 with the highest bit', flat(t('u32'), -1), 4294967295],
    ['a u64 with the highest bit', flat(t('u64'), -1n), 2n ** 64n - 1n],
    ['flags with more bits', flat(flags(2), -2), { l0: false, l1: true }],
    ['the chars beside the surrogates', flat(tuple(t('char'), t('char')), 0xd7ff, 0xe000), ['\ud7ff', '\ue000']],
    ['the last char', flat(t('char'), 0x10ffff), '\u{10ffff}'],
    ['an empty string at the end', pair(STRING, SIZE, 0), ''],
    ['an empty list at the end', pair(WORDS, SIZE, 0), []],
    ['bytes at the end', pair(BYTES, SIZE - 2, 2), new Uint8Array(2)],
    ['a byte order mark', bytes(STRING, [0xef, 0xbb, 0xbf, 0x61]), '\ufeffa'],
    ['bytes that windows-1252 reads differently', bytes(STRING, [0x80, 0x9f], { encoding: 'latin1+utf16' }), '\x80\x9f'],
    ['a word whose case has none', flat(variant({ a: null, b: t('u64') }), 0, 7n), { tag: 'a', val: undefined }],
  ];
  it.each(accepted)('%s', (_name, lift, value) => expect(lift()).toEqual(value));

  it('spare bits where cases join to 64', () => {
    const type = variant({ wide: t('u64'), byte: t('u8'), float: t('f32'), double: t('f64') });
    expect(flat(type, 1, -(2n ** 40n) + 0x1ffn)()).toEqual({ tag: 'byte', val: 255 });
    expect(flat(type, 1, 0x7fffffff_fffffffen)()).toEqual({ tag: 'byte', val: 254 });
    expect(flat(type, 2, 0x7fffffff_3f800000n)()).toEqual({ tag: 'float', val: 1 });
    expect(flat(type, 3, 0x3ff00000_00000000n)()).toEqual({ tag: 'double', val: 1 });
  });

  it('any NaN, which comes as the canonical one', () => {
    const nan64 = (value: unknown) => {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value as number);
      return view.getBigUint64(0);
    };
    const canonical = 0x7ff80000_00000000n;
    expect(nan64(memory(t('f64'), (view) => view.setBigUint64(0, 0xfff7ffff_ffffffffn, true))())).toBe(canonical);
    expect(nan64(memory(t('f32'), (view) => view.setUint32(0, 0xffbfffff, true))())).toBe(canonical);
    const joined = variant({ int: t('u32'), float: t('f32'), wide: t('u64'), double: t('f64') });
    expect(nan64((flat(joined, 1, 0xffbfffffn)() as { val: number }).val)).toBe(canonical);
    expect(nan64((flat(joined, 3, -1n)() as { val: number }).val)).toBe(canonical);
  });
});

describe('what realloc must not give', () => {
  const cases: readonly (readonly [name: string, type: Type, value: unknown, pointer: number, message: RegExp])[] = [
    ['a string past the end', STRING, 'abc', SIZE - 2, /out of range/],
    ['a long string past the end', STRING, 'é'.repeat(50_000), SIZE - 50_000, /out of range/],
    ['a negative pointer', STRING, 'abc', -1, /out of range/],
    ['an empty string past the end', STRING, '', SIZE + 1, /out of range/],
    ['bytes past the end', BYTES, new Uint8Array(3), SIZE - 2, /out of range/],
    ['a list past the end', WORDS, [1, 2], SIZE - 4, /out of range/],
    ['a list that is not aligned', WORDS, [1], 2, /not aligned/],
    ['an empty list that is not aligned', WORDS, [], 2, /not aligned/],
    ['a list within a record that is not aligned', record({ a: list(t('f64')) }), { a: [1] }, 12, /not aligned/],
  ];
  it.each(cases)('%s', (_name, type, value, pointer, message) => {
    const { codec } = make(type, { realloc: () => pointer });
    const given = outcome(() => codec.lower(value, [], 0));
    expect(given).toBeInstanceOf(Trap);
    expect((given as Trap).message).toMatch(message);
  });

  it.each(['utf16', 'latin1+utf16'] as const)('a string of %s that is not aligned', (encoding) => {
    const { codec } = make(STRING, { encoding, realloc: () => 17 });
    expect(() => codec.lower('a', [], 0)).toThrow(/not aligned/);
    expect(() => codec.lower('\u{1f600}', [], 0)).toThrow(/not aligned/);
  });

  it('a place for parameters that is not there', () => {
    const many = Array.from({ length: 17 }, () => t('u32'));
    const { types, index } = typesOf(many[0]!);
    for (const pointer of [2, SIZE - 64, -4]) {
      const guest = new FakeGuest(types, { realloc: () => pointer });
      const params = paramsOf(many.map(() => guest.codecs(index)));
      expect(() =>
        lowerParams(
          params,
          many.map(() => 1),
        ),
      ).toThrow(Trap);
    }
  });
});

describe('pointers of calls', () => {
  const type = tuple(t('u64'), t('u8'));
  const bad = [4, SIZE - 8, SIZE, -8];

  it.each(bad)('parameters at %i trap', (pointer) => {
    const { codec } = make(t('u64'));
    const params = paramsOf([codec, codec, codec, codec, codec]);
    expect(() => liftParams(params, [pointer === SIZE - 8 ? SIZE - 32 : pointer], 4)).toThrow(Trap);
  });

  it.each(bad)('a result at %i traps', (pointer) => {
    const { codec } = make(type);
    expect(() => lowerResult(codec, [1n, 2], [0, pointer], 1)).toThrow(Trap);
    expect(() => lowerResult(codec, [1n, 2], [0, pointer], 0)).toThrow(Trap);
    expect(() => liftResult(codec, pointer)).toThrow(Trap);
  });

  it.each(bad)('a returned value of more than 16 at %i traps', (pointer) => {
    const { codec } = make(list(t('u64'), 17));
    expect(() => liftFlat(codec)([pointer === SIZE - 8 ? SIZE - 128 : pointer])).toThrow(Trap);
  });
});

describe('values that would come to much more than the guest has', () => {
  it('lists that all lie in the same place', () => {
    const { guest, codec } = make(list(list(t('u8'))), { pages: 64 });
    const count = 40;
    for (let index = 0; index < count; index += 1) {
      guest.view.setUint32(index * 8, 0, true);
      guest.view.setUint32(index * 8 + 4, 64 * PAGE, true);
    }
    expect(() => codec.lift([0, count], 0)).toThrow(/come to more than/);
    expect(codec.lift([0, 2], 0)).toHaveLength(2);
  });

  it('long lists of items that take one byte', () => {
    const { codec } = make(list(variant({ a: null })), { pages: 64 });
    expect(() => codec.lift([0, 64 * PAGE], 0)).toThrow(/come to more than/);
  });

  it('many lists after one another are no trouble', () => {
    const { codec } = make(list(list(t('u8'))), { pages: 64 });
    for (let index = 0; index < 100; index += 1) codec.lift([0, 20_000], 0);
  });

  it('a type that is larger than it looks', () => {
    const { types, index } = typesOf(tuple(t('u8'), t('u8')));
    const nested = [...types];
    for (let depth = 0, last = index; depth < 40; depth += 1) last = nested.push({ kind: 'tuple', items: [last, last] }) - 1;
    const { codecs } = new FakeGuest(nested);
    expect(codecs(index + 19)).toMatchObject({ size: 2 ** 20, flat: { length: 17 } });
    expect(() => codecs(nested.length - 1)).toThrow(/takes 2097152 bytes/);
    expect(() => make(list(list(t('u8'), 2 ** 20), 2 ** 32 - 1))).toThrow(/takes \d+ bytes/);
  });
});

function make(type: Type, options: FakeOptions = {}) {
  const { types, index } = typesOf(type);
  const guest = new FakeGuest(types, options);
  return { guest, codec: guest.codecs(index) };
}

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
