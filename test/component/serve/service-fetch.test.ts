import { describe, expect, it } from 'vitest';
import { serviceFor } from '../../../host/component/serve/service-fetch.ts';
import { errorCodeOf } from '../../../host/component/wasi/http/error-code.ts';

const service = () => ({ fetch: async () => new Response() });
const [a, bC] = [service(), service()];
const ENV = { A: a, b_C: bC, TEXT: 'text', JSON: { fetch: 'no function' }, TWICE: service(), twice: service() };

describe('the service that a request of a component goes to', () => {
  it.each([
    ['http://a.brink.internal/', a],
    ['https://A.BRINK.internal.:8443/x?y', a],
    ['http://b-c.brink.internal', bC],
    ['http://B_C.brink.internal/', bC],
    ['http://b%2Dc.brink.intern%61l/', bC],
    ['http://brink.internal.example/', null],
    ['http://a.notbrink.internal/', null],
    ['http://example.com/?a.brink.internal', null],
    ['http://a.brink.internal@example.com/', null],
  ])('%s', (url, expected) => {
    expect(serviceFor(url, ENV)).toBe(expected);
  });

  it.each([
    [
      'http://c.brink.internal/',
      'c.brink.internal: no service binding has this name. Service bindings of this function: A, b_C, TWICE, twice.',
    ],
    ['http://text.brink.internal/', 'text.brink.internal: no service binding has this name.'],
    ['http://json.brink.internal/', 'json.brink.internal: no service binding has this name.'],
    ['http://brink.internal/', 'brink.internal: no service binding has this name.'],
    ['http://x.a.brink.internal/', 'x.a.brink.internal: no service binding has this name.'],
    ['http://twice.brink.internal/', 'twice.brink.internal: it may be TWICE or twice.'],
  ])('%s is nobody', (url, why) => {
    let thrown: unknown;
    try {
      serviceFor(url, ENV);
    } catch (error) {
      thrown = error;
    }
    expect(errorCodeOf(thrown)).toEqual({ tag: 'destination-not-found' });
    expect(((thrown as Error).cause as Error).message).toContain(why);
  });
});
