import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleEvent, ExceptionEvent, HostEvent } from '../../host/observe/events.ts';
import type { Suite } from './cells.ts';
import { eventually, publish } from './harness.ts';

/** Of what the core counts; CPU time and memory are the engine's (test/node/limits). */
export const limitSuite: Suite = (host) => {
  describe('limits of an invocation', () => {
    let server: Server;
    let origin: string;
    let open = 0;
    let most = 0;
    beforeAll(async () => {
      server = createServer((_request, response) => {
        most = Math.max(most, ++open);
        setTimeout(() => {
          open--;
          response.end('ok');
        }, 40);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => void server.close());

    it('calls of fetch and of bindings are counted together, and one too many throws what its caller can read', async () => {
      const { url } = await publish(
        host(),
        `export default { async fetch(request, { KV, ORIGIN }) {
          await fetch(ORIGIN); await KV.put('a', '1'); await KV.get('a'); await caches.default.match('http://x.example/');
          const errors = [];
          for (const call of [() => fetch(ORIGIN), () => KV.get('a')]) await call().catch((error) => errors.push(error.code));
          return Response.json(errors);
        } }`,
        { manifest: { limits: { subrequests: 4 }, kv_namespaces: [{ binding: 'KV' }], vars: { ORIGIN: origin } } },
      );
      // Each invocation has its own.
      for (let again = 0; again < 2; again++)
        expect(await (await fetch(url)).json()).toEqual(['subrequests-exceeded', 'subrequests-exceeded']);
    });

    it('a handler that does not catch it fails with its code', async () => {
      const { name, url } = await publish(
        host(),
        `export default { async fetch(request, { ORIGIN }) { for (let n = 0; n < 3; n++) await fetch(ORIGIN); return new Response('never') } }`,
        { manifest: { limits: { subrequests: 2 }, vars: { ORIGIN: origin } } },
      );
      const response = await fetch(url);
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([502, 'subrequests-exceeded']);
      const isOurs = (event: { type: string; function: string }): event is ExceptionEvent =>
        event.type === 'exception' && event.function === name;
      expect((await eventually(() => host().events.find(isOurs))).message).toContain('has made 2 calls');
    });

    it('so many calls of fetch wait for their heads at once, and the others for their turn', async () => {
      const { url } = await publish(
        host(),
        `export default { async fetch(request, { ORIGIN }) {
          const stopped = new AbortController();
          const all = Array.from({ length: 9 }, (_, n) => fetch(ORIGIN, n === 8 ? { signal: stopped.signal } : {}).then((response) => response.text(), (error) => error.name));
          stopped.abort();
          return Response.json(await Promise.all(all));
        } }`,
        { manifest: { limits: { connections: 3 }, vars: { ORIGIN: origin } } },
      );
      most = 0;
      expect(await (await fetch(url)).json()).toEqual([...Array.from({ length: 8 }, () => 'ok'), 'AbortError']);
      expect(most).toBe(3);
    });

    it('a flood of lines and rejections is cut, and one line says how much of it was', async () => {
      const { name, url } = await publish(
        host(),
        `export default { async fetch(request, env, ctx) {
          for (let n = 0; n < 5000; n++) { console.log('line', n); Promise.reject(new Error('left ' + n)); }
          ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 1500)));
          return new Response('done');
        } }`,
        { manifest: { limits: { log_lines: 20 } } },
      );
      expect(await (await fetch(url)).text()).toBe('done');
      const isLine = (event: HostEvent): event is ConsoleEvent | ExceptionEvent =>
        (event.type === 'console' || event.type === 'exception') && event.function === name;
      const lines = () => host().events.filter(isLine);
      const told = await eventually(() => lines().find(({ message }) => message.includes('left out of the log')));
      expect(told.message).toMatch(/^9980 lines were left out/);
      expect(lines()).toHaveLength(21);
    });
  });
};
