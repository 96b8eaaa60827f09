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

    const sized = `export default { async fetch(request) {
      const { searchParams } = new URL(request.url);
      if (request.body !== null) return new Response(String((await request.arrayBuffer()).byteLength));
      const piece = new Uint8Array(2 ** 16);
      let left = Number(searchParams.get('pieces'));
      if (searchParams.has('whole')) return new Response(new Uint8Array(left * 2 ** 16));
      return new Response(new ReadableStream({ pull(controller) { if (left-- > 0) controller.enqueue(piece); else controller.close(); } }));
    } }`;
    const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

    it('a request of more than limits.request_body_mb is refused, whether it says how long it is or not', async () => {
      const { url } = await publish(host(), sized, { manifest: { limits: { request_body_mb: 1 } } });
      const small = new Uint8Array(2 ** 20);
      const large = new Uint8Array(2 ** 20 + 1);
      const streamed = (bytes: Uint8Array) =>
        ({ method: 'POST', body: new Blob([bytes as BlobPart]).stream(), duplex: 'half' }) as RequestInit;
      expect(await (await fetch(url, { method: 'POST', body: small })).text()).toBe('1048576');
      expect(await (await fetch(url, streamed(small))).text()).toBe('1048576');
      expect(await codeOf(await fetch(url, { method: 'POST', body: large }))).toEqual([413, 'request-too-large']);
      expect(await codeOf(await fetch(url, streamed(large)))).toEqual([413, 'request-too-large']);
      expect(await (await fetch(url, { method: 'POST', body: 'next' })).text()).toBe('4');
    });

    it('a response of more than limits.response_body_mb is refused where that is known, and else broken off', async () => {
      const { url } = await publish(host(), sized, { manifest: { limits: { response_body_mb: 1 } } });
      expect((await (await fetch(`${url}?pieces=16`)).arrayBuffer()).byteLength).toBe(2 ** 20);
      expect((await (await fetch(`${url}?whole&pieces=16`)).arrayBuffer()).byteLength).toBe(2 ** 20);
      const whole = await fetch(`${url}?whole&pieces=17`);
      // On workerd the host does not see how long a body is that has no Content-Length; from another process it has one.
      if (host().platform === 'workerd' && whole.ok) await expect(whole.arrayBuffer()).rejects.toThrow();
      else expect(await codeOf(whole)).toEqual([502, 'response-too-large']);
      const cut = await fetch(`${url}?pieces=1000000`);
      expect(cut.status).toBe(200);
      await expect(cut.arrayBuffer()).rejects.toThrow();
      expect((await (await fetch(`${url}?pieces=1`)).arrayBuffer()).byteLength).toBe(2 ** 16);
    });
  });
};
