import { expect, it } from 'vitest';
import { quotasOf } from '../../host/bindings/quotas.ts';
import { Rates } from '../../host/bindings/rates.ts';
import { manualClock } from '../stores/clock.ts';

function opened() {
  const clock = manualClock();
  const rates = new Rates(clock.now);
  /** How many of `asked` are let through. */
  const taken = (asked: number, perSecond: number, of = 'fn/KV') => {
    let count = 0;
    for (let index = 0; index < asked; index++) {
      try {
        rates.take(of, 'KV', perSecond);
        count++;
      } catch (error) {
        expect(error).toMatchObject({ name: 'QuotaExceededError', code: 'quota-exceeded' });
      }
    }
    return count;
  };
  return { clock, rates, taken };
}

it('lets through what a second has, and then as many as time brings', () => {
  const { clock, taken } = opened();
  expect(taken(20, 10)).toBe(10);
  clock.advance(250);
  expect(taken(20, 10)).toBe(2);
  clock.advance(60_000);
  expect(taken(20, 10)).toBe(10);
});

it('says when there is one again, and is right', () => {
  const { clock, rates, taken } = opened();
  taken(3, 3);
  expect(() => rates.take('fn/KV', 'KV', 3)).toThrow('KV: more than 3 operations a second. Try again in 0.334 s.');
  clock.advance(333);
  expect(taken(1, 3)).toBe(0);
  clock.advance(1);
  expect(taken(1, 3)).toBe(1);
});

it('counts each function and binding for itself', () => {
  const { taken } = opened();
  expect([taken(5, 2, 'a/KV'), taken(5, 2, 'a/OTHER'), taken(5, 2, 'b/KV')]).toEqual([2, 2, 2]);
});

it('follows a limit that changes, and a clock that is put back', () => {
  const { clock, taken } = opened();
  expect(taken(5, 2)).toBe(2);
  clock.advance(-10_000);
  expect(taken(5, 2)).toBe(0);
  clock.advance(500);
  expect(taken(100, 100)).toBe(50);
  clock.advance(1_000);
  expect(taken(5, 1)).toBe(1);
});

it('no limit is none', () => {
  expect(opened().taken(1_000, Infinity)).toBe(1_000);
});

it('many buckets that are full again are let go, and those that are not, count on', () => {
  const { clock, taken } = opened();
  for (let index = 0; index < 9_999; index++) taken(1, 10, `fn-${index}/KV`);
  clock.advance(1_000);
  expect(taken(10, 10, 'busy/KV')).toBe(10);
  expect(taken(1, 10, 'next/KV')).toBe(1);
  expect(taken(1, 10, 'busy/KV')).toBe(0);
});

it('settings of a host are whole numbers', () => {
  expect(quotasOf({ BRINK_MAX_OPERATIONS: '5', BRINK_MAX_KEYS: ' 6 ', BRINK_MAX_BYTES: '', BRINK_MAX_MESSAGES: '7' })).toEqual({
    operations: 5,
    kv: { keys: 6, bytes: 10 * 1024 ** 3 },
    queue: { messages: 7, bytes: 10 * 1024 ** 3 },
    bucket: { keys: 10_000_000, bytes: 100 * 1024 ** 3 },
    database: { bytes: 10 * 1024 ** 3 },
  });
  expect(quotasOf({ BRINK_MAX_BYTES: '8' })).toMatchObject({ kv: { bytes: 8 }, queue: { bytes: 8 } });
  for (const text of ['0', '-1', '1.5', 'many', '1e3'])
    expect(() => quotasOf({ BRINK_MAX_KEYS: text })).toThrow('BRINK_MAX_KEYS is a whole number');
});
