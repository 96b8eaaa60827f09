import { describe, expect, it } from 'vitest';
import type { Suite } from './cells.ts';
import { publish } from './harness.ts';

/** (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)) */
const ADD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11,
]); // prettier-ignore

export const moduleSuite: Suite = (host) => {
  const call = async (source: string, options: Parameters<typeof publish>[2] = {}, path = '') => {
    const { url } = await publish(host(), source, options);
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  };

  describe('modules', () => {
    it('import each other, by relative names, also dynamically', async () => {
      const modules = {
        'lib/a.js': `import { b } from './deep/b.js'; export const a = 'a' + b;`,
        'lib/deep/b.js': `export const b = 'b';`,
      };
      const source = `import { a } from './lib/a.js'; export default { async fetch() { const { b } = await import('./lib/deep/b.js'); return new Response(a + b) } }`;
      expect(await call(source, { modules })).toEqual({ status: 200, text: 'abb' });
    });

    it('text, data, json and wasm are default exports', async () => {
      const modules = { 'a.txt': 'grüße', 'b.bin': new Uint8Array([1, 0, 255]), 'c.json': '{"c":[3]}', 'd.wasm': ADD };
      const source = `import text from './a.txt'; import data from './b.bin'; import json from './c.json'; import wasm from './d.wasm';
        export default { async fetch() { const { exports } = await WebAssembly.instantiate(wasm);
          return Response.json({ text, data: [...new Uint8Array(data)], json, sum: exports.add(20, 22), is: [data instanceof ArrayBuffer, wasm instanceof WebAssembly.Module] }) } }`;
      const { text } = await call(source, { modules });
      expect(JSON.parse(text)).toEqual({ text: 'grüße', data: [1, 0, 255], json: { c: [3] }, sum: 42, is: [true, true] });
    });

    it('a class that extends WorkerEntrypoint is a handler; env and ctx are its own', async () => {
      const source = `import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class extends WorkerEntrypoint { async fetch(request) { this.ctx.waitUntil(Promise.resolve()); return new Response(this.env.A + new URL(request.url).pathname) } }`;
      expect(await call(source, { manifest: { vars: { A: 'a' } } }, 'x')).toEqual({ status: 200, text: 'a/x' });
    });

    it('env and waitUntil can be imported', async () => {
      const source = `import { env } from 'cloudflare:workers'; const early = env.A; export default { fetch: () => new Response(early + env.A) }`;
      expect(await call(source, { manifest: { vars: { A: 'a' } } })).toEqual({ status: 200, text: 'aa' });
    });

    it('node: modules are there with nodejs_compat', async () => {
      const source = `import { Buffer } from 'node:buffer'; import { createHash } from 'node:crypto'; import { AsyncLocalStorage } from 'node:async_hooks'; import process from 'node:process';
        const als = new AsyncLocalStorage();
        export default { fetch: () => als.run('ctx', async () => { await null; return new Response([Buffer.from('hi').toString('hex'), createHash('sha1').update('').digest('hex').slice(0, 4), als.getStore(), typeof process.nextTick].join()) }) }`;
      expect(await call(source, { manifest: { compatibility_flags: ['nodejs_compat'] } })).toEqual({
        status: 200,
        text: '6869,da39,ctx,function',
      });
    });

    it('a node: module without nodejs_compat is refused at publish', async () => {
      const { name } = { name: 'no-compat' };
      await expect(publish(host(), `import 'node:path'; export default { fetch() {} }`, { name })).rejects.toMatchObject({
        code: 'startup-failed',
      });
    });

    it('code reaches nothing of the machine', async () => {
      const source = `export default { async fetch() { const results = [];
        for (const name of ['node:fs', 'node:child_process', 'file:///etc/passwd', 'fs']) { try { await import(name); results.push('loaded ' + name) } catch { results.push('refused') } }
        return Response.json({ results, require: typeof require, dangerous: ['kill', 'binding', 'dlopen', 'getBuiltinModule', 'chdir'].filter((name) => globalThis.process?.[name]), env: Object.keys(globalThis.process?.env ?? {}) }) } }`;
      const { text } = await call(source);
      expect(JSON.parse(text)).toEqual({
        results: ['refused', 'refused', 'refused', 'refused'],
        require: 'undefined',
        dangerous: [],
        env: [],
      });
    });
  });

  describe('platform', () => {
    it('crypto.subtle digests, signs and compares in constant time', async () => {
      const source = `export default { async fetch() { const a = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('x')));
        return Response.json([a[0], crypto.subtle.timingSafeEqual(a, a.slice()), crypto.subtle.timingSafeEqual(a, new Uint8Array(32)), crypto.randomUUID().length]) } }`;
      const { text } = await call(source);
      expect(JSON.parse(text)).toEqual([0x2d, true, false, 36]);
    });

    it('caches.default keeps what may be kept', async () => {
      const source = `export default { async fetch(request, env, ctx) { const key = new Request('http://cache.test/item'); const hit = await caches.default.match(key);
        if (request.method === 'DELETE') return Response.json(await caches.default.delete(key));
        if (hit) return new Response('hit ' + (await hit.text()) + hit.headers.get('x-kept'));
        const response = new Response('value', { headers: { 'cache-control': 'max-age=60', 'x-kept': '1' } }); ctx.waitUntil(caches.default.put(key, response.clone())); return new Response('miss') } }`;
      const { url } = await publish(host(), source);
      const get = async (method = 'GET') => (await fetch(url, { method })).text();
      expect(await get()).toBe('miss');
      expect(await get()).toBe('hit value1');
      expect(await get('DELETE')).toBe('true');
      expect(await get()).toBe('miss');
    });

    it('IdentityTransformStream, FixedLengthStream and scheduler.wait are Workers’', async () => {
      const source = `export default { async fetch(request) { await scheduler.wait(5);
        const { readable, writable } = request.url.endsWith('/fixed') ? new FixedLengthStream(5) : new IdentityTransformStream();
        const writer = writable.getWriter(); const write = async () => { await writer.write(new TextEncoder().encode('12345')); await writer.close() };
        const done = write(); const text = await new Response(readable).text(); await done; return new Response(text) } }`;
      expect(await call(source)).toEqual({ status: 200, text: '12345' });
      expect(await call(source, {}, 'fixed')).toEqual({ status: 200, text: '12345' });
    });

    it('a FixedLengthStream takes no more and no less than its length', async () => {
      const source = `export default { async fetch(request) { const { readable, writable } = new FixedLengthStream(request.url.endsWith('/more') ? 2 : 9);
        const writer = writable.getWriter(); const write = async () => { await writer.write(new TextEncoder().encode('12345')); await writer.close() };
        const results = await Promise.allSettled([write(), new Response(readable).text()]); return Response.json(results.map(({ status }) => status)) } }`;
      expect((await call(source, {}, 'more')).text).toContain('rejected');
      expect((await call(source, {}, 'less')).text).toContain('rejected');
    });

    it('HTMLRewriter is there on workerd, and a ReferenceError on Node', async () => {
      const source = `export default { async fetch() { const page = new Response('<p>a</p>', { headers: { 'content-type': 'text/html' } });
        return new HTMLRewriter().on('p', { element(element) { element.setInnerContent('b') } }).transform(page) } }`;
      const result = await call(source);
      expect(result).toMatchObject(host().platform === 'workerd' ? { status: 200, text: '<p>b</p>' } : { status: 500 });
    });

    it('navigator, structuredClone, URLPattern and streams are Workers’', async () => {
      const source = `export default { async fetch() { return Response.json([navigator.userAgent, structuredClone({ a: new Date(0) }).a.getTime(), new URLPattern({ pathname: '/:id' }).exec('http://x/7').pathname.groups.id,
        typeof self.fetch, await new Response(new Blob(['z']).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))).text()]) } }`;
      const { text } = await call(source);
      expect(JSON.parse(text)).toEqual(['Cloudflare-Workers', 0, '7', 'function', 'z']);
    });
  });
};
