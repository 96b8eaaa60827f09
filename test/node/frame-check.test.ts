import { describe, expect, it } from 'vitest';
import { isFromCell } from '../../host/platforms/node/frame-check.ts';

describe('isFromCell()', () => {
  it.each([
    [['response', 1, 200, ['a', 'b'], 'text', true, '']],
    [['response', 1, 101, [], { socket: null }, false, '']],
    [['response', 1, 200, [], new Uint8Array(1), true, '']],
    [['chunk', 3, new Uint8Array(2)]],
    [['console', 'log', 'x', null]],
    [['exception', { message: 'm', stack: '' }, '0123456789abcdef']],
    [['close', 1, 1005, '']],
    [['pong']],
    [['call', 1, 2, 'KV', 'get', '["a"]', null]],
    [['call', 1, 2, 'KV', 'put', '["a"]', true]],
    [['call', 1, 2, 'KV', 'put', '["a"]', new Uint8Array(3)]],
    [['value', ['chunk', 1, new Uint8Array(3)]]],
    [['value', ['cancel', 1]]],
  ])('takes %j', (frame) => expect(isFromCell(frame)).toBe(true));

  it.each([
    [null],
    ['response'],
    [[]],
    [['constructor', 1]],
    [['__proto__']],
    [['response', 1, 99, [], null, true, '']],
    [['response', 1, 200, ['odd'], null, true, '']],
    [['response', 1, 200, ['a', 1], null, true, '']],
    [['response', 1, 200, [], { toString: 1 }, true, '']],
    [['response', -1, 200, [], null, true, '']],
    [['response', 1, 200, [], null, true]],
    [['chunk', 1, 'text']],
    [['credit', 1, Infinity]],
    [['console', 'shout', 'x', null]],
    [['console', 'log', { big: 1 }, null]],
    [['exception', 'text', null]],
    [['failed', 1, 'internal', { message: '', stack: '' }]],
    [['settled', NaN]],
    [['call', 1, 2, 'KV', 'get', ['a'], null]],
    [['call', 1, '2', 'KV', 'get', '["a"]', null]],
    [['call', 1, 2, 'K'.repeat(129), 'get', '["a"]', null]],
    [['call', 1, 2, 'KV', 'get', '["a"]']],
    [['call', 1, 2, 'KV', 'get', '["a"]', 'text']],
    [['value', ['settled', 1]]],
    [['value', ['value', ['end', 1]]]],
    [['value', 'chunk']],
    [['value', ['chunk', 1, new Uint8Array(256 * 1024 + 1)]]],
  ])('refuses %j', (frame) => expect(isFromCell(frame)).toBe(false));
});
