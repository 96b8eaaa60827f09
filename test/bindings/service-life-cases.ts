import { request as open } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ConsoleEvent, InvocationEvent } from '../../host/observe/events.ts';
import { eventually } from '../conformance/harness.ts';
import type { ServiceWorld } from './service-suite.ts';

/** Of which a reader that does not read leaves most unmade. */
const MANY = 64;

export function serviceLifeCases(world: ServiceWorld): void {
  const lines = (name: string) =>
    world.host.events
      .filter((event): event is ConsoleEvent => event.type === 'console' && event.function === name)
      .map(({ message }) => message);
  const said = (name: string, line: string) => eventually(() => (lines(name).includes(line) ? true : undefined));
  const invocations = (name: string) =>
    world.host.events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === name);

  describe('streams', () => {
    it('bodies pass both ways piece by piece, the answer before the request has ended', async () => {
      const other = await world.deploy(`export default { fetch(request) {
        const upper = new TransformStream({ transform(chunk, out) { out.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())) } });
        return new Response(request.body.pipeThrough(upper));
      } }`);
      const { url } = await world.caller(
        `const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        const encoder = new TextEncoder();
        void writer.write(encoder.encode('one'));
        const answer = await env.OTHER.fetch('https://o/', { method: 'POST', body: readable });
        const reader = answer.body.getReader();
        const got = [new TextDecoder().decode((await reader.read()).value)];
        void writer.write(encoder.encode('two'));
        got.push(new TextDecoder().decode((await reader.read()).value));
        await writer.close();
        got.push((await reader.read()).done);
        return Response.json(got);`,
        other.name,
      );
      expect(await (await fetch(url)).json()).toEqual(['ONE', 'TWO', true]);
    });

    it('16 MiB arrive whole, both ways', async () => {
      const other = await world.deploy('export default { fetch: (request) => new Response(request.body) }');
      const { url } = await world.caller(
        `const bytes = new Uint8Array(16 * 1024 * 1024).map((_, at) => at * 7);
        const stream = new ReadableStream({ start(controller) { for (let at = 0; at < bytes.length; at += 1_000_003) controller.enqueue(bytes.slice(at, at + 1_000_003)); controller.close(); } });
        const back = new Uint8Array(await (await env.OTHER.fetch('https://o/', { method: 'POST', body: stream })).arrayBuffer());
        return Response.json([back.length, back.every((byte, at) => byte === bytes[at])]);`,
        other.name,
      );
      expect(await (await fetch(url)).json()).toEqual([16 * 1024 * 1024, true]);
    });

    it('a reader that waits makes the callee wait, and one that leaves stops it', async () => {
      const other = await world.deploy(`let made = 0;
        export default { fetch(request) {
          if (new URL(request.url).pathname === '/made') return new Response(String(made));
          return new Response(new ReadableStream({
            pull(controller) { made++; controller.enqueue(new Uint8Array(256 * 1024)); if (made === ${MANY}) controller.close(); },
            cancel() { console.log('left'); },
          }, { highWaterMark: 0 }));
        } }`);
      const { url } = await world.caller(
        `const answer = await env.OTHER.fetch('https://o/');
        const reader = answer.body.getReader();
        await reader.read();
        await new Promise((resolve) => setTimeout(resolve, 100));
        const made = await (await env.OTHER.fetch('https://o/made')).text();
        await reader.cancel();
        return new Response(made);`,
        other.name,
      );
      expect(Number(await (await fetch(url)).text())).toBeLessThan(MANY / 2);
      await said(other.name, 'left');
    });

    it('a callee that does not read makes the caller wait', async () => {
      const other = await world.deploy(`export default { async fetch(request) {
        const reader = request.body.getReader();
        await reader.read();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return new Response('first');
      } }`);
      const { url } = await world.caller(
        `let made = 0;
        const body = new ReadableStream({ pull(controller) { made++; controller.enqueue(new Uint8Array(256 * 1024)); if (made === ${MANY}) controller.close(); } }, { highWaterMark: 0 });
        await env.OTHER.fetch('https://o/', { method: 'POST', body });
        return new Response(String(made));`,
        other.name,
      );
      expect(Number(await (await fetch(url)).text())).toBeLessThan(MANY / 2);
    });

    it('a body that breaks in the callee breaks in the caller', async () => {
      const other = await world.deploy(`export default { fetch: () => new Response(new ReadableStream({
        async pull(controller) { controller.enqueue(new Uint8Array(10)); await new Promise((resolve) => setTimeout(resolve, 20)); controller.error(new Error('broken')); } })) }`);
      const { url } = await world.caller(
        `const answer = await env.OTHER.fetch('https://o/');
        return new Response(await answer.text().then(() => 'whole', () => 'broke'));`,
        other.name,
      );
      expect(await (await fetch(url)).text()).toBe('broke');
    });
  });

  describe('abort and deadline', () => {
    const waiting = `let began = 0; export default { async fetch(request, env, ctx) {
      if (new URL(request.url).pathname === '/began') return new Response(String(began));
      request.signal.addEventListener('abort', () => console.log('aborted'));
      if (new URL(request.url).pathname === '/kept') ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 150)).then(() => console.log('kept on')));
      console.log('began');
      began++;
      await new Promise((resolve) => { request.signal.addEventListener('abort', resolve); setTimeout(resolve, 20000) });
      return new Response('late');
    } }`;
    const one = { scaling: { max_cells: 1 } };
    /** In the caller: waits until the callee is at its call. */
    const begun = `while (await (await env.OTHER.fetch('https://o/began')).text() === '0') await new Promise((resolve) => setTimeout(resolve, 10));`;

    it("the caller's signal ends the call with its reason, and aborts the callee", async () => {
      const other = await world.deploy(waiting, one);
      const { url } = await world.caller(
        `const abort = new AbortController();
        const call = env.OTHER.fetch('https://o/', { signal: abort.signal }).then(() => 'answered', (error) => error.name + ': ' + error.message);
        ${begun}
        abort.abort(request.headers.get('x-why') === null ? undefined : new RangeError('my reason'));
        return new Response(await call);`,
        other.name,
      );
      expect(await (await fetch(url, { headers: { 'x-why': '1' } })).text()).toBe('RangeError: my reason');
      await said(other.name, 'aborted');
      expect(await (await fetch(url)).text()).toMatch(/^AbortError: /);
    });

    it('a signal that is aborted already sends nothing', async () => {
      const other = await world.deploy(waiting);
      const { url } = await world.caller(
        `return new Response(await env.OTHER.fetch('https://o/', { signal: AbortSignal.abort() }).then(() => 'answered', (error) => error.name));`,
        other.name,
      );
      expect(await (await fetch(url)).text()).toBe('AbortError');
      expect(invocations(other.name)).toEqual([]);
    });

    it('a caller that ends without waiting aborts the callee', async () => {
      const other = await world.deploy(waiting, one);
      const { url } = await world.caller(
        `env.OTHER.fetch('https://o/').catch(() => {});
        ${begun}
        return new Response('done');`,
        other.name,
      );
      expect(await (await fetch(url)).text()).toBe('done');
      await said(other.name, 'aborted');
    });

    it('what the callee keeps with waitUntil goes on after it was aborted', async () => {
      const other = await world.deploy(waiting, one);
      const { url } = await world.caller(
        `const abort = new AbortController();
        const call = env.OTHER.fetch('https://o/kept', { signal: abort.signal }).then(() => 'answered', () => 'aborted');
        ${begun}
        abort.abort();
        return new Response(await call);`,
        other.name,
      );
      expect(await (await fetch(url)).text()).toBe('aborted');
      await said(other.name, 'kept on');
    });

    it('a call that waitUntil keeps outlives the response', async () => {
      const other = await world.deploy(
        `export default { async fetch() { await new Promise((resolve) => setTimeout(resolve, 100)); console.log('kept'); return new Response('ok') } }`,
      );
      const { url } = await world.caller(`ctx.waitUntil(env.OTHER.fetch('https://o/')); return new Response('done')`, other.name);
      expect(await (await fetch(url)).text()).toBe('done');
      await said(other.name, 'kept');
    });

    it("a client that leaves aborts the caller's callee", async () => {
      const other = await world.deploy(waiting);
      const { url } = await world.caller(`return env.OTHER.fetch('https://o/')`, other.name);
      const client = open(url);
      client.on('error', () => {}).end();
      await said(other.name, 'began');
      // A close that is orderly is noticed late on workerd.
      client.socket?.resetAndDestroy();
      await said(other.name, 'aborted');
    });

    it('the callee has its own limit', async () => {
      const other = await world.deploy(waiting, { limits: { deadline_ms: 100 } });
      const { url } = await world.caller(
        `return Response.json(await env.OTHER.fetch('https://o/').then(() => 'answered', ({ code, message }) => [code, message]));`,
        other.name,
      );
      expect(await (await fetch(url)).json()).toEqual(['deadline-exceeded', expect.stringContaining('within 100 ms (limits.deadline_ms)')]);
    });

    it('and no more than what is left to its caller', async () => {
      const other = await world.deploy(waiting);
      const middle = await world.caller(`return env.OTHER.fetch('https://o/')`, other.name);
      const { url } = await world.caller(
        `await new Promise((resolve) => setTimeout(resolve, 100)); return env.OTHER.fetch('https://m/')`,
        middle.name,
        {
          manifest: { limits: { deadline_ms: 4_000 } },
        },
      );
      const start = performance.now();
      expect((await fetch(url)).status).toBe(504);
      expect(performance.now() - start).toBeLessThan(15_000);
      await said(other.name, 'aborted');
    });
  });

  describe('trace and log', () => {
    it('a call is an invocation of its own, in the trace of its caller', async () => {
      const other = await world.deploy(
        `export default { fetch(request, env, ctx) { console.log('in the callee'); return new Response(ctx.brink.traceparent + ' ' + ctx.brink.requestId) } }`,
      );
      const { name, url } = await world.caller(`return env.OTHER.fetch('https://o/path?query')`, other.name);
      const trace = '0af7651916cd43dd8448eb211c80319c';
      const answer = await fetch(url, { headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
      const [traceparent, requestId] = (await answer.text()).split(' ');
      expect(traceparent).toBe(`00-${trace}-${requestId}-01`);
      const [inner] = await eventually(() => (invocations(other.name).length > 0 ? invocations(other.name) : undefined));
      expect(inner).toMatchObject({
        trigger: 'service',
        method: 'GET',
        path: '/path',
        status: 200,
        outcome: 'ok',
        traceId: trace,
        requestId,
        alias: 'live',
      });
      const [outer] = await eventually(() => (invocations(name).length > 0 ? invocations(name) : undefined));
      expect(outer).toMatchObject({ trigger: 'http', traceId: trace });
      expect(outer!.requestId).not.toBe(requestId);
      const line = await eventually(() => world.host.events.find((event) => event.type === 'console' && event.function === other.name));
      expect(line).toMatchObject({ message: 'in the callee', requestId });
    });

    it("the client's address goes along, and no header is added", async () => {
      const other = await world.deploy(
        `export default { fetch: (request, env, ctx) => Response.json([ctx.brink.clientAddress, [...request.headers.keys()]]) }`,
      );
      const { url } = await world.caller(
        `const answer = await env.OTHER.fetch('https://o/', { headers: { 'x-one': '1' } });
        return Response.json([...(await answer.json()), ctx.brink.clientAddress]);`,
        other.name,
      );
      expect(await (await fetch(url)).json()).toEqual(['127.0.0.1', ['x-one'], '127.0.0.1']);
    });
  });
}
