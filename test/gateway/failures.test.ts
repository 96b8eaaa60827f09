import { describe, expect, it } from 'vitest';
import { BrinkError, type Code } from '../../host/errors.ts';
import { failureTest } from '../../host/gateway/failures.ts';
import { problemResponse } from '../../host/gateway/problem.ts';

const own = (status: number) => new Response('text', { status });
const hosts = (code: Code) => problemResponse(new BrinkError(code, 'It failed.'));

describe('failureTest()', () => {
  it.each<[readonly (string | number)[], Response, string | null]>([
    [['5xx'], own(200), null],
    [['5xx'], own(404), null],
    [['5xx'], own(503), '503'],
    [['5xx'], hosts('cell-crashed'), 'cell-crashed'],
    [['5xx'], hosts('request-too-large'), null],
    [[429], own(429), '429'],
    [['host'], own(502), null],
    [['host'], hosts('cell-crashed'), 'cell-crashed'],
    [['host'], hosts('bad-request'), null],
    [['connect'], hosts('overloaded'), 'overloaded'],
    [['connect'], hosts('cell-start-failed'), 'cell-start-failed'],
    [['connect'], hosts('cell-crashed'), null],
    [['cell-crashed'], hosts('cell-crashed'), 'cell-crashed'],
    [['cell-crashed'], hosts('overloaded'), null],
  ])('%j of %o is %s', (names, response, failure) => {
    expect(failureTest(names)(response)).toBe(failure);
  });

  it('takes no function’s word for an error of the host', async () => {
    const real = hosts('cell-crashed');
    const forged = new Response(await real.clone().text(), { status: real.status, headers: real.headers });
    expect(failureTest(['host', 'cell-crashed'])(forged)).toBeNull();
  });
});
