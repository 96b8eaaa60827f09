import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { eventually, freshName, type OpenHost, type TestHost } from './harness.ts';

const GUESTS = new URL('../component/guests/', import.meta.url).pathname;
const API = new URL('../../functions/api-rust/api.wasm', import.meta.url).pathname;
const MIB = 1024 * 1024;

/** Components as functions, over HTTP: what every platform must do alike. */
export function componentSuite(open: OpenHost): void {
  describe('components', () => {
    let host: TestHost;
    let dir: string;
    let peer: Server;
    beforeAll(async () => {
      host = await open();
      dir = await mkdtemp(join(tmpdir(), 'brink-components-'));
      peer = createServer((request, response) => {
        response.writeHead(203, { 'content-type': 'text/x-peer' }).end(`peer got ${request.method} ${request.url}`);
      });
      await new Promise<void>((done) => peer.listen(0, '127.0.0.1', done));
    });
    afterAll(async () => {
      peer.close();
      await rm(dir, { recursive: true });
      await host.stop();
    });

    async function publish(main: string, component = ''): Promise<{ name: string; url: string }> {
      const name = freshName();
      const file = join(dir, `${name}.toml`);
      await writeFile(file, `name = "${name}"\nmain = ${JSON.stringify(main)}\n${component && `[component]\n${component}\n`}`);
      const { bytes } = await buildFunction(await readConfig(file));
      await host.admin.publish(name, bytes, {});
      return { name, url: `${host.url}/${name}` };
    }

    it.each(['p2-hello', 'p3-hello', 'p2-composed', 'p3-stackful'])('%s answers', async (guest) => {
      const { url } = await publish(`${GUESTS}${guest}.wasm`);
      for (let request = 0; request < 3; request += 1) {
        const response = await fetch(`${url}/`);
        expect([response.status, await response.text()]).toEqual([200, 'hello']);
      }
    });

    it.each([
      ['p2-echo', '/'],
      ['p2-echo', '/poll'],
      ['p3-echo', '/'],
      ['p3-echo', '/pass'],
      ['p3-composed', '/'],
      ['p3-composed', '/pass'],
      ['p3-stackful', '/'],
    ])('%s at %s gives back what it is sent, each request its own', async (guest, path) => {
      const { url } = await publish(`${GUESTS}${guest}.wasm`, 'memory_mb = 64');
      const sizes = [0, 1, 100, 65_536, 65_537, MIB, 3 * MIB];
      const bodies = [...sizes, ...sizes].map((size, index) => new Uint8Array(size).fill(index + 1));
      const echoed = await Promise.all(
        bodies.map(async (body) => {
          const response = await fetch(url + path, { method: 'POST', body, headers: { 'content-type': 'a/b' } });
          return new Uint8Array(await response.arrayBuffer());
        }),
      );
      if (guest === 'p3-stackful') return expect(echoed.slice(1, 7)).toEqual(bodies.slice(1, 7));
      expect(echoed.map(({ length }) => length)).toEqual(bodies.map(({ length }) => length));
      expect(echoed.every((bytes, index) => bytes.every((byte) => byte === index + 1))).toBe(true);
    });

    it.each(['request', 'instance'])('serves hundreds of interleaved requests with isolation = "%s"', async (isolation) => {
      const { url } = await publish(`${GUESTS}p3-echo.wasm`, `isolation = "${isolation}"`);
      const texts = Array.from({ length: 300 }, (_, index) => `${index} `.repeat(200));
      const echoed = await Promise.all(texts.map(async (body) => (await fetch(`${url}/`, { method: 'POST', body })).text()));
      expect(echoed).toEqual(texts);
    });

    it('passes headers both ways, each Set-Cookie its own', async () => {
      const { url } = await publish(API);
      const cookies = await fetch(`${url}/cookies`);
      expect(cookies.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      const headers = (await (await fetch(`${url}/headers`, { headers: { 'x-one': 'eins', 'x-two': 'zwei, drei' } })).json()) as object;
      expect(headers).toMatchObject({ 'x-one': ['eins'], 'x-two': ['zwei, drei'] });
    });

    it('routes, reads and writes JSON, streams, and says what is not there', async () => {
      const { url } = await publish(API);
      expect(await (await fetch(`${url}/`)).text()).toBe('hello from rust');
      expect(await (await fetch(`${url}/hello/w%C3%B6rld`)).json()).toEqual({ hello: 'wörld' });
      expect(await (await fetch(`${url}/json`, { method: 'POST', body: '{"a":1,"b":2.5}' })).json()).toEqual({ sum: 3.5 });
      expect((await fetch(`${url}/json`, { method: 'POST', body: 'no' })).status).toBe(400);
      expect(await (await fetch(`${url}/stream`)).text()).toBe('line 1\nline 2\nline 3\nline 4\nline 5\n');
      expect((await fetch(`${url}/nothing`)).status).toBe(404);
    });

    it('calls out through fetch', async () => {
      const { url } = await publish(API);
      const { port } = peer.address() as AddressInfo;
      const passed = await fetch(`${url}/proxy?url=${encodeURIComponent(`http://127.0.0.1:${port}/there?q=1`)}`);
      expect([passed.status, await passed.text()]).toEqual([203, 'peer got GET /there?q=1']);
      const refused = await fetch(`${url}/proxy?url=${encodeURIComponent('http://127.0.0.1:1/')}`);
      expect(refused.status).toBe(502);
    });

    it('answers a trap with 502, logs where it was, and serves the next request', async () => {
      const { name, url } = await publish(API, 'memory_mb = 2');
      const trapped = await fetch(`${url}/json`, { method: 'POST', body: ' '.repeat(5 * MIB) });
      expect(trapped.status).toBe(502);
      expect(await trapped.json()).toMatchObject({ code: 'guest-trapped', detail: expect.stringContaining(name) as string });
      const exception = await eventually(() => host.events.find((event) => event.type === 'exception' && event.function === name));
      expect(exception).toMatchObject({
        message: expect.stringMatching(/unreachable/) as string,
        stack: expect.stringMatching(/wasm/) as string,
      });
      expect(await (await fetch(`${url}/`)).text()).toBe('hello from rust');
    });

    describe.each(['p2-events', 'p3-events'])('scheduled of %s', (guest) => {
      it('runs with its cron and its time, each run as the first', async () => {
        const { name, url } = await publish(`${GUESTS}${guest}.wasm`);
        const { handlers } = await host.admin.version(name, '1');
        expect(handlers).toEqual(['scheduled', 'queue']);
        for (const scheduledTime of [1_700_000_000_000, 1_700_000_060_000])
          expect(await host.admin.scheduled(name, { cron: '* * * * *', scheduledTime })).toMatchObject({ outcome: 'ok', noRetry: false });
        const lines = await eventually(() => linesOf(name, 'run', 2));
        expect(lines).toEqual(['run 1: * * * * * at 1700000000000 ', 'run 1: * * * * * at 1700000060000 ']);
        expect((await fetch(`${url}/`)).status).toBe(404);
      });

      it('fails with what the guest returned, and with a trap', async () => {
        const { name } = await publish(`${GUESTS}${guest}.wasm`);
        await expect(host.admin.scheduled(name, { cron: '1 1 1 1 *' })).rejects.toMatchObject({ code: 'handler-threw' });
        const exception = await eventually(() => host.events.find((event) => event.type === 'exception' && event.function === name));
        expect(exception).toMatchObject({ message: expect.stringContaining('not this time') as string });
        await expect(host.admin.scheduled(name, { cron: '3 3 3 3 *' })).rejects.toMatchObject({ code: 'guest-trapped' });
        expect(await host.admin.scheduled(name, { cron: '* * * * *' })).toMatchObject({ outcome: 'ok' });
      });

      it('a binding that the manifest does not name is an error in the guest’s hands', async () => {
        const { name } = await publish(`${GUESTS}${guest}.wasm`);
        await expect(host.admin.scheduled(name, { cron: '4 4 4 4 *' })).rejects.toMatchObject({ code: 'handler-threw' });
        const exception = await eventually(() => host.events.find((event) => event.type === 'exception' && event.function === name));
        expect(exception).toMatchObject({ message: expect.stringContaining('names no binding') as string });
      });
    });

    it('tells of a component what it is', async () => {
      const { name } = await publish(`${GUESTS}p3-hello.wasm`);
      const { imports, exports, wit, producers, isolation, fixed } = await host.admin.component(name, '1');
      expect(exports).toEqual(['wasi:http/handler@0.3.2']);
      expect(imports.some((each) => each.startsWith('wasi:http/types@0.3'))).toBe(true);
      expect(wit).toContain('export wasi:http/handler@0.3.2');
      expect([isolation, fixed]).toEqual(['request', null]);
      expect(producers['processed-by']).toContainEqual(expect.stringMatching(/^wit-component /));
      const { name: plain } = await publishSource();
      await expect(host.admin.component(plain, '1')).rejects.toMatchObject({ code: 'not-found' });
    });

    /** Console lines of a function that begin so, where there are so many. */
    function linesOf(name: string, begin: string, count: number): string[] | undefined {
      const lines = host.events.flatMap((event) =>
        event.type === 'console' && event.function === name && event.message.startsWith(begin) ? [event.message] : [],
      );
      return lines.length === count ? lines : undefined;
    }

    async function publishSource(): Promise<{ name: string }> {
      const name = freshName();
      const main = join(dir, `${name}.ts`);
      await writeFile(main, "export default { fetch: () => new Response('source') };");
      const { bytes, artifact } = await buildFunction(await readConfig(main));
      await host.admin.publish(artifact.manifest.name, bytes, {});
      return { name: artifact.manifest.name };
    }
  });
}
