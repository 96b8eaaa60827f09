import { afterEach, describe, expect, it } from 'vitest';
import { cached } from '../../../sdk/cached.ts';
import type { D1Database, ExecutionContext, KVNamespace, LockManager, RateLimit, R2Bucket, Service } from '../../../sdk/index.ts';
import { createTestEnv, type TestEnv, type TestEnvOptions } from '../../../sdk/testing/index.ts';
import { waitUntil, WorkerEntrypoint } from '../../../sdk/testing/workers.ts';
import { project } from '../../build/project.ts';

interface Env {
  readonly KV: KVNamespace;
  readonly LOCKS: LockManager;
  readonly DB: D1Database;
  readonly FILES: R2Bucket;
  readonly LIMIT: RateLimit;
  readonly OTHER: Service<Prices>;
  readonly GREETING: string;
  readonly API_KEY: string;
}

interface Prices {
  of(name: string, count?: number): number;
}

type Handler = (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response>;

const START = '2026-03-29T00:59:00Z';
const ALL = { KV: 'kv', LOCKS: 'locks', DB: 'd1', FILES: 'r2', LIMIT: { kind: 'ratelimit', limit: 1, period: 60 } } as const;

const open: TestEnv<Env>[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function made(options: TestEnvOptions = {}): Promise<TestEnv<Env>> {
  const test = await createTestEnv<Env>({ bindings: ALL, now: START, ...options });
  open.push(test);
  return test;
}

const fetching = (fetch: Handler, options: TestEnvOptions = {}) => made({ handler: { fetch }, ...options });

describe('a test env', () => {
  it('has what a config names, with vars, secrets and an environment', async () => {
    const dir = await project({
      'brink.toml': `name = "shop"
main = "index.ts"
vars = { GREETING = "hello" }
secrets = { required = ["API_KEY"] }
kv_namespaces = [{ binding = "KV" }]
[env.staging]
vars = { GREETING = "staging" }
kv_namespaces = [{ binding = "KV", id = "staging" }]
`,
      'index.ts': 'export default { fetch: () => new Response() };\n',
    });
    const config = new URL(`file://${dir}/brink.toml`);
    const { env, ctx } = await made({ config, bindings: {}, secrets: { API_KEY: 'x' } });
    expect(Object.keys(env).toSorted()).toEqual(['API_KEY', 'GREETING', 'KV']);
    expect([env.GREETING, env.API_KEY]).toEqual(['hello', 'x']);
    expect(ctx.brink).toEqual({
      requestId: expect.stringMatching(/^[0-9a-f]{16}$/),
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0\d$/),
      url: 'http://localhost/',
      principal: null,
      deadline: null,
      clientAddress: '127.0.0.1',
      function: 'shop',
      version: 1,
      alias: 'live',
    });
    const staging = await made({ config: dir, environment: 'staging', bindings: {}, vars: { MORE: [1] } });
    expect(staging.env).toMatchObject({ GREETING: 'staging', MORE: [1] });
    await expect(createTestEnv({ config })).rejects.toThrow(/secrets\.required of the config names API_KEY/);
  });

  it('keeps nothing of another one', async () => {
    const [one, two] = [await made(), await made()];
    await one.env.KV.put('a', '1');
    await one.env.DB.exec('CREATE TABLE t (n)');
    await one.env.FILES.put('f', 'x');
    expect([await two.env.KV.get('a'), await two.env.FILES.get('f')]).toEqual([null, null]);
    await two.env.DB.exec('CREATE TABLE t (n)');
  });

  it('calls fetch with env and ctx, by a path or a URL', async () => {
    const seen: unknown[] = [];
    const { fetch, env } = await fetching(async (request, own, ctx) => {
      seen.push(own === (env as unknown), request.method, request.url, ctx.brink.url, ctx.props);
      return new Response(await request.text(), { status: 201, headers: { 'set-cookie': 'a=1' } });
    });
    const response = await fetch('/path?q=1', { method: 'POST', body: 'sent' });
    expect([response.status, await response.text(), response.headers.getSetCookie()]).toEqual([201, 'sent', ['a=1']]);
    expect(response).toBeInstanceOf(Response);
    expect(seen).toEqual([true, 'POST', 'http://localhost/path?q=1', 'http://localhost/path?q=1', {}]);
    expect(await (await fetch(new Request('https://shop.example/', { method: 'PUT', body: 'b' }))).text()).toBe('b');
    expect(seen.at(-3)).toBe('https://shop.example/');
  });

  it('takes a class, a module, and a promise of one', async () => {
    class Own extends WorkerEntrypoint<Env> {
      async fetch(): Promise<Response> {
        return Response.json([typeof this.ctx, Object.keys(this.env)]);
      }
    }
    const text = async (handler: NonNullable<TestEnvOptions['handler']>) =>
      (await (await made({ handler, bindings: { KV: 'kv' } })).fetch('/')).text();
    expect(await text(Own)).toBe('["object",["KV"]]');
    expect(await text(Promise.resolve({ fetch: () => new Response('later') }))).toBe('later');
    expect(await text(import('./module.ts'))).toBe('a module');
  });

  it('throws what a handler throws, and refuses what is no response', async () => {
    const mine = new RangeError('mine');
    const { fetch } = await fetching(() => Promise.reject(mine));
    await expect(fetch('/')).rejects.toBe(mine);
    const nothing = await fetching(() => undefined as never);
    await expect(nothing.fetch('/')).rejects.toThrow('The fetch handler returned nothing. It must return a Response.');
    const none = await made({ handler: { scheduled() {} } });
    await expect(none.fetch('/')).rejects.toThrow('The main module has no fetch handler.');
    await expect((await made()).fetch('/')).rejects.toThrow('This test env has no handler.');
  });

  it('is disposed of, and of no use then', async () => {
    let kept: TestEnv<Env>;
    {
      await using test = await createTestEnv<Env>({ bindings: ALL, handler: { fetch: () => new Response() } });
      kept = test;
    }
    await expect(kept.env.KV.get('a')).rejects.toThrow('Its invocation has ended.');
    await expect(kept.fetch('/')).rejects.toThrow('This test env is closed.');
    await kept.close();
  });

  it.each([
    [{ bindings: { A: 'kvs' } }, 'bindings.A: there is no kind "kvs". Known are kv, locks, d1, r2, ratelimit'],
    [{ config: { kv_namespace: [] } }, 'config: the key kv_namespace is not known. Did you mean "kv_namespaces"?'],
    [{ config: { kv_namespaces: [{}] } }, 'config: kv_namespaces[0].binding'],
    [{ config: { kv_namespaces: [{ binding: 'A' }] }, bindings: { A: 'd1' } }, 'd1_databases[0].binding is the name of another binding'],
    [{ config: 1 }, 'config is the path or URL of a config file, or its keys as an object.'],
    [{ config: '/nowhere/brink.toml' }, 'brink.toml is not there.'],
    [{ handler: 'fetch' }, 'handler is the default export of a main module, or all of it; this is a string.'],
    [{ services: { OTHER: () => {} } }, 'services.OTHER is an object with fetch() and methods, or another test env'],
    [{ secrets: { A: 'x' }, vars: { A: 'y' } }, 'secrets.A: env has a binding or a var of that name.'],
    [{ now: 'noon' }, '"noon" is no time'],
  ])('%j is refused', async (options, message) => {
    await expect(createTestEnv(options as TestEnvOptions)).rejects.toThrow(message);
  });
});

describe('an invocation', () => {
  it('ends with its response and its waitUntil work, and so do its locks', async () => {
    const { fetch, env, settle } = await fetching(async (_request, { LOCKS }, ctx) => {
      const lock = await LOCKS.acquire('a');
      ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 10)));
      return new Response(String(lock.fence));
    });
    const free = async () => (await env.LOCKS.query()).held.length === 0;
    const response = await fetch('/');
    await settle();
    expect(await free()).toBe(false);
    expect(await response.text()).toMatch(/^\d+$/);
    expect(await free()).toBe(true);
  });

  it('that is over can call nothing', async () => {
    let late: Promise<unknown>;
    const { fetch } = await fetching((_request, { KV }) => {
      late = new Promise((resolve) => setTimeout(resolve, 5)).then(() => KV.get('a'));
      late.catch(() => {});
      return new Response(null);
    });
    await fetch('/');
    await expect(late!).rejects.toThrow('Its invocation has ended. Keep what is to go on with ctx.waitUntil().');
  });

  it('settle() waits for waitUntil work, whoever gave it, and throws what that throws', async () => {
    const done: string[] = [];
    const after = (name: string) => new Promise<void>((resolve) => setTimeout(() => resolve(void done.push(name)), 5));
    const { fetch, ctx, settle } = await fetching((_request, _env, own) => {
      own.waitUntil(after('fetch'));
      waitUntil(after('module'));
      return new Response(null);
    });
    await fetch('/');
    ctx.waitUntil(after('test'));
    expect(done).toEqual([]);
    await settle();
    expect(done.toSorted()).toEqual(['fetch', 'module', 'test']);
    ctx.waitUntil(Promise.reject(new RangeError('one')));
    await expect(settle()).rejects.toThrow('one');
    ctx.waitUntil(Promise.reject(new RangeError('one')));
    ctx.waitUntil(Promise.reject(new RangeError('two')));
    await expect(settle()).rejects.toMatchObject({ errors: [{ message: 'one' }, { message: 'two' }] });
    await settle();
  });

  it('scheduled() calls the handler, and waits for all of it', async () => {
    const { scheduled, env, clock } = await made({
      config: { triggers: { crons: ['0 * * * *'] } },
      handler: {
        scheduled(controller: { cron: string; scheduledTime: number; noRetry(): void }, { KV }: Env, ctx: ExecutionContext) {
          controller.noRetry();
          ctx.waitUntil(KV.put('ran', `${controller.cron} ${controller.scheduledTime}`));
        },
      },
    });
    expect(await scheduled()).toEqual({ noRetry: true });
    expect(await env.KV.get('ran')).toBe(`0 * * * * ${clock.now()}`);
  });
});

