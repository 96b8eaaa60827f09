import { describe, expect, it } from 'vitest';
import { Trap } from '../../../host/component/trap.ts';
import { types } from '../../../host/component/wasi/http-0.2/types.ts';
import { Fields } from '../../../host/component/wasi/http/fields.ts';
import type { Ok } from '../../../host/component/wasi/values/result.ts';
import { functionsOf } from '../wasi/fake-world.ts';

const http = functionsOf(types);
const text = (string: string) => new TextEncoder().encode(string);
const refused = (tag: string) => ({ tag: 'err', val: { tag } });
const DONE = { tag: 'ok', val: undefined };

const FORBIDDEN = [
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
];

function fieldsOf(...lines: readonly (readonly [string, string])[]): Fields {
  return (Fields.fromList(lines.map(([name, value]) => [name, text(value)])) as Ok<Fields>).val;
}

describe('fields that a guest makes', () => {
  it('keep lines of one name apart, in their order', () => {
    const fields = fieldsOf(['set-cookie', 'a=1'], ['x-a', 'b'], ['set-cookie', 'b=2']);
    expect(fields.get('Set-Cookie')).toEqual([text('a=1'), text('b=2')]);
    expect(fields.toHeaders().getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(fields.toInit()).toEqual([
      ['set-cookie', 'a=1'],
      ['x-a', 'b'],
      ['set-cookie', 'b=2'],
    ]);
  });

  it('go into a Response as an object, unless a name comes twice or is no plain key', () => {
    expect(fieldsOf(['x-a', 'b'], ['x-c', 'd']).toInit()).toEqual({ 'x-a': 'b', 'x-c': 'd' });
    expect(fieldsOf(['__proto__', 'b']).toInit()).toEqual([['__proto__', 'b']]);
  });

  it('find names in any case, and keep the case of the first', () => {
    const fields = fieldsOf(['X-Foo', '1'], ['x-foo', '2']);
    expect(fields.get('x-FOO')).toEqual([text('1'), text('2')]);
    expect(fields.entries().map(([name]) => name)).toEqual(['X-Foo', 'X-Foo']);
    expect(fields.delete('x-fOO')).toEqual(DONE);
    expect(fields.has('X-Foo')).toBe(false);
  });

  it('set() puts values in the place of others, and none takes the name away', () => {
    const fields = fieldsOf(['a', '1'], ['b', '2'], ['a', '3']);
    expect(fields.set('a', [text('4'), text('5')])).toEqual(DONE);
    expect(fields.get('a')).toEqual([text('4'), text('5')]);
    expect(fields.set('a', [])).toEqual(DONE);
    expect(fields.entries()).toEqual([['b', text('2')]]);
  });

  it('a name with an empty value is there', () => {
    const fields = fieldsOf(['a', '']);
    expect(fields.has('a')).toBe(true);
    expect(fields.get('a')).toEqual([text('')]);
  });

  it('values are bytes, as they came and as they go', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => (byte >= 33 && byte !== 127) || byte === 9);
    const fields = Fields.empty();
    expect(fields.append('x-bytes', bytes)).toEqual(DONE);
    expect(fields.get('x-bytes')).toEqual([bytes]);
    const sent = Fields.of(fields.toHeaders());
    // What is around a value is no part of it: the web takes it off.
    expect(sent.get('x-bytes')).toEqual([bytes.subarray(1)]);
  });

  it.each([...Array(32).keys()].filter((byte) => byte !== 9).concat(127))('refuse the byte %i in a value', (byte) => {
    const fields = Fields.empty();
    const value = new Uint8Array([97, byte, 97]);
    expect(fields.append('a', value)).toEqual(refused('invalid-syntax'));
    expect(fields.set('a', [text('a'), value])).toEqual(refused('invalid-syntax'));
    expect(Fields.fromList([['a', value]])).toEqual(refused('invalid-syntax'));
    expect(fields.entries()).toEqual([]);
  });

  it.each(['', ' ', 'a b', 'a:', '(a)', '"a"', 'à', 'a\n', '\u212a'])('refuse the name %j, and find nothing by it', (name) => {
    const fields = Fields.empty();
    expect(fields.append(name, text('a'))).toEqual(refused('invalid-syntax'));
    expect(fields.set(name, [])).toEqual(refused('invalid-syntax'));
    expect(fields.delete(name)).toEqual(refused('invalid-syntax'));
    for (const each of [fields, Fields.of(new Headers({ k: 'v' }))]) {
      expect(each.has(name)).toBe(false);
      expect(each.get(name)).toEqual([]);
    }
  });

  it.each(['', '+5', '-5', ' 5', '5,5', '0x5'])('refuse the length %j', (value) => {
    expect(Fields.empty().append('Content-Length', text(value))).toEqual(refused('invalid-syntax'));
  });

  it('know their length, if they have one', () => {
    expect(Fields.empty().contentLength()).toBe(null);
    expect(fieldsOf(['content-length', '12']).contentLength()).toBe(12);
    expect(fieldsOf(['content-length', '12'], ['content-length', '12']).contentLength()).toBe(null);
    expect(fieldsOf(['content-length', '9'.repeat(30)]).contentLength()).toBe(null);
  });

  it.each(FORBIDDEN)('refuse %s, which is the host’s', (name) => {
    for (const cased of [name, name.toUpperCase()]) {
      const fields = Fields.empty();
      expect(fields.append(cased, text('a'))).toEqual(refused('forbidden'));
      expect(fields.set(cased, [text('a')])).toEqual(refused('forbidden'));
      expect(fields.delete(cased)).toEqual(refused('forbidden'));
      expect(Fields.fromList([[cased, text('a')]])).toEqual(refused('forbidden'));
    }
  });

  it('grow to a limit, also with empty values, and get smaller by what is deleted', () => {
    for (const value of ['', 'x'.repeat(5000)]) {
      const fields = Fields.empty();
      let lines = 0;
      while (fields.append('a', text(value)).tag === 'ok') lines += 1;
      expect(lines).toBeLessThan(5000);
      expect(fields.append('b', text(value))).toEqual(refused('size-exceeded'));
      expect(fields.set('a', [text('1')])).toEqual(DONE);
      expect(fields.append('b', text(value))).toEqual(DONE);
      fields.delete('a');
      fields.delete('b');
      let again = 0;
      while (fields.append('a', text(value)).tag === 'ok') again += 1;
      expect(again).toBe(lines);
      const copy = fields.clone();
      expect(copy.append('a', text(value))).toEqual(refused('size-exceeded'));
    }
    expect(Fields.empty().set('a', [new Uint8Array(200_000).fill(97)])).toEqual(refused('size-exceeded'));
  });

  it('that get too large are a trap in 0.2, which has no word for it', () => {
    const fields = http['[constructor]fields']!();
    const large = new Uint8Array(200_000).fill(97);
    expect(() => http['[method]fields.append']!(fields, 'a', large)).toThrow(Trap);
    expect(() => http['[method]fields.set']!(fields, 'a', [large])).toThrow(Trap);
    expect(() => http['[static]fields.from-list']!([['a', large]])).toThrow(Trap);
  });
});

