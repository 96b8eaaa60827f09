import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { InvocationEvent } from '../../host/observe/events.ts';
import { publishEcho } from './gateway-echo.ts';
import { publishFailing } from './gateway-failing.ts';
import { eventually, publish, type TestHost } from './harness.ts';

const FAST = { base: 1, most: 1_000 };
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];
const streamed = (...texts: string[]) =>
  ({ method: 'POST', body: new Blob(texts).stream(), duplex: 'half' }) as RequestInit & { readonly method: string };

/** Counts what it was given, and says so to whoever asks; the answer does not wait for the body where that is told. */
const COUNTER = `let seen = 0;
export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/seen') return new Response(String(seen));
    seen = 0;
    if (url.searchParams.has('unread')) { await scheduler.wait(2_000); return new Response('unread'); }
    try { for await (const chunk of request.body ?? []) seen += chunk.byteLength; } catch (error) { if (!url.searchParams.has('stubborn')) throw error; }
    return new Response('read ' + seen + ' of ' + request.headers.get('content-length'));
  },
};`;

export function sizeCases(host: () => TestHost): void {
  const counter = async (limits: object, manifest: Record<string, unknown> = {}) => {
    const gateway = [{ limits }, { match: { path: '/seen' }, limits: false }];
    const { name, url } = await publish(host(), COUNTER, { manifest: { scaling: { max_cells: 1 }, gateway, ...manifest } });
    return {
      name,
      url,
      send: (init?: RequestInit, query = '') => fetch(url + query, init),
      seen: async () => Number(await (await fetch(`${url}seen`)).text()),
    };
  };

  describe('limits', () => {
    it('takes a body that is as long as it may be, and none that is longer, whether that is said or not', async () => {
      const fn = await counter({ body: '2KB' });
      const [fits, over] = ['x'.repeat(2_048), 'x'.repeat(2_049)];
      expect(await (await fn.send({ method: 'POST', body: fits })).text()).toBe('read 2048 of 2048');
      expect(await (await fn.send(streamed(fits))).text()).toBe('read 2048 of null');
      expect(await codeOf(await fn.send({ method: 'POST', body: over }))).toEqual([413, 'request-too-large']);
      expect(await codeOf(await fn.send(streamed(over)))).toEqual([413, 'request-too-large']);
      expect(await fn.seen()).toBeLessThanOrEqual(2_048);
      const events = await eventually(() => {
        const found = host().events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === fn.name);
        return found.length === 5 ? found : undefined;
      });
      expect(events.map(({ trigger, outcome }) => [trigger, outcome])).toEqual([
        ['http', 'ok'],
        ['http', 'ok'],
        ['gateway', 'request-too-large'],
        ['http', 'request-too-large'],
        ['http', 'ok'],
      ]);
    });

    it('gives a function no more than that of a body without end, whatever it makes of the error', async () => {
      const fn = await counter({ body: '64KB' });
      const endless = () =>
        new ReadableStream({
          async pull(controller) {
            // One that is always there at once lets the client do nothing else, also when nobody takes it any more.
            await new Promise((resolve) => setTimeout(resolve));
            controller.enqueue(new Uint8Array(16_384));
          },
        });
      for (const query of ['', '?stubborn']) {
        const response = await fn.send({ method: 'POST', body: endless(), duplex: 'half' } as RequestInit, query);
        expect(await codeOf(response)).toEqual([413, 'request-too-large']);
        expect(await fn.seen()).toBeLessThanOrEqual(65_536);
      }
    });

    it('holds with the limit of the version, and where rules read the body first', async () => {
      const fn = await publishFailing(host(), [{ limits: { body: 100 }, retry: { methods: ['PUT'], backoff: FAST } }], {
        limits: { request_body_mb: 1 },
      });
      expect(await (await fn.send('/?times=1', { ...streamed('short'), method: 'PUT' })).text()).toBe('whole short');
      expect(await codeOf(await fn.send('/', { ...streamed('x'.repeat(101)), method: 'PUT' }))).toEqual([413, 'request-too-large']);
      const kept = await counter({ body: 100 }, { async: { enabled: true } });
      const init = { ...streamed('x'.repeat(101)), headers: { prefer: 'respond-async' } };
      expect(await codeOf(await kept.send(init))).toEqual([413, 'request-too-large']);
    });

    it('holds of two sets of rules the stricter one', async () => {
      const fn = await counter({ body: '1KB' });
      await host().admin.putGateway(fn.name, [{ limits: { body: 10 } }, { match: { path: '/seen' }, limits: false }]);
      expect(await codeOf(await fn.send(streamed('x'.repeat(11))))).toEqual([413, 'request-too-large']);
      await host().admin.putGateway(fn.name, [{ limits: { body: '1MB' } }]);
      expect(await codeOf(await fn.send(streamed('x'.repeat(1_025))))).toEqual([413, 'request-too-large']);
      expect((await fn.send(streamed('x'.repeat(1_024)))).status).toBe(200);
    });

    it('refuses the first request, and the cell that it was to start takes the next one', async () => {
      for (let time = 0; time < 8; time++) {
        const fn = await counter({ body: 10 });
        expect(await codeOf(await fn.send(streamed('x'.repeat(11))))).toEqual([413, 'request-too-large']);
        expect(await (await fn.send(streamed('short'))).text()).toBe('read 5 of null');
      }
    });

    it('refuses a header that is too large', async () => {
      const fn = await publishEcho(host(), { gateway: [{ limits: { headers: '1KB' } }] });
      expect((await fn.send('/')).status).toBe(200);
      expect(await codeOf(await fn.send('/', { headers: { 'x-much': 'y'.repeat(1_024) } }))).toEqual([431, 'headers-too-large']);
    });

    it('lets a body go that comes too slowly, and takes one that is quick enough', async () => {
      const fn = await counter({ min_rate: 1_000, grace: 1_000 });
      const port = Number(new URL(fn.url).port);
      const begun = performance.now();
      const slow = await trickle(port, `/${fn.name}/`, { every: 50, bytes: 10 });
      expect(slow).toMatch(/^HTTP\/1.1 408 .*"code":"request-timeout"/s);
      expect(performance.now() - begun).toBeLessThan(20_000);
      // Far more than it has to be, so that a pause of the client is none of its rate.
      expect(await trickle(port, `/${fn.name}/`, { every: 50, bytes: 2_000, total: 60_000 })).toMatch(
        /^HTTP\/1.1 200 .*read 60000 of 60000/s,
      );
    });

    it('waits for no body that nobody reads', async () => {
      const fn = await counter({ min_rate: 1_000_000, grace: 1_000 });
      const body = 'x'.repeat(2_000_000);
      const response = await fn.send({ method: 'POST', body }, '?unread');
      expect([response.status, await response.text()]).toEqual([200, 'unread']);
      expect(await (await fn.send({ method: 'POST', body })).text()).toBe('read 2000000 of 2000000');
    });

    it('has a function answer in time, and tells it so', async () => {
      const source = `export default { async fetch(request, env, { brink }) {
        const left = brink.deadline - Date.now();
        if (request.url.includes('slow')) await scheduler.wait(20000);
        return Response.json(left);
      } };`;
      const fn = await publish(host(), source, { manifest: { gateway: [{ match: { path: '/timed/*' }, limits: { deadline: '2s' } }] } });
      const left = async (path: string) => (await (await fetch(fn.url + path)).json()) as number;
      expect(await left('')).toBeGreaterThan(20_000);
      const timed = await left('timed/');
      expect([timed > 0, timed <= 2_000]).toEqual([true, true]);
      const begun = performance.now();
      expect(await codeOf(await fetch(`${fn.url}timed/slow`))).toEqual([504, 'deadline-exceeded']);
      expect(performance.now() - begun).toBeLessThan(15_000);
    });

    it('is one deadline for all tries, and for those who are called', async () => {
      const inner = await publish(
        host(),
        'export default { fetch: (request, env, { brink }) => Response.json(brink.deadline - Date.now()) };',
      );
      const outer = await publish(host(), 'export default { fetch: (request, { INNER }) => INNER.fetch("http://inner/") };', {
        manifest: { services: [{ binding: 'INNER', service: inner.name }], gateway: [{ limits: { deadline: '10s' } }] },
      });
      expect((await (await fetch(outer.url)).json()) as number).toBeLessThanOrEqual(10_000);
      const failing = await publishFailing(host(), [
        { match: { path: '/' }, limits: { deadline: '500ms' }, retry: { attempts: 5, per_try_ms: 200, backoff: FAST } },
      ]);
      const begun = performance.now();
      expect(await codeOf(await failing.send('/?times=9&how=stall&ms=20000'))).toEqual([504, 'deadline-exceeded']);
      expect(performance.now() - begun).toBeLessThan(15_000);
    });

    it.each<[string, unknown, string]>([
      ['nothing', {}, 'says nothing'],
      ['a size that is none', { body: '1 meter' }, 'must be a size from 1 to'],
      ['a time that is too long', { deadline: '1h' }, 'must be a time from 1 ms to "10m"'],
      ['a key that is none', { bodies: 1 }, 'limits.bodies'],
    ])('is refused with %s', async (_what, limits, says) => {
      await expect(publishEcho(host(), { gateway: [{ limits }] })).rejects.toMatchObject({ message: expect.stringContaining(says) });
    });
  });
}

/** Sends a body bit by bit, and gives what is answered. */
function trickle(
  port: number,
  path: string,
  { every, bytes, total = 1_000_000 }: { every: number; bytes: number; total?: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let sent = 0;
    let answer = '';
    socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${total}\r\nConnection: close\r\n\r\n`);
    const timer = setInterval(() => {
      if (sent < total) socket.write('x'.repeat(bytes));
      sent += bytes;
    }, every);
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      if (sent < total) socket.end();
    });
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}
