import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../conformance/harness.ts';
import { coded } from '../registry/registry-cases.ts';
import { serveOn, type ServingHost } from './host.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

const saying = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) };`;
const KV = { kv_namespaces: [{ binding: 'KV', id: 'shared' }] };
const COUNTER = `export default { async fetch(request, { KV }) {
  try {
    return new Response(String(await (request.method === 'POST' ? KV.increment('count') : KV.get('count'))));
  } catch (error) {
    return new Response(error.message, { status: 503 });
  }
} };`;

/** Long enough for a host to notice that nothing comes any more. */
const NOTICED = 60_000;

onNats('two hosts on one NATS', () => {
  let server: NatsServer;
  let proxy: Proxy;
  let a: ServingHost;
  let b: ServingHost;

  beforeAll(async () => {
    server = await startNatsServer();
    proxy = await startProxy(server.port);
    [a, b] = await Promise.all([serveOn(server.url), serveOn(proxy.url)]);
  });
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()]);
    await proxy.close();
    await server.stop();
  });

  const back = (host: ServingHost, times: number) => eventually(() => notices(host, 'back').length >= times || undefined, NOTICED);

  describe('share', () => {
    it('what is published: a version of one host answers on the other, and a moved alias within a second', async () => {
      await a.publish('greet', saying('one'), { manifest: { routes: ['greet.test/*'] } });
      expect(await b.text('/greet/')).toBe('one');
      await a.publish('greet', saying('two'), { alias: 'live' });
      await eventually(async () => (await b.text('/greet/')) === 'two' || undefined);
      await b.admin.rollback('greet', 'live');
      await eventually(async () => (await a.text('/greet/')) === 'one' || undefined);
      await b.admin.removeFunction('greet');
      await eventually(async () => (await fetch(`${a.url}/greet/`)).status === 404 || undefined);
    });

    it("an operator's gateway rules: of one function within a second, and of all", async () => {
      await a.publish('ruled', saying('here'));
      const rule = (value: string) => [{ response_headers: { set: { 'x-op': value } } }];
      const header = async (host: ServingHost) => (await fetch(`${host.url}/ruled/`)).headers.get('x-op');
      expect([await header(a), await header(b)]).toEqual([null, null]);
      await a.admin.putGateway('ruled', rule('function'));
      await eventually(async () => (await header(b)) === 'function' || undefined);
      await b.admin.putGateway(null, rule('host'));
      await eventually(async () => (await header(a)) === 'host' || undefined);
      await a.admin.removeGateway(null);
      await eventually(async () => (await header(b)) === 'function' || undefined);
      await a.admin.removeFunction('ruled');
    });

    it('an artifact of many parts', async () => {
      const text = 'x'.repeat(3_000_000);
      await a.publish('large', saying(text));
      expect(await b.text('/large/')).toBe(text);
    });

    it('secrets: a value that is set on one host is what the other gives its functions', async () => {
      await a.publish('secretive', 'export default { fetch: (_, { KEY }) => new Response(KEY) };');
      await a.admin.putSecret('secretive', 'KEY', 'first');
      await eventually(async () => (await b.text('/secretive/')) === 'first' || undefined);
      await b.admin.putSecret('secretive', 'KEY', 'second');
      await eventually(async () => (await a.text('/secretive/')) === 'second' || undefined);
    });

    it('KV: what one has written the other reads at once, and no increment of either is lost', async () => {
      await a.publish('counter', COUNTER, { manifest: KV });
      await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 ? a : b).text('/counter/', { method: 'POST' })));
      expect(await a.text('/counter/')).toBe('100');
      expect(await b.text('/counter/')).toBe('100');
    });
  });

  it('a host without a key can neither set secrets nor make a key of its own', async () => {
    const c = await serveOn(server.url, { env: { BRINK_SECRET_KEY: '' } });
    await expect(c.admin.putSecret('keyless', 'KEY', 'value')).rejects.toThrow(coded('secret-key-missing'));
    expect(await c.stop()).toBe(0);
  });

  it(
    'what one host cannot reach it says, and it goes on with what it knows; then it has what was missed',
    { timeout: 180_000 },
    async () => {
      await a.publish('shop', saying('old'));
      expect(await b.text('/shop/')).toBe('old');
      await proxy.cut();
      await eventually(() => notices(b, 'cut').length > 0 || undefined, NOTICED);
      expect(notices(a, 'cut')).toEqual([]);
      await a.publish('shop', saying('new'), { alias: 'live' });
      expect(await a.text('/shop/')).toBe('new');
      expect(await b.text('/shop/')).toBe('old');
      const started = performance.now();
      await expect(b.publish('shop', saying('other'))).rejects.toThrow(coded('store-unavailable'));
      expect(await (await fetch(`${b.url}/counter/`, { method: 'POST' })).text()).toMatch(/503/);
      expect(performance.now() - started).toBeLessThan(50_000);
      await proxy.heal();
      await back(b, 1);
      await eventually(async () => (await b.text('/shop/')) === 'new' || undefined);
    },
  );

  it('a server that is stopped is noticed, and calls of it end within a bounded time', { timeout: 240_000 }, async () => {
    const [cut, mended] = [notices(a, 'cut').length, notices(a, 'back').length];
    server.signal('SIGSTOP');
    // It may answer once more before it hears of it.
    await eventually(async () => !(await fetch(`${a.url}/counter/`)).ok || undefined, NOTICED);
    const started = performance.now();
    const answers = await Promise.all([fetch(`${a.url}/counter/`), fetch(`${a.url}/counter/`, { method: 'POST' })]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    await expect(a.admin.putSecret('counter', 'KEY', 'value')).rejects.toThrow(coded('store-unavailable'));
    expect(performance.now() - started).toBeLessThan(50_000);
    await eventually(() => notices(a, 'cut').length > cut || undefined, NOTICED);
    expect(notices(a, 'cut').at(-1)).toBe('Cut off from the state: the connection to NATS is lost');
    server.signal('SIGCONT');
    await back(a, mended + 1);
    await eventually(async () => (await fetch(`${a.url}/counter/`)).ok || undefined, NOTICED);
  });

  it('no acknowledged increment is lost while NATS is stopped, killed and cut off from one of them', { timeout: 300_000 }, async () => {
    const before = Number(await a.text('/counter/'));
    const counts = { acknowledged: 0, unknown: 0 };
    let going = true;
    onTestFinished(() => void (going = false));
    const count = async (host: ServingHost) => {
      while (going) {
        const response = await fetch(`${host.url}/counter/`, { method: 'POST' });
        await response.text();
        counts[response.ok ? 'acknowledged' : 'unknown']++;
        if (!response.ok) await wait(20);
      }
    };
    const counting = [a, a, b, b].map(count);
    const faults: readonly (readonly [() => unknown, () => unknown])[] = [
      [() => server.signal('SIGSTOP'), () => server.signal('SIGCONT')],
      [() => proxy.hang(), () => proxy.heal()],
      [() => server.kill(), () => server.start()],
    ];
    for (const [breaks, mend] of faults) {
      await wait(300);
      await breaks();
      await wait(1_000);
      await mend();
      const { acknowledged } = counts;
      // Until both are at it again.
      await eventually(() => counts.acknowledged > acknowledged + 40 || undefined, NOTICED);
    }
    going = false;
    await Promise.all(counting);
    await eventually(async () => (await fetch(`${b.url}/counter/`)).ok || undefined, NOTICED);
    const sum = Number(await a.text('/counter/')) - before;
    expect(await b.text('/counter/')).toBe(String(before + sum));
    expect(sum).toBeGreaterThanOrEqual(counts.acknowledged);
    expect(sum).toBeLessThanOrEqual(counts.acknowledged + counts.unknown);
    expect(counts.acknowledged).toBeGreaterThan(100);
    expect(notices(a, 'cut')).not.toEqual([]);
  });
});

const SAYS = { cut: /^Cut off from the state: ./, back: /^The state can be reached again/ };

function notices(host: ServingHost, kind: keyof typeof SAYS): string[] {
  return host
    .events('host')
    .map(({ message }) => message)
    .filter((message) => SAYS[kind].test(message));
}
