import { describe, expect, it } from 'vitest';
import { askedOf } from '../../host/gateway/cache/asked.ts';
import { cacheControl, secondsOf, targetedControl } from '../../host/gateway/cache/directives.ts';
import { codingFor } from '../../host/gateway/cache/encoding.ts';
import { httpDate } from '../../host/gateway/cache/http-date.ts';
import { keyFor } from '../../host/gateway/cache/key.ts';
import { termsOf } from '../../host/gateway/cache/terms.ts';
import { normalized } from '../../host/gateway/cache/vary.ts';
import { cache, type CacheRule } from '../../host/registry/gateway/cache.ts';

const NOW = Date.UTC(2026, 0, 1);
const rule = (given: object = {}): CacheRule => cache.parse(given) as CacheRule;

describe('Cache-Control', () => {
  it.each([
    ['max-age=60', 60],
    ['MAX-AGE=60', 60],
    ['max-age="60"', 60],
    ['max-age=060', 60],
    ['max-age=1, max-age=2', 1],
    ['a, b=c , max-age=60', 60],
    ['x="max-age=1", max-age=60', 60],
    ['x="a\\", max-age=1", max-age=60', 60],
    ['max-age=99999999999', 2 ** 31],
    ['max-age=-1', 0],
    ['max-age=6x', 0],
    ['max-age', 0],
    ['max-age =60', null],
    ['max-age= 60', null],
    ['', null],
    [',,,', null],
    ['"', null],
  ])('%j says of max-age: %j', (value, seconds) => {
    expect(secondsOf(cacheControl(value), 'max-age')).toBe(seconds);
  });

  it.each([
    ['max-age=60, no-store', { 'max-age': '60', 'no-store': true }],
    ['a;b=1;c, max-age=1', { a: true, 'max-age': '1' }],
    ['a=?1', { a: true }],
    ['Max-Age=60', null],
    ['max-age =60', null],
    ['max-age=60,', null],
    ['max-age=60 &', null],
    ['', null],
  ])('as a structured field %j is %j', (value, expected) => {
    const found = targetedControl(value);
    expect(found && Object.fromEntries(found)).toEqual(expected);
  });

  it('of a request is what it wants', () => {
    expect(askedOf('max-age=1, min-fresh=2, max-stale', null)).toMatchObject({ maxAge: 1000, minFresh: 2000, maxStale: Infinity });
    expect([askedOf(null, 'no-cache').noCache, askedOf('x', 'no-cache').noCache]).toEqual([true, false]);
  });
});

describe('a date', () => {
  it.each([
    ['Thu, 01 Jan 2026 00:00:00 GMT', NOW],
    ['thu, 01 jan 2026 00:00:00 gmt', NOW],
    ['Thursday, 01-Jan-26 00:00:00 GMT', NOW],
    ['Friday, 01-Jan-99 00:00:00 GMT', Date.UTC(1999, 0, 1)],
    ['Thu Jan  1 00:00:00 2026', NOW],
    ['Thu, 01 Jan 2026 00:00:00 UTC', null],
    ['Thu, 1 Jan 2026 00:00:00 GMT', null],
    ['Thu, 01 Jan 26 00:00:00 GMT', null],
    ['2026-01-01', null],
    ['0', null],
  ])('%j is %j', (text, time) => {
    expect(httpDate(text, NOW)).toBe(time);
  });
});