describe('the clock', () => {
  it('moves when it is told to', async () => {
    const { clock, env } = await made();
    expect(clock.now()).toBe(Date.parse(START));
    await env.KV.put('a', '1', { expirationTtl: 60 });
    await clock.advance('59s');
    expect(await env.KV.get('a')).toBe('1');
    await clock.advance(1_000);
    expect(await env.KV.get('a')).toBeNull();
    await clock.set('2026-04-01T00:00:00Z');
    expect(new Date(clock.now()).toISOString()).toBe('2026-04-01T00:00:00.000Z');
    await clock.set(Date.parse(START));
    expect(clock.now()).toBe(Date.parse(START));
    await clock.jump('1d1h1m1s1ms');
    expect(clock.now() - Date.parse(START)).toBe(90_061_001);
    for (const wrong of [-1, 0.5, Number.NaN, 'soon', '', '1h 30m']) await expect(clock.advance(wrong)).rejects.toThrow(RangeError);
  });

  it('holds rate limits, the Cache API and waits for locks as well', async () => {
    const { clock, env, caches } = await made();
    const { LIMIT, LOCKS } = env;
    expect([await LIMIT.limit({ key: 'a' }), await LIMIT.limit({ key: 'a' })]).toEqual([{ success: true }, { success: false }]);
    await caches.default.put('http://a/', new Response('kept', { headers: { 'cache-control': 'max-age=60' } }));
    const lock = await LOCKS.acquire('a');
    const waiting = LOCKS.acquire('a', { wait: 60_000 }).catch((error: Error) => error.name);
    await clock.advance('59999ms');
    expect(await Promise.race([waiting, Promise.resolve('waits')])).toBe('waits');
    expect(await (await caches.default.match('http://a/'))!.text()).toBe('kept');
    await clock.advance(1);
    expect(await waiting).toBe('TimeoutError');
    expect(await caches.default.match('http://a/')).toBeUndefined();
    expect(await LIMIT.limit({ key: 'a' })).toEqual({ success: true });
    // It has renewed itself meanwhile.
    expect(lock!.signal.aborted).toBe(false);
  });

  it('goes on while a handler waits for a lock, so that its wait can end', async () => {
    const { clock, env, fetch } = await fetching(async (_request, { LOCKS }) => {
      const got = await LOCKS.request('a', { wait: 5_000 }, () => 'had it').catch((error: Error) => error.name);
      return new Response(got);
    });
    await env.LOCKS.acquire('a');
    const answer = fetch('/');
    await clock.advance('5s');
    expect(await (await answer).text()).toBe('TimeoutError');
  });

  it('moves once at a time', async () => {
    const { clock } = await made();
    const first = clock.advance('1h');
    await expect(clock.advance('1h')).rejects.toThrow('The clock moves already');
    await first;
  });

  it('is that of Date where it is asked for', async () => {
    const RealDate = Date;
    const { clock, close } = await made({ patchDate: true });
    expect([Date.now(), new Date().toISOString(), new Date(0).getTime()]).toEqual([Date.parse(START), '2026-03-29T00:59:00.000Z', 0]);
    expect(new Date()).toBeInstanceOf(RealDate);
    await expect(createTestEnv({ patchDate: true })).rejects.toThrow('patchDate');
    await clock.advance('1h');
    expect(Date.now()).toBe(clock.now());
    await close();
    expect(Date).toBe(RealDate);
  });

  it('is that of cached(), then', async () => {
    const { clock, env } = await made({ patchDate: true });
    let loads = 0;
    const load = () => cached(env.KV, 'k', { ttl: 60 }, () => ++loads);
    expect([await load(), await load()]).toEqual([1, 1]);
    await clock.advance('61s');
    expect(await load()).toBe(2);
  });
});

