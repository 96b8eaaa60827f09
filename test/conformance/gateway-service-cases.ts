import { describe, expect, it } from 'vitest';
import { publishFailing } from './gateway-failing.ts';
import { eventually, publish, type TestHost } from './harness.ts';

const CALLER = `export default { async fetch(request, env, ctx) {
  const { search, pathname } = new URL(request.url);
  const init = { method: request.method, ...(request.method === 'POST' && { body: await request.text() }) };
  try {
    const response = await env.CALLEE.fetch('https://callee/' + search, init);
    return new Response(await response.text(), { status: response.status, headers: { 'x-tries': response.headers.get('x-tries') ?? '-' } });
  } catch (error) {
    return Response.json({ code: error.code, message: error.message });
  }
} }`;
const FAST = { base: 1, most: 50 };

export function serviceCases(host: () => TestHost): void {
  describe('a call of another function, with resilience', () => {
    const calling = async (gateway: readonly object[], { resilience = true, manifest = {} as Record<string, unknown> } = {}) => {
      const callee = await publishFailing(host(), gateway, manifest);
      const services = [{ binding: 'CALLEE', service: callee.name, ...(resilience && { resilience }) }];
      const { name, url } = await publish(host(), CALLER, { manifest: { services, limits: { deadline_ms: 2_000 } } });
      return { callee, name, send: (query: string, init?: RequestInit) => fetch(`${url}?${query}`, init) };
    };

    it('is repeated as the callee’s rule says, in one trace', async () => {
      const { callee, name, send } = await calling([{ retry: { backoff: FAST } }]);
      const response = await send('times=2');
      expect([response.status, await response.text(), response.headers.get('x-tries')]).toEqual([200, 'whole ', '3']);
      const traces = (await callee.seen()).map(({ traceparent }) => traceparent.split('-'));
      expect([new Set(traces.map(([, trace]) => trace)).size, new Set(traces.map(([, , parent]) => parent)).size]).toEqual([1, 3]);
      const caller = await eventually(() => host().events.find((event) => event.type === 'invocation' && event.function === name));
      expect(caller).toMatchObject({ traceId: traces[0]![1] });
    });

    it('is not, where its binding does not say so', async () => {
      const { callee, send } = await calling([{ retry: { backoff: FAST } }], { resilience: false });
      expect((await send('times=2')).status).toBe(503);
      expect(await callee.seen()).toHaveLength(1);
    });

    it('goes by no other rule of the callee', async () => {
      const { send } = await calling([
        { auth: { basic: { users: 'USERS' } } },
        { match: { path: '/seen' }, auth: false },
        { rewrite: '/x' },
      ]);
      expect((await send('')).status).toBe(200);
    });

    it('is sent with its body each time, where the rule names its method', async () => {
      const { callee, send } = await calling([{ retry: { backoff: FAST, methods: ['POST'] } }]);
      const response = await send('times=1', { method: 'POST', body: 'text' });
      expect([response.status, await response.text()]).toEqual([200, 'whole text']);
      expect((await callee.seen()).map(({ body }) => body)).toEqual(['text', 'text']);
    });

    it('finds the circuit that requests have opened, and the caller hears why', async () => {
      const { callee, send } = await calling([{ circuit_breaker: { minimum: 2, open: '10m' } }]);
      for (let each = 0; each < 2; each++) await callee.send('/?times=9');
      const error = (await (await send('')).json()) as object;
      expect(error).toMatchObject({ code: 'circuit-open', message: expect.stringContaining(callee.name) });
    });

    it('opens that circuit for requests', async () => {
      const { callee, send } = await calling([{ circuit_breaker: { minimum: 2, open: '10m' } }]);
      for (let each = 0; each < 2; each++) await send('times=9');
      expect(await (await callee.send('/')).json()).toMatchObject({ code: 'circuit-open' });
    });

    it('gets the callee’s fallback', async () => {
      const { send } = await calling([{ fallback: { status: 203, body: 'Later.' } }]);
      const response = await send('times=1&how=throw');
      expect([response.status, await response.text()]).toEqual([203, 'Later.']);
    });

    it('is made once more where it takes long', async () => {
      const { send } = await calling([{ hedge: { after_ms: 60, on: ['5xx'] } }], { manifest: { scaling: { max_cells: 1 } } });
      const response = await send('times=1&how=stall&ms=1500');
      expect(await response.text()).toBe('whole ');
    });

    it('what the callee throws is thrown in the caller, as without', async () => {
      const { send } = await calling([{ retry: { backoff: FAST, on: ['connect'] } }]);
      expect(await (await send('times=1&how=throw')).json()).toMatchObject({ message: 'thrown' });
    });

    it('has no more time than its caller', async () => {
      const { callee, send } = await calling([{ retry: { backoff: FAST, per_try_ms: 1_500, attempts: 5 } }]);
      const began = performance.now();
      await (await send('times=9&how=stall&ms=20000')).text();
      expect(performance.now() - began).toBeLessThan(15_000);
      expect((await callee.seen()).length).toBeLessThan(4);
    });
  });
}
