import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { parseGuard } from '../../host/releases/guard.ts';

describe('parseGuard()', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['error_rate<1%', [{ kind: 'error_rate', limit: { share: 0.01 } }]],
    ['error_rate <= 0.5 %', null],
    ['error_rate <= 0.5%', [{ kind: 'error_rate', limit: { share: 0.005 } }]],
    ['error_rate<1.5x', [{ kind: 'error_rate', limit: { times: 1.5 } }]],
    ['p95<1.2x', [{ kind: 'p95', limit: { times: 1.2 } }]],
    [
      'p50<80ms&&p99<2s',
      [
        { kind: 'p50', limit: { ms: 80 } },
        { kind: 'p99', limit: { ms: 2_000 } },
      ],
    ],
    ['requests>=500', [{ kind: 'requests', least: 500 }]],
    ['error_rate<1% && p95<1.2x && requests>500', [{ kind: 'error_rate' }, { kind: 'p95' }, { kind: 'requests', least: 501 }]],
  ])('%j', (text, terms) => {
    if (terms === null) expect(() => parseGuard(text)).toThrow(BrinkError);
    else expect(parseGuard(text)).toMatchObject(terms);
  });

  it.each([
    ['errors<1%', 0, 'errors is not measured'],
    ['error_rate<1% && p96<1.2x', 17, 'p96 is not measured'],
    ['error_rate>1%', 10, 'followed by < or <='],
    ['error_rate==1%', 10, 'followed by < or <='],
    ['error_rate', 10, 'followed by < or <='],
    ['requests<5', 8, 'followed by >= or >'],
    ['requests>=5.5', 10, 'a whole number'],
    ['p95<', 4, 'a number is missing'],
    ['p95<1.2', 4, 'a time in ms or s, or a multiple'],
    ['p95<0.5x', 4, 'from 1x to 1000x'],
    ['p95<10%', 4, 'a time in ms or s, or a multiple'],
    ['error_rate<120%', 11, 'between 0% and 100%'],
    ['error_rate<0%', 11, 'between 0% and 100%'],
    ['error_rate<20ms', 11, 'between 0% and 100%'],
    ['error_rate<1% || p95<2x', 13, 'joined by && and by nothing else'],
    ['error_rate<1% &&', 16, 'a condition begins with one of'],
    ['&& p95<2x', 0, 'a condition begins with one of'],
    ['(p95<2x)', 0, 'a condition begins with one of'],
    ['p95<1..2x', 4, 'a number is missing'],
    [Array(9).fill('p95<2x').join('&&'), 0, 'at most 8 are tested'],
    ['p95<2x '.padEnd(301), 300, 'at most 300 are read'],
  ])('refuses %j, and names the place', (text, at, why) => {
    try {
      parseGuard(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'guard-invalid', details: { at }, message: expect.stringContaining(why) });
    }
  });
});
