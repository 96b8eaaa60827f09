import v8 from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readClone } from '../../host/bindings/queues/clone-read.ts';
import { writeClone } from '../../host/bindings/queues/clone-write.ts';

/** V8's own, with views written as the format has them: Node writes them its own way. */
class Serializer extends v8.Serializer {
  constructor() {
    super();
    (this as unknown as { _setTreatArrayBufferViewsAsHostObjects(treat: boolean): void })._setTreatArrayBufferViewsAsHostObjects(false);
  }
}

function byV8(value: unknown): Uint8Array {
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return new Uint8Array(serializer.releaseBuffer());
}

function readByV8(bytes: Uint8Array): unknown {
  const deserializer = new v8.Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

const shared = { a: 1 };
const circle: Record<string, unknown> = { name: 'circle' };
circle['self'] = circle;
circle['list'] = [circle, new Map([[circle, new Set([circle])]])];
const buffer = Uint8Array.from({ length: 16 }, (_, index) => index).buffer;
const holes: unknown[] = [1, , 3]; // oxlint-disable-line no-sparse-arrays -- holes are what it is about
const sparse: unknown[] = [];
sparse[5_000] = 'far';
const named = Object.assign([1, 2], { extra: true });

const VALUES: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['booleans', [true, false]],
  ['integers', [0, 1, -1, 2 ** 30 - 1, 2 ** 30, -(2 ** 30), -(2 ** 30) - 1, 2 ** 31, 2 ** 32, 2 ** 53]],
  ['numbers', [-0, 0.1, NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE]],
  ['bigints', [0n, 1n, -1n, 2n ** 63n, 2n ** 64n, -(2n ** 200n)]],
  ['strings', ['', 'ascii', 'Grüße', '日本', '\u{1F600}', '\ud800', '\0', 'x'.repeat(10_000), '日'.repeat(5_000)]],
  ['objects', { a: { b: { c: [] } }, 'with space': 1, 7: 'index', '-1': 2, '4294967295': 3, '': 4 }],
  ['undefined properties', { a: undefined }],
  ['arrays', [[], [[]], holes, sparse, named]],
  ['dates', [new Date(0), new Date(-1), new Date(NaN), new Date(8.64e15)]],
  ['boxes', [Object(true), Object(false), Object(1.5), Object('text'), Object(5n)]],
  ['regular expressions', [/a/, /b+/gimsuy, /[\p{L}--[a-z]]/v, /x/d, /ü/]],
  ['maps and sets', [new Map<unknown, unknown>([[1, 'a'], [{}, new Map()]]), new Set([1, 'a', new Set()])]], // prettier-ignore
  ['references', [shared, shared, { shared }]],
  ['circles', circle],
  ['a buffer and views of it', [buffer, new Uint8Array(buffer, 4, 3), new DataView(buffer, 1), new Uint16Array(buffer, 2, 2)]],
  [
    'views',
    [Int8Array, Uint8ClampedArray, Int16Array, Int32Array, Uint32Array, Float32Array, Float64Array].map((View) => View.of(1, -2, 3.5)),
  ],
  ['views of bigints', [BigInt64Array.of(-1n), BigUint64Array.of(2n ** 63n)]],
  ['empty views', [new Uint8Array(0), new Float64Array(0), new ArrayBuffer(0)]],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ['a key __proto__', JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')],
];

describe('a body by structured clone', () => {
  it.each(VALUES)('of %s is read as it was written', (_name, value) => {
    expect(readClone(writeClone(value))).toEqual(structuredClone(value));
  });

  it.each(VALUES)('of %s is read by V8 as it was written', (_name, value) => {
    expect(readByV8(writeClone(value))).toEqual(structuredClone(value));
  });

  it.each(VALUES)('of %s is read as V8 has written it', (_name, value) => {
    expect(readClone(byV8(value))).toEqual(structuredClone(value));
  });

  it('keeps who is who', () => {
    const read = readClone(writeClone([shared, { shared }, circle])) as [object, { shared: object }, { self: object }];
    expect(read[1].shared).toBe(read[0]);
    expect(read[2].self).toBe(read[2]);
    const [whole, part] = readClone(writeClone([buffer, new Uint8Array(buffer, 4, 3)])) as [ArrayBuffer, Uint8Array];
    expect(part.buffer).toBe(whole);
    expect([...part]).toEqual([4, 5, 6]);
  });

  it('keeps errors with their class, message, stack and cause', () => {
    const error = new RangeError('too far', { cause: new TypeError('because') });
    for (const bytes of [writeClone(error), byV8(error)]) {
      const read = readClone(bytes) as RangeError;
      expect(read).toBeInstanceOf(RangeError);
      expect([read.message, read.stack, (read.cause as Error).message]).toEqual(['too far', error.stack, 'because']);
    }
    expect(readByV8(writeClone(error))).toMatchObject({ message: 'too far' });
  });

  it('of a class instance has its own properties', () => {
    class Point {
      x = 1;
      get y() {
        return 2;
      }
    }
    expect(readClone(writeClone(new Point()))).toEqual({ x: 1 });
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a promise', Promise.resolve()],
    ['a weak map', new WeakMap()],
    ['a request', new Request('http://a/')],
    ['something inside', { deep: [new Map([[1, () => 1]])] }],
  ])('%s cannot be cloned', (_name, value) => {
    expect(() => writeClone(value)).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
  });

  it('what a getter throws comes out', () => {
    const bad = {
      get a() {
        throw new Error('mine');
      },
    };
    expect(() => writeClone(bad)).toThrow('mine');
  });

  it('of anything is the same by V8, in both directions', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
      withObjectString: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const expected = structuredClone(value);
        expect(readClone(writeClone(value))).toEqual(expected);
        expect(readByV8(writeClone(value))).toEqual(expected);
        expect(readClone(byV8(value))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('bytes that are none are an error, whatever they are', () => {
    const good = VALUES.map(([, value]) => writeClone(value));
    const cut = fc.tuple(fc.constantFrom(...good), fc.nat(400)).map(([bytes, at]) => bytes.slice(0, at % bytes.byteLength));
    const bent = fc.tuple(fc.constantFrom(...good), fc.nat(400), fc.nat(255)).map(([bytes, at, byte]) => {
      const copy = bytes.slice();
      copy[at % copy.byteLength] = byte;
      return copy;
    });
    const random = fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.of(0xff, 15, ...bytes));
    fc.assert(
      fc.property(fc.oneof(cut, bent, random), (bytes) => {
        try {
          readClone(bytes);
        } catch (error) {
          expect((error as Error).name).toBe('DataCloneError');
        }
      }),
      { numRuns: 1_000 },
    );
    expect(() => readClone(new Uint8Array())).toThrow('Unable to deserialize');
    expect(() => readClone(Uint8Array.of(0xff, 15, ...Array.from({ length: 5_000 }, () => [65, 1]).flat()))).toThrow('too deeply');
  });
});
