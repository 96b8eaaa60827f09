import { expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { problemResponse } from '../../host/gateway/problem.ts';

it('an error is problem details, with its facts beside them', async () => {
  const response = problemResponse(new BrinkError('alias-conflict', 'It has moved.', { details: { revision: 3 } }), {
    members: { requestId: 'r1' },
  });
  expect([response.status, response.headers.get('content-type')]).toEqual([409, 'application/problem+json']);
  expect(await response.json()).toEqual({
    type: 'urn:brink:error:alias-conflict',
    title: 'Alias conflict',
    status: 409,
    detail: 'It has moved.',
    code: 'alias-conflict',
    revision: 3,
    requestId: 'r1',
  });
});

it('a fact takes no standard member’s place', async () => {
  const error = new BrinkError('not-found', 'Not there.', { details: { status: 200, code: 'ok', type: 'x' } });
  expect(await problemResponse(error).json()).toMatchObject({ status: 404, code: 'not-found', type: 'urn:brink:error:not-found' });
});

it('shows neither causes nor what a stranger threw', async () => {
  const text = await problemResponse(new BrinkError('internal', 'No.', { cause: new Error('secret cause') })).text();
  const stranger = await problemResponse(new TypeError('secret path /etc')).text();
  expect(text + stranger).not.toMatch(/secret|stack|at /);
  expect(JSON.parse(stranger)).toMatchObject({ code: 'internal', status: 500 });
});

it('names the scheme of a 401 and the methods of a 405', () => {
  expect(problemResponse(new BrinkError('unauthorized', 'No.')).headers.get('www-authenticate')).toBe('Bearer realm="brink"');
  expect(problemResponse(new BrinkError('method-not-allowed', 'No.', { details: { allow: ['GET', 'HEAD'] } })).headers.get('allow')).toBe(
    'GET, HEAD',
  );
});