describe('terms', () => {
  const terms = (headers: Record<string, string>, { status = 200, given = {}, personal = false, asked = NOW } = {}) =>
    termsOf({ status, lines: Object.entries(headers).flat() }, { rule: rule(given), personal, asked, came: NOW });
  const lifetime = (...args: Parameters<typeof terms>) => (terms(...args)?.lifetime ?? -1) / 1000;

  it('are by what is said first', () => {
    expect(lifetime({ 'cache-control': 's-maxage=1, max-age=2', expires: 'Thu, 01 Jan 2026 00:01:00 GMT' })).toBe(1);
    expect(lifetime({ expires: 'Thu, 01 Jan 2026 00:01:00 GMT' })).toBe(60);
    expect(lifetime({ 'last-modified': 'Wed, 31 Dec 2025 00:00:00 GMT' })).toBe(8_640);
    expect(lifetime({ 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT' })).toBe(86_400);
    expect(lifetime({}, { given: { ttl: 5 } })).toBe(5);
    expect(terms({}, { status: 500, given: { ttl: 5 } })).toBeNull();
    expect(terms({ 'last-modified': 'Wed, 31 Dec 2025 00:00:00 GMT' }, { given: { heuristic: false } })?.lifetime).toBe(0);
  });

  it('count the age that it had', () => {
    expect(terms({ 'cache-control': 'max-age=9', age: '5' }, { asked: NOW - 2_000 })?.age).toBe(7_000);
    expect(terms({ 'cache-control': 'max-age=9', date: 'Wed, 31 Dec 2025 23:59:00 GMT' })?.age).toBe(60_000);
    expect(terms({ 'cache-control': 'max-age=9', age: 'x' })?.age).toBe(0);
  });

  it.each([
    ['a status that nobody understands', { 'cache-control': 'max-age=9, no-store, must-understand' }, { status: 299 }],
    ['one of someone', { 'cache-control': 'max-age=9' }, { personal: true }],
    ['a cookie', { 'cache-control': 'max-age=9', 'set-cookie': 'a=b' }, {}],
    ['nothing that could be done', { 'cache-control': 'max-age=0' }, {}],
  ])('are none for %s', (_what, headers, options) => {
    expect(terms(headers as unknown as Record<string, string>, options)).toBeNull();
  });

  it('leave fields out that are of one connection or user', () => {
    const without = terms({ 'cache-control': 'max-age=9, private="x-me", no-cache="x-you"', connection: 'x-hop' })!.without;
    expect(without).toEqual(expect.arrayContaining(['connection', 'x-hop', 'x-me', 'x-you']));
    expect(terms({ 'cache-control': 'max-age=9, private="set-cookie"', 'set-cookie': 'a=b' })!.without).toContain('set-cookie');
  });
});

describe('a request', () => {
  it.each([
    ['accept-language', 'en, de', 'DE , en'],
    ['accept-language', 'de;q=0.5, en', 'en;q=1.0, de;q=0.5'],
    ['accept-encoding', 'gzip, br', 'br,gzip'],
    ['x-any', 'a, b', 'a,b'],
  ])('has one form of %s', (name, one, other) => {
    expect(normalized(name, one)).toBe(normalized(name, other));
  });

  it.each([
    ['accept-language', 'en, de;q=0.5', 'de, en;q=0.5'],
    ['accept-encoding', 'br;q=0', 'br'],
    ['x-any', 'a, b', 'b, a'],
  ])('is another by %s', (name, one, other) => {
    expect(normalized(name, one)).not.toBe(normalized(name, other));
  });

  it('has the key that the rule says', () => {
    const key = (given: object, target: string, cookie = '') => keyFor(rule(given), 's')(target, () => cookie);
    expect(key({}, 'http://h/a?b&a')).toBe('s http://h/a?b&a');
    expect(key({ query: { ignore: ['utm_*', 'x'] } }, 'http://h/a?utm_a=1&x=2&c&b')).toBe('s http://h/a?b&c');
    expect(key({ query: { only: ['a b'] } }, 'http://h/a?a+b=1&a%20b=2&c')).toBe('s http://h/a?a%20b=2&a+b=1');
    expect(key({ query: { only: [] } }, 'http://h/a?a')).toBe('s http://h/a');
    expect(key({ cookies: ['b'] }, 'http://h/', 'a=1; b=2; b=3')).toBe('s http://h/\nb=2');
  });

  it.each([
    ['gzip, br', 'br'],
    ['gzip;q=0.9, br;q=0.8', 'gzip'],
    ['br;q=0', null],
    ['*;q=0.1', 'br'],
    ['x-gzip', 'gzip'],
    ['identity, br;q=0.9', null],
    ['', null],
  ])('that accepts %j gets %j', (accepted, coding) => {
    expect(codingFor(accepted, ['br', 'zstd', 'gzip'])).toBe(coding);
  });
});
