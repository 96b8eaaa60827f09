import { expect, it } from 'vitest';
import { isStartFailure, startFailureOf } from '../../host/platforms/workerd/start-failure.ts';

it.each<[boolean, string]>([
  [true, 'Failed to start Worker:\nUncaught Error: no start\n  at index.js:1:7'],
  // Its name is spoilt by that: whoever calls it is told the same.
  [true, 'The execution context responding to this call was canceled.'],
  [false, 'Network connection lost.'],
  [false, 'no start'],
])('is %s of %j', (expected, message) => {
  expect([isStartFailure(new Error(message)), isStartFailure(message)]).toEqual([expected, false]);
});

it('says why, and whether a top-level await never ends', () => {
  expect(startFailureOf(new Error('Failed to start Worker:\nUncaught Error: no start\n  at index.js:1:7'))).toEqual({
    reason: 'Error: no start\n  at index.js:1:7',
    unsettled: false,
  });
  expect(startFailureOf(new Error('Failed to start Worker:\nTop-level await in module is unsettled.')).unsettled).toBe(true);
});
