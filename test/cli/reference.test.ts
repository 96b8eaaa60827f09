import { describe, expect, it } from 'vitest';
import { parseAliasTarget, parseReference, parseSticky } from '../../host/cli/reference.ts';

describe('parseReference', () => {
  it.each([
    ['fn', { name: 'fn', reference: null }],
    ['fn@live', { name: 'fn', reference: 'live' }],
    ['fn@3', { name: 'fn', reference: '3' }],
  ])('reads %s', (text, expected) => expect(parseReference(text)).toEqual(expected));

  it.each(['', '@live', 'fn@', 'fn@a@b'])('refuses %j', (text) =>
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'usage' })),
  );
});

describe('parseAliasTarget', () => {
  it.each([
    ['live=3', 'live', [{ version: '3', weight: 100 }]],
    ['live=3f2a9c01', 'live', [{ version: '3f2a9c01', weight: 100 }]],
    [
      'live=3:90,4:10',
      'live',
      [
        { version: '3', weight: 90 },
        { version: '4', weight: 10 },
      ],
    ],
    [
      'beta=3:0.5,4:99.5',
      'beta',
      [
        { version: '3', weight: 0.5 },
        { version: '4', weight: 99.5 },
      ],
    ],
  ])('reads %s', (text, alias, versions) => expect(parseAliasTarget(text)).toEqual({ alias, versions }));

  it.each(['', 'live', '=3', 'live=', 'live=beta', 'live=3,4', 'live=3:90,', 'live=3:x', 'live=3:-1', 'live=3:1:2', 'live=3:1e1'])(
    'refuses %j',
    (text) => expect(() => parseAliasTarget(text)).toThrow(expect.objectContaining({ code: 'usage' })),
  );
});

describe('parseSticky', () => {
  it.each([
    ['none', null],
    ['address', { by: 'address' }],
    ['header:X-User', { by: 'header', name: 'X-User' }],
    ['cookie:user', { by: 'cookie', name: 'user' }],
  ])('reads %s', (text, expected) => expect(parseSticky(text)).toEqual(expected));

  it.each(['', 'header', 'header:', 'query:x'])('refuses %j', (text) =>
    expect(() => parseSticky(text)).toThrow(expect.objectContaining({ code: 'usage' })),
  );
});
