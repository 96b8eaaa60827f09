import { afterEach, describe, expect, it } from 'vitest';
import type { InvocationEvent } from '../../host/observe/events.ts';
import { publishEcho } from './gateway-echo.ts';
import { publishFailing } from './gateway-failing.ts';
import { eventually, freshName, publish, type TestHost } from './harness.ts';

const HEADER = (name: string, value: string) => ({ response_headers: { set: { [name]: value } } });
const FAST = { base: 1, most: 1_000 };

export function operatorCases(host: () => TestHost): void {
  const admin = new Proxy({} as TestHost['admin'], { get: (_, key) => Reflect.get(host().admin, key) as unknown });

  describe('rules of an operator', () => {
    afterEach(async () => {
      await admin.removeGateway(null);
    });

    it('stand before a function from the next request on, and go again', async () => {
      const fn = await publishEcho(host(), {});
      expect((await fn.send('/')).headers.get('x-op')).toBeNull();
      expect(await admin.putGateway(fn.name, [HEADER('x-op', 'one')])).toMatchObject({ function: fn.name, revision: 1, blocks: 1 });
      expect((await fn.send('/')).headers.get('x-op')).toBe('one');
      await admin.putGateway(fn.name, [HEADER('x-op', 'two')]);
      expect((await fn.send('/')).headers.get('x-op')).toBe('two');
      expect(await admin.removeGateway(fn.name)).toMatchObject({ revision: 3, blocks: 0, gateway: [] });
      expect((await fn.send('/')).headers.get('x-op')).toBeNull();
    });

    it('stand before all functions, and before versions to come', async () => {
      const [a, b] = [await publishEcho(host(), {}), await publishEcho(host(), {})];
      await admin.putGateway(null, [{ cors: { origins: ['https://app.example'] } }]);
      const origin = { headers: { origin: 'https://app.example' } };
      for (const fn of [a, b, await publishEcho(host(), {})])
        expect((await fn.send('/', origin)).headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect((await fetch(`${host().url}/_brink/health`, origin)).headers.get('access-control-allow-origin')).toBeNull();
      await publish(host(), 'export default { fetch: () => new Response("two") };', { name: a.name, alias: 'live' });
      const second = await a.send('/', origin);
      expect([await second.text(), second.headers.get('access-control-allow-origin')]).toEqual(['two', 'https://app.example']);
    });

    it('may be there before the function is', async () => {
      const name = freshName();
      await admin.putGateway(name, [HEADER('x-op', 'early')]);
      const { url } = await publish(host(), 'export default { fetch: () => new Response("here") };', { name });
      expect((await fetch(url)).headers.get('x-op')).toBe('early');
    });

    it('come first those of the host, then those of the function, then those of the version', async () => {
      const fn = await publishEcho(host(), {
        gateway: [{ request_headers: { append: { 'x-way': 'version' } }, rewrite: '/v/*', match: { path: '/f/h/*' } }],
      });
      await admin.putGateway(fn.name, [{ request_headers: { append: { 'x-way': 'function' } }, rewrite: '/f/*', match: { path: '/*' } }]);
      await admin.putGateway(null, [{ request_headers: { append: { 'x-way': 'host' } }, rewrite: '/h/*', match: { path: '/*' } }]);
      const seen = await fn.seen('/x?y=1', { method: 'POST', body: 'whole', headers: { 'x-way': 'client' } });
      expect([seen.path, seen.headers['x-way'], seen.body]).toEqual(['/v/x', 'client, host, function, version', 'whole']);
    });

    it('hold, whatever a version says of the same', async () => {
      const fn = await publishEcho(host(), {
        gateway: [
          { access: false, methods: ['GET', 'POST', 'DELETE'], ...HEADER('x-op', 'version'), rate_limit: { limit: 1_000, period: '1m' } },
        ],
      });
      await admin.putGateway(fn.name, [
        { methods: ['GET', 'POST'], ...HEADER('x-op', 'operator'), rate_limit: { limit: 2, period: '10m' } },
      ]);
      const answers = [];
      for (const method of ['DELETE', 'POST', 'GET', 'GET']) answers.push(await fn.send('/', { method }));
      expect(answers.map(({ status }) => status)).toEqual([405, 200, 200, 429]);
      expect(new Set(answers.map(({ headers }) => headers.get('x-op')))).toEqual(new Set(['operator']));
      expect(answers[1]!.headers.get('ratelimit-policy')).toBe('"default";q=1000;w=60, "default";q=2;w=600');
    });

    it('count all functions together where they are those of the host, but for by = "function"', async () => {
      const [a, b] = [await publishEcho(host(), {}), await publishEcho(host(), {})];
      await admin.putGateway(null, [
        { match: { path: '/each' }, rate_limit: { name: freshName(), limit: 1, period: '10m', by: 'function' } },
        { match: { path: '/all' }, rate_limit: { name: freshName(), limit: 2, period: '10m' } },
        { match: { path: '/busy' }, concurrency: { limit: 1 } },
      ]);
      const statuses = async (path: string) => {
        const out = [];
        for (const fn of [a, b, a, b]) out.push((await fn.send(path)).status);
        return out;
      };
      expect(await statuses('/each')).toEqual([200, 200, 429, 429]);
      expect(await statuses('/all')).toEqual([200, 200, 429, 429]);
      const busy = await Promise.all([a.send('/busy?slow=2000'), b.send('/busy?slow=2000')]);
      expect(busy.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 429]);
    });

    it('find out who is calling for those behind them, and for the function', async () => {
      const source = 'export default { fetch: (request, env, ctx) => Response.json(ctx.brink.principal) };';
      const fn = await publish(host(), source, { manifest: { gateway: [{ rate_limit: { limit: 1, period: '10m', by: 'principal' } }] } });
      await admin.putGateway(fn.name, [{ auth: { keys: {} } }]);
      const [one, two] = [await admin.createKey(fn.name, { name: 'one' }), await admin.createKey(fn.name, { name: 'two' })];
      const as = (token: string) => fetch(fn.url, { headers: { 'x-api-key': token } });
      expect((await fetch(fn.url)).status).toBe(401);
      expect(await (await as(one.token)).json()).toMatchObject({ id: 'one', scheme: 'key' });
      expect([(await as(two.token)).status, (await as(one.token)).status]).toEqual([200, 429]);
    });

    it('try again what is behind them, with the rules there', async () => {
      const fn = await publishFailing(host(), [{ request_headers: { append: { 'x-extra': 'version' } } }]);
      await admin.putGateway(fn.name, [{ retry: { backoff: FAST }, request_headers: { append: { 'x-extra': 'operator' } } }]);
      const response = await fn.send('/?times=2', { method: 'PUT', body: 'kept' });
      expect([response.status, await response.text(), response.headers.get('x-tries')]).toEqual([200, 'whole kept', '3']);
      const seen = await fn.seen();
      expect(seen.map(({ extra, body }) => [extra, body])).toEqual(Array.from({ length: 3 }, () => ['operator, version', 'kept']));
      expect(new Set(seen.map(({ traceparent }) => traceparent.split('-')[1])).size).toBe(1);
    });

    it('bound what those behind them may take in all', async () => {
      const fn = await publishFailing(host(), [{ retry: { attempts: 5, backoff: FAST } }]);
      await admin.putGateway(fn.name, [
        { match: { path: '/' }, retry: { attempts: 2, per_try_ms: 300, backoff: FAST, budget: { minimum: 1 } } },
      ]);
      const begun = performance.now();
      expect((await fn.send('/?times=9&how=stall&ms=20000')).status).toBe(504);
      expect(performance.now() - begun).toBeLessThan(15_000);
    });

    it('keep responses apart from those that a version keeps', async () => {
      const source =
        'let count = 0; export default { fetch: () => new Response(String(++count), { headers: { "cache-control": "max-age=600" } }) };';
      const { name, url } = await publish(host(), source, { manifest: { scaling: { max_cells: 1 }, gateway: [{ cache: true }] } });
      await admin.putGateway(name, [{ cache: true, ...HEADER('x-op', 'yes') }]);
      const texts = [];
      for (let each = 0; each < 3; each++) texts.push(await (await fetch(url)).text());
      expect(texts).toEqual(['1', '1', '1']);
      await admin.purge(name, { all: true });
      expect(await (await fetch(url)).text()).toBe('2');
    });

    it('keep nothing that rules behind them show to some alone', async () => {
      const source = 'export default { fetch: () => new Response("secret", { headers: { "cache-control": "max-age=600" } }) };';
      const guarded = await publish(host(), source, { manifest: { gateway: [{ auth: { keys: {} } }] } });
      const plain = await publish(host(), source);
      await admin.putGateway(plain.name, [{ auth: { keys: {} } }]);
      await admin.putGateway(guarded.name, [{ cache: true }]);
      await admin.putGateway(null, [{ cache: true }]);
      for (const fn of [guarded, plain]) {
        const { token } = await admin.createKey(fn.name, { name: 'one' });
        const headers = { 'x-api-key': token };
        expect([(await fetch(fn.url, { headers })).status, (await fetch(fn.url, { headers })).status]).toEqual([200, 200]);
        expect((await fetch(fn.url)).status).toBe(401);
      }
    });

    it('are told of in the log where they answer, as any rule is', async () => {
      const fn = await publishEcho(host(), { gateway: [{ methods: ['GET'] }] });
      await admin.putGateway(fn.name, [HEADER('x-op', 'yes')]);
      const response = await fn.send('/', { method: 'POST' });
      const { requestId } = (await response.json()) as { requestId: string };
      expect([response.status, response.headers.get('x-op')]).toEqual([405, 'yes']);
      const event = await eventually(() =>
        host().events.find((each): each is InvocationEvent => each.type === 'invocation' && each.function === fn.name),
      );
      expect(event).toMatchObject({ trigger: 'gateway', status: 405, outcome: 'method-not-allowed', requestId });
    });

    it('leave requests alone that are under way', async () => {
      const fn = await publishEcho(host(), {});
      await admin.putGateway(fn.name, [HEADER('x-op', 'before')]);
      const slow = fn.send('/?slow=2000');
      await eventually(async () => (await admin.cells(fn.name)).some(({ calls }) => calls > 0) || undefined);
      await admin.putGateway(fn.name, [{ methods: ['DELETE'] }]);
      expect((await fn.send('/')).status).toBe(405);
      const response = await slow;
      expect([response.status, response.headers.get('x-op')]).toEqual([200, 'before']);
    });

    it('have revisions: who, when, why, and a way back', async () => {
      const fn = await publishEcho(host(), {});
      const before = Date.now();
      await admin.putGateway(fn.name, [HEADER('x-op', 'one')]);
      await admin.putGateway(fn.name, [HEADER('x-op', 'two'), { methods: ['GET'] }]);
      expect(await admin.rollbackGateway(fn.name)).toMatchObject({ revision: 3, gateway: [HEADER('x-op', 'one')] });
      expect((await fn.send('/')).headers.get('x-op')).toBe('one');
      await admin.removeGateway(fn.name);
      expect(await admin.rollbackGateway(fn.name, { to: 2 })).toMatchObject({ revision: 5, blocks: 2 });
      const history = await admin.gatewayHistory(fn.name);
      expect(history.map(({ revision, blocks, by }) => [revision, blocks, by])).toEqual([
        [5, 2, 'token'],
        [4, 0, 'token'],
        [3, 1, 'token'],
        [2, 2, 'token'],
        [1, 1, 'token'],
      ]);
      expect(history[4]!.time).toBeGreaterThanOrEqual(before - 1_000);
      expect(await admin.gateway(fn.name, 1)).toMatchObject({ revision: 1, gateway: [HEADER('x-op', 'one')] });
      await expect(admin.rollbackGateway(fn.name, { to: 9 })).rejects.toMatchObject({ code: 'revision-not-found' });
    });

    it('change only from the revision that is asked for', async () => {
      const fn = await publishEcho(host(), {});
      await admin.putGateway(fn.name, [HEADER('x-op', 'one')], { ifRevision: 0 });
      await expect(admin.putGateway(fn.name, [], { ifRevision: 0 })).rejects.toMatchObject({
        code: 'rules-conflict',
        details: { revision: 1 },
      });
      const results = await Promise.allSettled(
        [1, 2, 3, 4].map((each) => admin.putGateway(fn.name, [HEADER('x-op', String(each))], { ifRevision: 1 })),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const response = await fetch(`${host().url}/_brink/functions/${fn.name}/gateway`, {
        headers: { authorization: `Bearer ${host().token}` },
      });
      expect(response.headers.get('etag')).toBe('"2"');
    });

    it('are refused as those of a manifest are, with a pointer to the fault', async () => {
      const { name } = await publishEcho(host(), {});
      await admin.putGateway(name, [HEADER('x-op', 'kept')]);
      const cases: [unknown[], string, string, string][] = [
        [[{ cors: { origns: ['x'] } }], 'manifest-unknown-key', '/gateway/0/cors/origns', 'Did you mean "origins"?'],
        [[{}, { retry: { attempts: 9 } }], 'manifest-invalid', '/gateway/1/retry/attempts', 'must be a whole number, 2 to 5'],
        [[{ policy: { module: 'p.wasm' } }], 'manifest-invalid', '/gateway/0/policy', 'a file of a version'],
        [[{ response_headers: { set: { x: 'y'.repeat(70_000) } } }], 'manifest-invalid', '', ''],
      ];
      for (const [blocks, code, pointer, says] of cases) {
        const error = (await admin.putGateway(name, blocks).catch((failure: unknown) => failure)) as {
          code: string;
          message: string;
          details: { pointer?: string };
        };
        expect([error.code, error.message]).toEqual([code, expect.stringContaining(says)]);
        if (pointer !== '') expect(error.details.pointer).toBe(pointer);
      }
      await expect(admin.gateway('not-there')).rejects.toMatchObject({ code: 'function-not-found' });
      await expect(admin.removeGateway('not-there')).rejects.toMatchObject({ code: 'function-not-found' });
      await expect(admin.putGateway('Not a name', [])).rejects.toMatchObject({ code: 'name-invalid' });
      expect(await admin.gateway(name)).toMatchObject({ revision: 1 });
    });

    it('go with their function', async () => {
      const fn = await publishEcho(host(), {});
      await admin.putGateway(fn.name, [HEADER('x-op', 'old')]);
      await admin.removeFunction(fn.name);
      await publish(host(), 'export default { fetch: () => new Response("new") };', { name: fn.name });
      expect((await fn.send('/')).headers.get('x-op')).toBeNull();
      expect(await admin.gateway(fn.name)).toMatchObject({ revision: 0, gateway: [] });
    });
  });
}
