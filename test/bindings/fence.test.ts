import { expect, it } from 'vitest';
import { checkFence, fenceOf } from '../../host/bindings/fence.ts';

it.for([
  [undefined, undefined],
  [7, undefined],
  [undefined, 1],
  [7, 7],
  [7, 8],
] as const)('after %s, %s may write', ([remembered, given]) => {
  expect(() => checkFence(remembered, given)).not.toThrow();
});

it.for([
  [7, 6],
  [7, 0],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1],
] as const)('after %s, %s may not', ([remembered, given]) => {
  expect(() => checkFence(remembered, given)).toThrow(expect.objectContaining({ name: 'FencedError', code: 'fenced' }));
});

it('a fence is a whole number, or there is none', () => {
  expect([0, 1, Number.MAX_SAFE_INTEGER, undefined, null].map(fenceOf)).toEqual([0, 1, Number.MAX_SAFE_INTEGER, undefined, undefined]);
  for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 53, '1', true, [], {}, 1n])
    expect(() => fenceOf(wrong)).toThrow(expect.objectContaining({ name: 'TypeError' }));
});
