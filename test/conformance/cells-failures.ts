import { describe, expect, it } from 'vitest';
import type { ExceptionEvent } from '../../host/observe/events.ts';
import type { Suite } from './cells.ts';
import { eventually, publish } from './harness.ts';

interface Problem {
  code: string;
  status: number;
  detail: string;
  requestId?: string;
}

export const failureSuite: Suite = (host) => {
  const exceptionsOf = (name: string) =>
    host().events.filter((event): event is ExceptionEvent => event.type === 'exception' && event.function === name);
  const problem = async (response: Response) => {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    return (await response.json()) as Problem;
  };

  describe('failures', () => {
    it.each([
      ['a throw', `throw new TypeError('secret boom')`],
      ['a rejection', `return Promise.reject(new TypeError('secret boom'))`],
      ['a throw after an await', `return (async () => { await null; throw new TypeError('secret boom') })()`],
    ])('%s is a 500 that keeps the message in the log, and the cell goes on', async (_name, body) => {
      const { name, url } = await publish(
        host(),
        `let n = 0; export default { fetch(request) { if (request.url.endsWith('/ok')) return new Response('ok ' + n); n++; ${body} } }`,
      );
      const response = await fetch(url);
      expect(response.status).toBe(500);
      const { code, detail, requestId } = await problem(response);
      expect(code).toBe('handler-threw');
      expect(detail).not.toContain('boom');
      const event = await eventually(() => exceptionsOf(name)[0]);
      expect(event).toMatchObject({ message: 'TypeError: secret boom', requestId });
      expect(event.stack).toMatch(/index\.js:1:\d+/);
      expect(await (await fetch(`${url}ok`)).text()).toBe('ok 1');
    });

    it('what is thrown need not be an Error', async () => {
      const { url } = await publish(host(), `export default { fetch() { throw null } }`);
      expect((await problem(await fetch(url))).code).toBe('handler-threw');
    });

    it.each([
      ['nothing', `undefined`],
      ['a string', `'text'`],
      ['an object that only looks like one', `({ status: 200, headers: new Headers(), body: null })`],
    ])('%s instead of a Response is a 502', async (_name, value) => {
      const { url } = await publish(host(), `export default { fetch() { return ${value} } }`);
      const response = await fetch(url);
      expect(response.status).toBe(502);
      expect((await problem(response)).code).toBe('response-invalid');
    });

    it('a rejection that nobody handles is written down and hurts no one', async () => {
      const { name, url } = await publish(
        host(),
        `let n = 0; export default { fetch() { Promise.reject(new Error('left alone')); return new Response('fine ' + ++n) } }`,
      );
      expect(await (await fetch(url)).text()).toBe('fine 1');
      expect(await (await fetch(url)).text()).toBe('fine 2');
      expect((await eventually(() => exceptionsOf(name)[0])).message).toBe('Error: left alone');
    });

    it('what a timer throws is written down and hurts no one', async () => {
      const { name, url } = await publish(
        host(),
        `export default { async fetch() { setTimeout(() => { throw new Error('in a timer') }, 5); await new Promise((resolve) => setTimeout(resolve, 40)); return new Response('fine') } }`,
      );
      expect(await (await fetch(url)).text()).toBe('fine');
      expect((await eventually(() => exceptionsOf(name)[0])).message).toBe('Error: in a timer');
    });

    it('a function that gives no response within its deadline is a 504, and its signal aborts', async () => {
      const { url } = await publish(
        host(),
        `let aborted = false; export default { async fetch(request) { if (request.url.endsWith('/aborted')) return Response.json(aborted);
          await new Promise((resolve) => { request.signal.addEventListener('abort', () => { aborted = true; resolve() }); setTimeout(resolve, 20000) }); return new Response('late') } }`,
        { manifest: { limits: { deadline_ms: 150 }, compatibility_flags: ['enable_request_signal'] } },
      );
      await (await fetch(`${url}aborted`)).text();
      const start = performance.now();
      const response = await fetch(url);
      expect(response.status).toBe(504);
      expect(await problem(response)).toMatchObject({ code: 'deadline-exceeded' });
      expect(performance.now() - start).toBeLessThan(15_000);
      await eventually(async () => ((await (await fetch(`${url}aborted`)).json()) === true ? true : undefined));
    });

    it('each of many requests has a deadline of its own, whoever else is answered or not', async () => {
      const { url } = await publish(
        host(),
        `export default { async fetch(request) { const { pathname } = new URL(request.url);
          if (pathname.endsWith('slow')) await new Promise((resolve) => { request.signal.addEventListener('abort', resolve); setTimeout(resolve, 20000) }); return new Response('done') } }`,
        { manifest: { limits: { deadline_ms: 3_000 }, compatibility_flags: ['enable_request_signal'] } },
      );
      await (await fetch(url)).text();
      const taken = async (path: string, delay: number) => {
        await new Promise((resolve) => setTimeout(resolve, delay));
        const start = performance.now();
        const response = await fetch(`${url}${path}`);
        await response.text();
        return { status: response.status, duration: performance.now() - start };
      };
      const fast = Promise.all(Array.from({ length: 20 }, (_, index) => taken('', index * 60)));
      const slow = await Promise.all(Array.from({ length: 10 }, (_, index) => taken('slow', index * 90)));
      expect((await fast).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
      for (const { status, duration } of slow) {
        expect(status).toBe(504);
        expect(duration).toBeGreaterThan(2_950);
        expect(duration).toBeLessThan(15_000);
      }
    });

    it('a deadline does not cut a body that has begun', async () => {
      const { url } = await publish(
        host(),
        `export default { fetch() { const { readable, writable } = new TransformStream(); (async () => { const writer = writable.getWriter(); await writer.write(new Uint8Array(3)); await new Promise((resolve) => setTimeout(resolve, 2500)); await writer.write(new Uint8Array(4)); await writer.close() })(); return new Response(readable) } }`,
        { manifest: { limits: { deadline_ms: 1_500 } } },
      );
      // The start of its cell may take all of its time.
      const response = await eventually(async () => {
        const each = await fetch(url);
        return each.ok ? each : each.body!.cancel().then(() => undefined);
      });
      expect((await response.arrayBuffer()).byteLength).toBe(7);
    });

    it('a handler that never comes back ends, and the next request is answered', async () => {
      const { url } = await publish(
        host(),
        `export default { fetch(request) { if (request.url.endsWith('/spin')) for (;;) {} return new Response('alive') } }`,
        {
          manifest: { limits: { deadline_ms: 1_000 } },
        },
      );
      await eventually(async () => ((await (await fetch(url)).text()) === 'alive' ? true : undefined));
      const spun = await fetch(`${url}spin`).then((response) => response.status, () => 'broken off'); // prettier-ignore
      // On workerd the whole runtime is started anew: there the connection breaks.
      expect(host().platform === 'node' ? [504, 502] : ['broken off', 504, 502]).toContain(spun);
      const alive = await eventually(async () => {
        const text = await fetch(url).then((response) => response.text(), () => undefined); // prettier-ignore
        return text === 'alive' ? text : undefined;
      });
      expect(alive).toBe('alive');
    });

    it('a cell that runs out of memory takes only its own requests with it', async ({ skip }) => {
      if (host().platform === 'workerd') skip('open-source workerd enforces no memory limit (ARCHITECTURE.md, differences)');
      const other = await publish(host(), `let n = 0; export default { fetch: () => new Response('other ' + ++n) }`);
      const { name, url } = await publish(
        host(),
        `const held = []; export default { fetch(request) { if (request.url.endsWith('/eat')) for (;;) held.push(new Array(1e6).fill({ a: held.length })); return new Response('alive') } }`,
      );
      expect(await (await fetch(other.url)).text()).toBe('other 1');
      const eaten = await fetch(`${url}eat`);
      expect(eaten.status).toBe(502);
      expect(await problem(eaten)).toMatchObject({ code: 'memory-exceeded' });
      expect(await (await fetch(url)).text()).toBe('alive');
      expect(await (await fetch(other.url)).text()).toBe('other 2');
      expect(host().events.filter((event) => event.type === 'cell' && event.function === name && event.change === 'crashed')).toHaveLength(
        1,
      );
    });

    it('a version whose cells do not start is held back, with a 503 that says when to come again, and is tried again', async () => {
      const { name, url } = await publish(
        host(),
        `import { env } from 'cloudflare:workers'; if (env.SECRET === 'bad') throw new Error('no start');
         export default { fetch: () => new Response('up') }`,
      );
      await host().admin.putSecret(name, 'SECRET', 'bad');
      const answers: string[] = [];
      // A slow machine takes longer for a start than the first pauses last.
      while (answers.at(-1) !== 'boot-loop' && answers.length < 20) {
        const response = await fetch(url);
        answers.push(((await response.json()) as Problem).code);
        if (response.status === 503) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect(answers.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => 'cell-start-failed'));
      expect(answers.at(-1)).toBe('boot-loop');
      await eventually(() =>
        host().events.find((event) => event.type === 'cell' && event.function === name && event.change === 'held-back'),
      );
      await eventually(async () => ((await fetch(url)).status === 502 ? true : undefined), 40_000);
      // Another secret is another beginning.
      await host().admin.putSecret(name, 'SECRET', 'good');
      await eventually(async () => ((await (await fetch(url)).text()) === 'up' ? true : undefined));
    });
  });
};
