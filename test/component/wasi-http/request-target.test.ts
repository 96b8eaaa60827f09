import { describe, expect, it } from 'vitest';
import {
  canonicalScheme,
  isAuthority,
  isMethod,
  isPathWithQuery,
  isScheme,
  methodOf,
  methodText,
  targetOf,
  urlOf,
} from '../../../host/component/wasi/http/request-target.ts';

it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'])('%s has a case of its own', (text) => {
  expect(methodOf(text)).toEqual({ tag: text.toLowerCase() });
  expect(methodText(methodOf(text))).toBe(text);
});

it('other methods are tokens, and their case counts', () => {
  expect(methodOf('get')).toEqual({ tag: 'other', val: 'get' });
  expect(methodText({ tag: 'other', val: 'get' })).toBe('get');
  expect(['PROPFIND', "!#$%&'*+-.^_`|~"].every((val) => isMethod({ tag: 'other', val }))).toBe(true);
  expect(['', 'A B', 'A\n', 'É', 'A:'].some((val) => isMethod({ tag: 'other', val }))).toBe(false);
});

it('schemes are known by their name in any case', () => {
  expect(canonicalScheme({ tag: 'other', val: 'https' })).toEqual({ tag: 'HTTPS' });
  expect(canonicalScheme({ tag: 'other', val: 'HTTP' })).toEqual({ tag: 'HTTP' });
  expect(canonicalScheme({ tag: 'other', val: 'ws' })).toEqual({ tag: 'other', val: 'ws' });
  expect(['a', 'coap+tcp', 'A1.-'].every((val) => isScheme({ tag: 'other', val }))).toBe(true);
  expect(['', '1a', '+', 'a:', 'a\nb', 'é'].some((val) => isScheme({ tag: 'other', val }))).toBe(false);
});

describe('authority', () => {
  it.each(['example.com', 'localhost:80', '1.2.3.4:65535', '[::]', '[::1]:443', '[2001:db8::1]', 'user:pa%20ss@a.b:1', 'a_b~c'])(
    '%j',
    (text) => {
      expect(isAuthority(text)).toBe(true);
    },
  );

  it.each([
    '',
    ' ',
    ':',
    '::',
    ':@',
    '@@',
    '@:',
    '#',
    '[',
    '[::1',
    'a:',
    'a:b',
    'a:65536',
    'a:123456',
    '[::1]:x',
    'a/b',
    'a?b',
    'a\nb',
    'a%2',
    'é',
  ])('is not %j', (text) => {
    expect(isAuthority(text)).toBe(false);
  });
});

describe('path with query', () => {
  it.each(['', '/', '/?', '?a=b', 'a/b', '../..', '/a%2Fb?c=%20', '/é', '/a"{}|^[]\\', '/?a=`&b=?', '//a', '*'])('%j', (text) => {
    expect(isPathWithQuery(text)).toBe(true);
  });

  it.each(['/a b', '/\n', '/\0', '/\x7f', '/a#b', '/<', '/`', '/?a b', '/?\r'])('is not %j', (text) => {
    expect(isPathWithQuery(text)).toBe(false);
  });
});

describe('targetOf()', () => {
  it.each([
    ['http://a.b:80/c?d#e', 'HTTP', 'a.b:80', '/c?d'],
    ['https://a', 'HTTPS', 'a', '/'],
    ['https://a?b', 'HTTPS', 'a', '/?b'],
    ['http://a//b/../c', 'HTTP', 'a', '//b/../c'],
    ['http://[::1]:1/%2F', 'HTTP', '[::1]:1', '/%2F'],
    ['http://a/?u=http://c/#x', 'HTTP', 'a', '/?u=http://c/'],
  ])('%s', (url, tag, authority, pathWithQuery) => {
    expect(targetOf(url)).toEqual({ scheme: { tag }, authority, pathWithQuery });
  });
});

describe('urlOf()', () => {
  it('puts the parts together, HTTPS and the root where nothing is said', () => {
    expect(urlOf(undefined, 'a', undefined)).toBe('https://a/');
    expect(urlOf({ tag: 'HTTP' }, 'a:1', '/b?c')).toBe('http://a:1/b?c');
    expect(urlOf({ tag: 'HTTPS' }, 'a', '?b')).toBe('https://a/?b');
    expect(urlOf({ tag: 'HTTPS' }, 'a', '//b')).toBe('https://a//b');
  });

  it('makes none without an authority, or of another scheme', () => {
    expect(urlOf({ tag: 'HTTP' }, undefined, '/')).toBe(null);
    expect(urlOf({ tag: 'HTTP' }, '', '/')).toBe(null);
    expect(urlOf({ tag: 'other', val: 'ws' }, 'a', '/')).toBe(null);
  });
});
