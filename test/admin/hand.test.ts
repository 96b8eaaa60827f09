import { expect, it } from 'vitest';
import { handOf } from '../../host/admin/hand.ts';

const request = (headers: Record<string, string>) => new Request('http://localhost/', { headers });

it.each([
  [{}, { by: 'local', why: null, overrideFreeze: null }],
  [{ authorization: 'Bearer x' }, { by: 'token', why: null, overrideFreeze: null }],
  [{ 'brink-actor': 'anna' }, { by: 'local (anna)', why: null, overrideFreeze: null }],
  [
    { authorization: 'Bearer x', 'brink-actor': 'Zo%C3%AB' },
    { by: 'token (Zoë)', why: null, overrideFreeze: null },
  ],
  [{ 'brink-reason': '100 % sure' }, { by: 'local', why: '100 % sure', overrideFreeze: null }],
  [{ 'brink-override-freeze': 'a%20fire' }, { by: 'local', why: null, overrideFreeze: 'a fire' }],
  [{ 'brink-allow-breaking': 'true' }, { by: 'local', why: null, overrideFreeze: null, allowBreaking: true }],
])('a request with %o is the hand of %o', (headers, hand) => expect(handOf(request(headers as Record<string, string>))).toEqual(hand));

it.each([
  ['brink-actor', 'a%0Ab'],
  ['brink-reason', 'x'.repeat(201)],
  ['brink-override-freeze', '%20'],
  ['brink-allow-breaking', 'yes'],
])('%s takes no %j', (name, value) => {
  expect(() => handOf(request({ [name]: value }))).toThrow(
    expect.objectContaining({ code: 'bad-request', details: { in: 'header', path: name } }),
  );
});
