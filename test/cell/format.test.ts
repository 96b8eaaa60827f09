import { describe, expect, it } from 'vitest';
import { formatLog } from '../../host/cell/format.ts';

const circular: Record<string, unknown> = { name: 'me' };
circular['self'] = circular;
const throwing = Object.defineProperty({}, 'secret', { enumerable: true, get: () => explode() });
const bare = Object.assign(Object.create(null) as object, { a: 1 });
class Point {
  x = 1;
  y = [2];
}

/** Console standard, section 2.2.1, "Formatter". */
describe('format specifiers', () => {
  it.each([
    ['%s takes text as it is', ['%s is %s', 'sky', 'blue'], 'sky is blue'],
    ['%s takes what is not text by its text', ['%s %s %s %s', 1, true, null, undefined], '1 true null undefined'],
    ['%s takes a symbol', ['%s', Symbol('a')], 'Symbol(a)'],
    ['%d is parseInt', ['%d %d %d %d', 42.9, '42abc', '0x1f', 'none'], '42 42 0 NaN'],
    ['%i is the same', ['%i %i', '7.9', -7.9], '7 -7'],
    ['%f is parseFloat', ['%f %f %f', '1.50kg', 2, 'none'], '1.5 2 NaN'],
    ['a symbol is not a number', ['%d %i %f', Symbol('a'), Symbol('b'), Symbol('c')], 'NaN NaN NaN'],
    ['an object is not a number', ['%d %f', {}, bare], 'NaN NaN'],
    ['%o and %O show structure', ['%o and %O', { a: 'x' }, [1]], '{ a: "x" } and [ 1 ]'],
    ['%c takes its argument and shows nothing', ['%cred%c plain', 'color: red', ''], 'red plain'],
    ['%% is a percent sign', ['100%% of %s', 'it'], '100% of it'],
    ['specifiers without an argument stay', ['%s and %s', 'one'], 'one and %s'],
    ['arguments without a specifier follow', ['%s', 'one', 'two', { a: 1 }], 'one two { a: 1 }'],
    ['text alone is not a format', ['100% %d'], '100% %d'],
    ['an argument is not a format', ['%s', '%s', 'x'], '%s x'],
    ['only a first text is a format', [1, '%s', 'x'], '1 %s x'],
    ['unknown specifiers stay', ['%z %s', 'x'], '%z x'],
    ['nothing is an empty line', [], ''],
  ])('%s', (_name, args, text) => expect(formatLog(args)).toBe(text));
});

describe('values', () => {
  it.each([
    ['text within values is quoted', [['a', 'b"c']], '[ "a", "b\\"c" ]'],
    ['primitives', [1, -0, 10n, true, null, undefined, Symbol('s')], '1 0 10n true null undefined Symbol(s)'],
    ['empty ones', [{}, [], new Map(), new Set()], '{} [] Map {} Set {}'],
    ['keys that are no names', [{ 'a-b': 1, ok_$: 2 }], '{ "a-b": 1, ok_$: 2 }'],
    ['classes', [new Point()], 'Point { x: 1, y: [ 2 ] }'],
    ['an object without a prototype', [bare], 'null { a: 1 }'],
    ['maps and sets', [new Map([['k', { v: 1 }]]), new Set([1])], 'Map { "k" => { v: 1 } } Set { 1 }'],
    ['dates', [new Date(0), new Date(NaN)], '1970-01-01T00:00:00.000Z Invalid Date'],
    ['patterns and URLs', [/a+/g, new URL('http://a.test/')], '/a+/g http://a.test/'],
    ['functions', [Math.max, () => {}], '[Function max] [Function (anonymous)]'],
    ['bytes', [new Uint8Array(3), new ArrayBuffer(5)], 'Uint8Array(3 bytes) ArrayBuffer(5 bytes)'],
    ['HTTP', [new Headers({ a: 'b' }), new Response(null, { status: 204 })], 'Headers { a: "b" } Response { 204 }'],
    ['circles', [circular], '{ name: "me", self: [Circular] }'],
    ['the same object twice is no circle', [{ a: bare, b: bare }], '{ a: null { a: 1 }, b: null { a: 1 } }'],
    ['what is too deep', [{ a: { b: { c: { d: { e: 1 } } } } }], '{ a: { b: { c: { d: [Object] } } } }'],
    ['what throws when read', [throwing], '[object that throws when read]'],
  ])('%s', (_name, args, text) => expect(formatLog(args)).toBe(text));

  it('an error is shown with its stack and its causes', () => {
    const text = formatLog(['failed:', new Error('outer', { cause: new TypeError('inner') })]);
    expect(text).toMatch(/^failed: Error: outer\n\s+at /);
    expect(text).toMatch(/\[cause\]: TypeError: inner\n\s+at /);
  });

  it('an error that leads to itself ends', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(formatLog([error])).toContain('[cause]: [Circular]');
  });
});

describe('limits', () => {
  it('shows a hundred items and counts the rest', () => {
    const text = formatLog([Array.from({ length: 250 }, (_, index) => index)]);
    expect(text).toContain(' 99, … 150 more ]');
  });

  it('cuts a line at 16,384 characters and says how many are missing', () => {
    const text = formatLog(['x'.repeat(20_000)]);
    expect(text).toBe(`${'x'.repeat(16_384)}… (3616 more characters)`);
  });

  it.each([
    [
      'an object whose conversion throws',
      ['%s %d %f %o', throwingConversion(), throwingConversion(), throwingConversion(), throwingConversion()],
    ],
    ['a function whose text throws', ['%s', Object.assign(() => {}, { toString: explode })]],
    ['a revoked proxy', [revoked()]],
    ['an error whose stack throws', [Object.defineProperty(new Error('x'), 'stack', { get: explode })]],
  ])('never throws: %s', (_name, args) => expect(formatLog(args)).toBeTypeOf('string'));
});

function explode(): never {
  throw new Error('exploded');
}

function throwingConversion(): object {
  return { toString: explode, valueOf: explode, [Symbol.toPrimitive]: explode };
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