describe('caches', () => {
  it('are those of the env whose code runs, as a global too', async () => {
    const handler: Handler = async (request) => {
      const cache = (globalThis as unknown as { caches: { default: Cache } }).caches.default;
      const found = await cache.match('http://a/');
      if (found === undefined) await cache.put('http://a/', new Response(request.url, { headers: { 'cache-control': 'max-age=60' } }));
      return found ?? new Response('none');
    };
    const [one, two] = [await fetching(handler), await fetching(handler)];
    const ask = async (test: TestEnv<Env>, path: string) => (await test.fetch(path)).text();
    expect([await ask(one, '/1'), await ask(one, '/2'), await ask(two, '/3'), await ask(two, '/4')]).toEqual([
      'none',
      'http://localhost/1',
      'none',
      'http://localhost/3',
    ]);
  });
});

describe('services', () => {
  it('lead to an object of the test: fetch and methods', async () => {
    const { env } = await made({
      services: {
        OTHER: {
          factor: 2,
          fetch: (request: Request) => new Response(`${request.method} ${request.url}`),
          of(name: string, count = 1) {
            if (name === 'none') throw new RangeError('sold out');
            return name.length * count * (this as unknown as { factor: number }).factor;
          },
        },
      },
    });
    expect(await (await env.OTHER.fetch('https://prices/tea', { method: 'PUT' })).text()).toBe('PUT https://prices/tea');
    expect([await env.OTHER.of('tea'), await env.OTHER.of('tea', 3)]).toEqual([6, 18]);
    await expect(env.OTHER.of('none')).rejects.toMatchObject({ name: 'RangeError', message: 'sold out', remote: true });
    await expect((env.OTHER as unknown as { gone(): Promise<void> }).gone()).rejects.toThrow('does not implement the method "gone"');
  });

  it('lead to another test env, whose entrypoints have their own env and props', async () => {
    class Callee extends WorkerEntrypoint<Env> {
      of(name: string): unknown {
        return [name, this.env.GREETING, this.ctx.props];
      }
      fetch(request: Request): Response {
        if (new URL(request.url).pathname === '/away') return Response.redirect('https://other/there');
        return new Response(request.url);
      }
    }
    const other = await made({ handler: Callee, bindings: {}, vars: { GREETING: 'callee' } });
    const { env } = await made({
      config: { services: [{ binding: 'OTHER', service: 'prices', props: { role: 'buyer' } }] },
      services: { OTHER: other },
    });
    expect(await env.OTHER.of('tea')).toEqual(['tea', 'callee', { role: 'buyer' }]);
    const response = await env.OTHER.fetch('https://other/away');
    expect([response.url, response.redirected, await response.text()]).toEqual(['https://other/there', true, 'https://other/there']);
    expect((await env.OTHER.fetch('https://other/away', { redirect: 'manual' })).status).toBe(302);
  });

  it('that lead nowhere say so when they are called', async () => {
    const { env } = await made({ config: { services: [{ binding: 'OTHER', service: 'prices' }] } });
    await expect(env.OTHER.fetch('https://other/')).rejects.toThrow(
      'env.OTHER leads to the function prices, for which this test has nothing.',
    );
    await expect(env.OTHER.of('tea')).rejects.toThrow('env.OTHER leads to the function prices');
  });

  it('tell what their fetch throws as a host does, with the error itself as its cause', async () => {
    const own = new SyntaxError('own');
    const { env } = await made({ services: { OTHER: { fetch: () => Promise.reject(own) } } });
    await expect(env.OTHER.fetch('https://other/')).rejects.toMatchObject({
      name: 'SyntaxError',
      message: 'own',
      remote: true,
      cause: own,
    });
  });
});
