import { describe, expect, it } from 'vitest';
import type { ConsoleEvent, InvocationEvent } from '../../host/observe/events.ts';
import type { Suite } from './cells.ts';
import { eventually, publish } from './harness.ts';

export const lifeSuite: Suite = (host) => {
  const consoleOf = (name: string) =>
    host().events.filter((event): event is ConsoleEvent => event.type === 'console' && event.function === name);
  const invocationsOf = (name: string) =>
    host().events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === name);

  describe('life of an invocation', () => {
    it('waitUntil work goes on after the response', async () => {
      const { name, url } = await publish(
        host(),
        `export default { fetch(request, env, ctx) { ctx.waitUntil((async () => { await new Promise((resolve) => setTimeout(resolve, 2000)); console.log('done later') })()); return new Response('now') } }`,
      );
      expect(await (await fetch(url)).text()).toBe('now');
      expect(consoleOf(name)).toEqual([]);
      const line = await eventually(() => consoleOf(name)[0]);
      expect(line.message).toBe('done later');
      expect(line.requestId).toBe((await eventually(() => invocationsOf(name)[0])).requestId);
    });

    it('waitUntil work is finished before a removed function’s cell stops', async () => {
      const { name, url } = await publish(
        host(),
        `export default { fetch(request, env, ctx) { ctx.waitUntil((async () => { await new Promise((resolve) => setTimeout(resolve, 400)); console.log('finished') })()); return new Response('now') } }`,
      );
      await (await fetch(url)).text();
      await host().admin.removeFunction(name);
      await eventually(() => (consoleOf(name)[0]?.message === 'finished' ? true : undefined));
    });

    it('console lines arrive with their invocation, level and formatting', async () => {
      const { name, url } = await publish(
        host(),
        `console.log('top'); export default { async fetch(request) { const id = new URL(request.url).pathname; console.info('%s has %d', id, 3, { a: [1, 'x'] }); await new Promise((resolve) => setTimeout(resolve, 10)); console.warn(id); console.error(new Error('shown')); return new Response(id) } }`,
      );
      await Promise.all(['a', 'b'].map(async (path) => (await fetch(url + path)).text()));
      const lines = await eventually(() =>
        consoleOf(name).filter((line) => line.requestId !== null).length === 6 ? consoleOf(name) : undefined,
      );
      for (const path of ['/a', '/b']) {
        const { requestId } = await eventually(() => invocationsOf(name).find((event) => event.path === path));
        const own = lines.filter((line) => line.requestId === requestId);
        expect(own.map(({ level }) => level)).toEqual(['info', 'warn', 'error']);
        expect(own[0]?.message).toBe(`${path} has 3 { a: [ 1, "x" ] }`);
        expect(own[2]?.message).toMatch(/^Error: shown\n +at .*index\.js:1:/s);
      }
    });

    it('each invocation gives one line', async () => {
      const { name, url } = await publish(host(), `export default { fetch: () => new Response('x', { status: 202 }) }`);
      await (await fetch(`${url}path?secret=1`, { method: 'PUT', body: '1' })).text();
      const event = await eventually(() => invocationsOf(name)[0]);
      expect(event).toMatchObject({
        function: name,
        version: 1,
        alias: 'live',
        trigger: 'http',
        method: 'PUT',
        path: '/path',
        status: 202,
        outcome: 'ok',
      });
      expect(event.durationMs).toBeGreaterThanOrEqual(0);
      expect(JSON.stringify(event)).not.toContain('secret');
    });

    it('a hundred requests at once are kept apart', async () => {
      const { url } = await publish(
        host(),
        `export default { async fetch(request, env, ctx) { const id = await request.text(); await new Promise((resolve) => setTimeout(resolve, Math.random() * 20)); return new Response(id + ctx.brink.requestId.length) } }`,
      );
      const answers = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => (await fetch(url, { method: 'POST', body: `n${index}` })).text()),
      );
      expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => `n${index}16`));
    });
  });

  describe('scheduled', () => {
    it('runs the handler with its event and waits for its waitUntil work', async () => {
      const { name, url } = await publish(
        host(),
        `const seen = []; export default { scheduled(controller, env, ctx) { seen.push(controller.cron, controller.scheduledTime); ctx.waitUntil((async () => { await new Promise((resolve) => setTimeout(resolve, 50)); seen.push('waited') })()); controller.noRetry(); },
          fetch: () => Response.json(seen) }`,
        { manifest: { triggers: { crons: ['*/5 * * * *'] } } },
      );
      const result = await host().admin.scheduled(name, { scheduledTime: 1_700_000_000_000 });
      expect(result).toMatchObject({ outcome: 'ok', noRetry: true });
      expect(await (await fetch(url)).json()).toEqual(['*/5 * * * *', 1_700_000_000_000, 'waited']);
      const event = await eventually(() => invocationsOf(name).find(({ trigger }) => trigger === 'scheduled'));
      expect(event).toMatchObject({ outcome: 'ok', status: null, method: null });
    });

    it('a throw is told to the caller, and written down', async () => {
      const { name } = await publish(host(), `export default { scheduled() { throw new Error('no cron') } }`);
      await expect(host().admin.scheduled(name, { cron: '* * * * *' })).rejects.toMatchObject({ code: 'handler-threw' });
      const event = await eventually(() => host().events.find((one) => one.type === 'exception' && one.function === name));
      expect(event).toMatchObject({ message: 'Error: no cron' });
    });

    it('a function without the handler says so', async () => {
      const { name } = await publish(host(), `export default { fetch() {} }`);
      await expect(host().admin.scheduled(name, { cron: '* * * * *' })).rejects.toMatchObject({ code: 'handler-missing' });
    });
  });
};
