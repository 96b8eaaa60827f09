import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { checkName } from '../../host/registry/names.ts';
import { nearest } from '../../host/registry/nearest.ts';
import { formatRoute, parseRoute } from '../../host/registry/route.ts';

describe('names', () => {
  it.each(['a', '0', 'my-function', 'a1-b2', 'x'.repeat(63)])('takes %s', (name) => {
    expect(() => checkName(name, 'function')).not.toThrow();
  });

  it.each(['', '-a', 'a-', 'a--b', 'A', 'a_b', 'a.b', 'a b', 'ä', 'a\n', '..', 'a/b', 'x'.repeat(64), 'xn--a'])('refuses %j', (name) => {
    expect(() => checkName(name, 'alias')).toThrow(
      expect.objectContaining({ code: 'name-invalid', details: { name, what: 'alias' } }) as BrinkError,
    );
  });
});

describe('routes', () => {
  it.each([
    ['example.com/api/*', 'example.com', '/api/', true],
    ['*.example.com/*', '*.example.com', '/', true],
    ['*/path', '*', '/path', false],
    ['example.com', 'example.com', '/', false],
    ['example.com/a%20b*', 'example.com', '/a%20b', true],
    ['example.com//a', 'example.com', '//a', false],
    ['HTTPS://Example.COM/A', 'example.com', '/A', false],
    ['bücher.example/*', 'xn--bcher-kva.example', '/', true],
    ['*.bücher.example/', '*.xn--bcher-kva.example', '/', false],
    ['my_host/*', 'my_host', '/', true],
  ])('reads %s', (pattern, host, path, wildcard) => {
    const parts = parseRoute(pattern);
    expect(parts).toEqual({ host, path, wildcard });
    expect(parseRoute(formatRoute(parts))).toEqual(parts);
  });

  it.each([
    '',
    '/path',
    '*.',
    '*.*',
    'a.*.com/',
    '*a/',
    'a*/',
    'example.com/*/a',
    'example.com/**',
    'example.com/a?b',
    'example.com/#a',
    'example.com:80/*',
    'a b.com/',
    'exa mple.com/*',
    'example.com/ä',
    'example.com/a b',
    '-a.com/',
    'a..b/',
    'ü@evil.com/',
    'ü%2e.com/',
    'ftp://a.com/',
    `${'a'.repeat(600)}.com/`,
    'example.com/\n',
  ])('refuses %j', (pattern) => {
    expect(() => parseRoute(pattern)).toThrow(expect.objectContaining({ code: 'route-invalid' }) as BrinkError);
  });
});

it.each([
  ['nmae', 'name'],
  ['compat', 'compatibility_date'],
  ['compat_date', null],
  ['ROUTES', 'routes'],
  ['x', null],
  ['', null],
  ['a'.repeat(10_000), null],
])('the nearest to %.20s is %s', (word, expected) => {
  expect(nearest(word, ['name', 'vars', 'routes', 'compatibility_date'])).toBe(expected);
});
