import { describe, expect, it } from 'vitest';
import type { CircuitEvent, InvocationEvent } from '../../host/observe/events.ts';
import { publishFailing } from './gateway-failing.ts';
import { eventually, publish, type TestHost } from './harness.ts';

const FAST = { base: 1, most: 1_000 };

export function resilienceCases(host: () => TestHost): void {
  describe('retry', () => {
    it('calls again what failed, until it does not', async () => {
      const fn = await publishFailing(host(), [{ retry: { backoff: FAST } }]);
      const response = await fn.send('/?times=2');
      expect([response.status, await response.text(), response.headers.get('x-tries')]).toEqual([200, 'whole ', '3']);
    });

    it('gives the last failure where all attempts failed', async () => {
      const fn = await publishFailing(host(), [{ retry: { attempts: 2, backoff: FAST } }]);
      const response = await fn.send('/?times=9');
      expect([response.status, await response.text()]).toEqual([503, 'failed']);
      expect(await fn.seen()).toHaveLength(2);
    });

    it('is one trace, and each attempt an invocation in the log', async () => {
      const fn = await publishFailing(host(), [{ retry: { backoff: FAST } }]);
      await fn.send('/?times=2');
      const traces = (await fn.seen()).map(({ traceparent }) => traceparent.split('-'));
      expect(new Set(traces.map(([, trace]) => trace)).size).toBe(1);
      expect(new Set(traces.map(([, , parent]) => parent)).size).toBe(3);
      const events = await eventually(() => {
        const found = host().events.filter(
          (event): event is InvocationEvent => event.type === 'invocation' && event.function === fn.name && event.path === '/',
        );
        return found.length === 3 ? found : undefined;
      });
      expect(events.map(({ status, traceId }) => [status, traceId])).toEqual([503, 503, 200].map((status) => [status, traces[0]![1]]));
    });

    it('keeps the trace that the client has begun', async () => {
      const fn = await publishFailing(host(), [{ retry: { backoff: FAST } }]);
      const trace = '0af7651916cd43dd8448eb211c80319c';
      await fn.send('/?times=1', { headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
      expect((await fn.seen()).map(({ traceparent }) => traceparent.slice(0, 35))).toEqual([`00-${trace}`, `00-${trace}`]);
    });

    it('sends what other rules have made of the request, once each time', async () => {
      const fn = await publishFailing(host(), [{ retry: { backoff: FAST }, request_headers: { append: { 'x-extra': 'rule' } } }]);
      await fn.send('/?times=2', { headers: { 'x-extra': 'client' } });
      expect((await fn.seen()).map(({ extra }) => extra)).toEqual(['client, rule', 'client, rule', 'client, rule']);
    });

    it.each<[string, Record<string, unknown>, RequestInit, number]>([
      ['a POST', {}, { method: 'POST', body: 'x' }, 1],
      ['a POST that the rule names', { methods: ['POST'] }, { method: 'POST', body: 'x' }, 2],
      ['a PUT with a body', {}, { method: 'PUT', body: 'x'.repeat(1_000) }, 2],
      ['a PUT with a body that is too long', { max_body: 999 }, { method: 'PUT', body: 'x'.repeat(1_000) }, 1],
      ['a DELETE', {}, { method: 'DELETE' }, 2],
    ])('makes of %s the calls that it may', async (_what, rule, init, calls) => {
      const fn = await publishFailing(host(), [{ retry: { backoff: FAST, ...rule } }]);
      const response = await fn.send('/?times=1', init);
      expect(response.status).toBe(calls === 1 ? 503 : 200);
      const body = init.body ?? '';
      expect((await fn.seen()).map((call) => [call.method, call.body])).toEqual(Array.from({ length: calls }, () => [init.method, body]));
    });

    it('sends a body on whole that came in parts, and is too long to keep', async () => {
      const fn = await publishFailing(host(), [{ retry: { backoff: FAST, max_body: 1_000 } }]);
      const parts = new ReadableStream({
        start(controller) {
          for (let part = 0; part < 5; part++) controller.enqueue(new TextEncoder().encode(String(part).repeat(400)));
          controller.close();
        },
      });
      const response = await fn.send('/', { method: 'PUT', body: parts, duplex: 'half' } as RequestInit);
      expect(await response.text()).toBe(`whole ${[0, 1, 2, 3, 4].map((part) => String(part).repeat(400)).join('')}`);
    });

    it.each<[string, readonly unknown[], string, number]>([
      ['a status that is not named', ['connect', 502], '503', 503],
      ['a status that is', [503], '503', 200],
      ['any error of a server', ['5xx'], '500', 200],
      ['no error of the host', ['host'], '500', 500],
      ['what was thrown', ['host'], 'throw', 200],
      ['its code', ['handler-threw'], 'throw', 200],
      ['another code', ['cell-crashed'], 'throw', 500],
    ])('knows %s', async (_what, on, how, status) => {
      const fn = await publishFailing(host(), [{ retry: { on, backoff: FAST } }]);
      expect((await fn.send(`/?times=1&how=${how}`)).status).toBe(status);
    });

    it('bounds each attempt, and ends what it does not wait for', async () => {
      const fn = await publishFailing(host(), [{ retry: { per_try_ms: 1_000, backoff: FAST } }]);
      await fn.seen();
      const response = await fn.send('/?times=1&how=stall&ms=10000');
      expect([response.status, response.headers.get('x-tries')]).toEqual([200, '2']);
    });

    it('takes no longer than the deadline of the function, whatever the attempts', async () => {
      const fn = await publishFailing(host(), [{ retry: { attempts: 5, per_try_ms: 800, backoff: FAST } }], {
        limits: { deadline_ms: 2_000 },
      });
      const begun = performance.now();
      const response = await fn.send('/?times=9&how=stall&ms=10000');
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([504, 'deadline-exceeded']);
      expect(performance.now() - begun).toBeLessThan(8_000);
      expect((await fn.seen()).length).toBeLessThanOrEqual(3);
    });

    it('has no second look at an answer that has begun', async () => {
      const fn = await publishFailing(host(), [{ retry: { on: ['5xx'], backoff: FAST } }]);
      // By the time that the client hears of its head, it may be broken already.
      await expect(fn.send('/?times=1&how=broken').then((response) => response.text())).rejects.toThrow();
      expect(await fn.seen()).toHaveLength(1);
    });

    it.each(['retry', 'fallback'])('lets go of a failure whose body breaks (%s)', async (name) => {
      const rules = { retry: { backoff: FAST }, fallback: { status: 200, body: 'whole ' } };
      const fn = await publishFailing(host(), [{ [name]: rules[name as keyof typeof rules] }]);
      const response = await fn.send('/?times=1&how=broken&status=503');
      expect([response.status, await response.text()]).toEqual([200, 'whole ']);
    });

    it('waits as long as it is asked to, where that is not too long', async () => {
      const fn = await publishFailing(host(), [{ retry: { backoff: FAST } }]);
      const begun = performance.now();
      expect((await fn.send('/?key=1&times=1&after=1')).status).toBe(200);
      expect(performance.now() - begun).toBeGreaterThan(990);
      expect((await fn.send('/?key=2&times=1&after=2')).status).toBe(503);
    });

    it('has a budget, so that an outage does not get worse', async () => {
      const fn = await publishFailing(host(), [{ retry: { backoff: FAST, budget: { minimum: 4 } } }]);
      const responses = await Promise.all(Array.from({ length: 20 }, () => fn.send('/?times=1000')));
      expect(responses.every(({ status }) => status === 503)).toBe(true);
      expect(await fn.seen()).toHaveLength(24);
    });
  });

  describe('hedge', () => {
    it('calls once more what takes long, and gives the answer that is there first', async () => {
      const fn = await publishFailing(host(), [{ hedge: { after_ms: 100 } }]);
      // Its cell is there.
      await fn.seen();
      const begun = performance.now();
      const response = await fn.send('/?key=a&times=1&how=stall&ms=10000');
      expect([response.status, response.headers.get('x-tries')]).toEqual([200, '2']);
      expect(performance.now() - begun).toBeLessThan(8_000);
      const traces = (await fn.seen()).map(({ traceparent }) => traceparent.slice(0, 35));
      expect([traces.length, new Set(traces).size]).toEqual([2, 1]);
      // The call that lost has no error of the host's.
      await new Promise((resolve) => setTimeout(resolve, 100));
      const about = host().events.filter((event) => event.function === fn.name);
      expect(about.filter(({ type }) => type === 'exception')).toEqual([]);
    });

    it('waits for a better one where the other fails', async () => {
      const fn = await publishFailing(host(), [{ hedge: { after_ms: 100 } }]);
      const response = await fn.send('/?late=2000');
      expect([response.status, response.headers.get('x-tries')]).toEqual([200, '1']);
      expect(await fn.seen()).toHaveLength(2);
    });

    it('makes no further call of what is done in time, of a POST, or without a budget', async () => {
      const quick = await publishFailing(host(), [{ hedge: { after_ms: 60_000 } }]);
      expect((await quick.send('/?times=1')).status).toBe(503);
      expect(await quick.seen()).toHaveLength(1);
      const poor = await publishFailing(host(), [{ hedge: { after_ms: 20, budget: { minimum: 0 } } }]);
      expect((await poor.send('/?times=1&how=stall&ms=200')).status).toBe(503);
      expect((await poor.send('/?key=b&times=1&how=stall&ms=200', { method: 'POST', body: 'x' })).status).toBe(503);
      expect(await poor.seen()).toHaveLength(2);
    });

    it('goes by how long calls took before, once there were enough of them', async () => {
      const fn = await publishFailing(host(), [{ hedge: { percentile: 90 } }]);
      const slow = '/?key=a&times=1&how=stall&ms=300';
      expect((await fn.send(slow)).status).toBe(503);
      expect(await fn.seen()).toHaveLength(1);
      for (let each = 0; each < 10; each++) await Promise.all(Array.from({ length: 10 }, () => fn.send('/')));
      const begun = performance.now();
      const response = await fn.send('/?key=b&times=1&how=stall&ms=20000');
      expect([response.status, response.headers.get('x-tries')]).toEqual([200, '2']);
      expect(performance.now() - begun).toBeLessThan(15_000);
    });

    it('with a percentile waits no less than after_ms, and goes by that until it knows', async () => {
      const fn = await publishFailing(host(), [{ hedge: { percentile: 50, after_ms: 100 } }]);
      await fn.send('/');
      const response = await fn.send('/?key=a&times=1&how=stall&ms=5000');
      expect([response.status, response.headers.get('x-tries')]).toEqual([200, '2']);
    });

    it('is inside of retry, which tries again what failed both times', async () => {
      const fn = await publishFailing(host(), [{ hedge: { after_ms: 50 }, retry: { backoff: FAST } }]);
      const response = await fn.send('/?times=2&how=stall&ms=200');
      expect([response.status, response.headers.get('x-tries')]).toEqual([200, '3']);
    });
  });

  describe('circuit_breaker', () => {
    const breaker = { minimum: 4, open: '10m', window: '10m' };
    const circuits = (name: string) =>
      host().events.filter((event): event is CircuitEvent => event.type === 'circuit' && event.function === name);

    it('opens, answers without the function, is tried, and closes', async () => {
      const fn = await publishFailing(host(), [{ circuit_breaker: { ...breaker, open: 2_000 } }]);
      for (let each = 0; each < 4; each++) expect((await fn.send('/?key=a&times=5')).status).toBe(503);
      const refused = await fn.send('/');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[12]$/)]);
      expect(await refused.json()).toMatchObject({ code: 'circuit-open', retryAfter: Number(refused.headers.get('retry-after')) });
      expect(await fn.seen()).toHaveLength(4);
      const had = (text: string, query = '') =>
        eventually(async () => ((await (await fn.send(`/${query}`)).text()) === text ? true : undefined));
      await had('failed', '?key=a&times=5');
      expect(((await (await fn.send('/')).json()) as { code: string }).code).toBe('circuit-open');
      await had('whole ');
      const events = await eventually(() => (circuits(fn.name).length >= 5 ? circuits(fn.name) : undefined));
      expect(events.map(({ state }) => state)).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
      expect(events[0]!.reason).toBe('4 of 4 requests failed in 600 s, the last with 503');
    });

    it('is one for all paths that have the rule of one block', async () => {
      const fn = await publishFailing(host(), [
        { circuit_breaker: breaker },
        { match: { path: '/b/*' }, response_headers: { set: { x: 'y' } } },
      ]);
      for (const path of ['/a', '/b/1', '/a', '/b/2']) await fn.send(`${path}?times=9`);
      const answers = await Promise.all(['/a', '/b/3'].map((path) => fn.send(path)));
      expect(await Promise.all(answers.map(async (answer) => ((await answer.json()) as { code: string }).code))).toEqual([
        'circuit-open',
        'circuit-open',
      ]);
    });

    it('counts a request once that was tried more often', async () => {
      const fn = await publishFailing(host(), [{ circuit_breaker: breaker, retry: { attempts: 2, backoff: FAST } }]);
      for (let each = 0; each < 4; each++) await fn.send('/?times=99');
      expect(await fn.seen()).toHaveLength(8);
      expect(((await (await fn.send('/')).json()) as { code: string }).code).toBe('circuit-open');
    });

    it.each([
      ['alone', {}],
      ['behind a cache', { cache: true }],
    ])('what it refuses stands in the log, %s', async (_where, rule) => {
      const fn = await publishFailing(host(), [{ ...rule, circuit_breaker: { minimum: 2, open: '10m' } }]);
      for (let each = 0; each < 2; each++) await fn.send(`/?key=${each}&times=9`);
      const { code, requestId } = (await (await fn.send('/')).json()) as { readonly code: string; readonly requestId: string };
      const refused = await eventually(() =>
        host().events.find(
          (event): event is InvocationEvent => event.type === 'invocation' && event.function === fn.name && event.trigger === 'gateway',
        ),
      );
      expect([code, refused.outcome, refused.status, refused.requestId]).toEqual(['circuit-open', 'circuit-open', 503, requestId]);
    });
  });

  describe('fallback', () => {
    it.each(['500', 'throw'])('answers with what stands there where the function failed (%s)', async (how) => {
      const fn = await publishFailing(host(), [{ fallback: { status: 200, body: 'Later.', headers: { 'content-type': 'text/x-later' } } }]);
      const response = await fn.send(`/?times=1&how=${how}`);
      expect([response.status, await response.text()]).toEqual([200, 'Later.']);
      expect([response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual(['text/x-later', 'no-store']);
      expect(await (await fn.send('/')).text()).toBe('whole ');
    });

    it('leaves alone what is no failure', async () => {
      const fn = await publishFailing(host(), [{ fallback: { body: 'Later.' } }]);
      expect((await fn.send('/?times=1&how=404')).status).toBe(404);
    });

    it('asks another function, with the request but for its body', async () => {
      const source = `export default { fetch: async (request) => Response.json(
        { method: request.method, path: new URL(request.url).pathname, extra: request.headers.get('x-extra'), body: await request.text() },
        { headers: { 'x-from': 'other' } },
      ) };`;
      const other = await publish(host(), source);
      const fn = await publishFailing(host(), [
        { fallback: { function: other.name }, rewrite: '/inner', request_headers: { set: { 'x-extra': 'rule' } } },
      ]);
      const response = await fn.send('/outer?times=1', { method: 'POST', body: 'text' });
      expect(response.headers.get('x-from')).toBe('other');
      expect(await response.json()).toEqual({ method: 'POST', path: '/inner', extra: 'rule', body: '' });
    });

    it('gives the first failure where the other function cannot help', async () => {
      const fn = await publishFailing(host(), [{ fallback: { function: 'not-there' } }]);
      const response = await fn.send('/?times=1&how=502');
      expect([response.status, await response.text()]).toEqual([502, 'failed']);
    });

    it('answers what was tried often enough, and an open circuit', async () => {
      const fn = await publishFailing(host(), [
        { fallback: { body: 'Later.' }, circuit_breaker: { minimum: 2 }, retry: { attempts: 2, backoff: FAST } },
      ]);
      expect(await (await fn.send('/?key=a&times=1')).text()).toBe('whole ');
      for (let each = 0; each < 2; each++) expect(await (await fn.send('/?key=b&times=99')).text()).toBe('Later.');
      const seen = (await fn.seen()).length;
      expect(await (await fn.send('/')).text()).toBe('Later.');
      expect(await fn.seen()).toHaveLength(seen);
      const event = await eventually(() =>
        host().events.find((each) => each.type === 'invocation' && each.function === fn.name && each.trigger === 'gateway'),
      );
      expect(event).toMatchObject({ status: 503, outcome: 'circuit-open' });
    });
  });

  describe('a manifest with rules for failures', () => {
    it.each<[string, Record<string, unknown>, string]>([
      ['a way to fail that is none', { retry: { on: ['sometimes'] } }, 'is no way to fail'],
      ['a method that is not repeated', { retry: { methods: ['CONNECT'] } }, 'is not repeated'],
      ['too many attempts', { retry: { attempts: 6 } }, 'must be a whole number, 2 to 5'],
      ['a share that is none', { retry: { budget: { share: 2 } } }, 'must be a share'],
      ['a hedge that does not say when', { hedge: { max: 2 } }, 'does not say when'],
      ['a percentile that is none', { hedge: { percentile: 100 } }, 'must be a number of percent, 50 to 99.9'],
      ['a key that is none', { circuit_breaker: { error: 0.5 } }, 'circuit_breaker.error'],
      ['a window that is too short', { circuit_breaker: { window: '1ms' } }, 'must be a time from 1000 ms to "10m"'],
      ['a fallback that says nothing', { fallback: {} }, 'says nothing'],
      ['a fallback that says two things', { fallback: { function: 'a', status: 200 } }, 'has a function'],
      ['a body with a status that has none', { fallback: { status: 204, body: 'x' } }, 'goes with no such status'],
    ])('is refused for %s', async (_what, block, says) => {
      await expect(publishFailing(host(), [block])).rejects.toMatchObject({ message: expect.stringContaining(says) });
    });
  });
}