describe('fields of a message that came in', () => {
  const came = () =>
    new Headers([
      ['Content-Type', 'text/plain'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Latin', 'caf\u00e9'],
      ...FORBIDDEN.map((name): [string, string] => [name, 'x']),
    ]);

  it('are looked up without what belongs to the connection', () => {
    const fields = Fields.of(came());
    expect(fields.get('content-type')).toEqual([text('text/plain')]);
    expect(fields.get('set-cookie')).toEqual([text('a=1'), text('b=2')]);
    expect(fields.get('x-latin')).toEqual([new Uint8Array([99, 97, 102, 0xe9])]);
    for (const name of FORBIDDEN) expect([fields.has(name), fields.get(name)]).toEqual([false, []]);
  });

  it('are the same when they are listed', () => {
    const fields = Fields.of(came());
    expect(fields.entries().map(([name]) => name)).toEqual(['content-type', 'set-cookie', 'set-cookie', 'x-latin']);
    expect(fields.get('x-latin')).toEqual([new Uint8Array([99, 97, 102, 0xe9])]);
    expect(fields.has('host')).toBe(false);
    expect([...fields.toHeaders()]).toHaveLength(4);
  });

  it('keep lines of one name apart where the platform has the lines', () => {
    const fields = Fields.ofLines([
      ['X-A', '1'],
      ['Host', 'a'],
      ['x-a', '2'],
    ]);
    expect(fields.entries()).toEqual([
      ['x-a', text('1')],
      ['x-a', text('2')],
    ]);
    expect(fields.append('x-a', text('3'))).toEqual(refused('immutable'));
  });

  it('are not to be changed, and a clone of them is', () => {
    const fields = Fields.of(came());
    expect(fields.append('x-a', text('1'))).toEqual(refused('immutable'));
    expect(fields.set('x-a', [])).toEqual(refused('immutable'));
    expect(fields.delete('content-type')).toEqual(refused('immutable'));
    const copy = fields.clone();
    expect(copy.delete('content-type')).toEqual(DONE);
    expect(copy.append('x-a', text('1'))).toEqual(DONE);
    expect(fields.has('content-type')).toBe(true);
    expect(fields.has('x-a')).toBe(false);
  });
});
