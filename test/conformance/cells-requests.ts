import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Suite } from './cells.ts';
import { publish } from './harness.ts';

const MIRROR = `export default { async fetch(request, env, ctx) {
  return Response.json({ method: request.method, url: request.url, headers: [...request.headers], body: await request.text(), env, brink: ctx.brink });
} }`;

interface Mirrored {
  method: string;
  url: string;
  headers: [string, string][];
  body: string;
  env: Record<string, unknown>;
  brink: Record<string, unknown>;
}

export const requestSuite: Suite = (host) => {
  describe('requests', () => {
    const mirror = async (path = '', init?: RequestInit, manifest?: Record<string, unknown>) => {
      const { name, url } = await publish(host(), MIRROR, manifest ? { manifest } : {});
      const response = await fetch(url + path, init);
      return { name, response, seen: (await response.json()) as Mirrored };
    };

    it('a function sees the path after its name, the query, and the client’s own header lines', async () => {
      const { seen } = await mirror('a//b%20c?x=1&x=2', { headers: { 'x-one': '1', accept: 'text/x' } });
      expect(new URL(seen.url).pathname).toBe('/a//b%20c');
      expect(new URL(seen.url).search).toBe('?x=1&x=2');
      expect(Object.fromEntries(seen.headers)).toMatchObject({ 'x-one': '1', accept: 'text/x' });
    });

    it('the host adds no header to a function’s request', async () => {
      const { name } = await publish(host(), MIRROR);
      const body = await new Promise<string>((resolve, reject) => {
        const request = httpRequest(`${host().url}/${name}/`, { headers: { 'x-only': 'this' } }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => resolve(text)); // prettier-ignore
        });
        request.on('error', reject).end();
      });
      const names = (JSON.parse(body) as Mirrored).headers.map(([header]) => header).filter((header) => header !== 'connection');
      expect(names.toSorted()).toEqual(['host', 'x-only']);
    });

    it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s arrives with its body', async (method) => {
      const { seen } = await mirror('', { method, body: 'the body' });
      expect(seen).toMatchObject({ method, body: 'the body' });
    });

    it('OPTIONS reaches the function', async () => {
      const { response, seen } = await mirror('', { method: 'OPTIONS' });
      expect(response.status).toBe(200);
      expect(seen.method).toBe('OPTIONS');
    });

    it('env holds the vars of the manifest, as they were typed', async () => {
      const vars = { TEXT: 'ä', NUMBER: 4.5, FLAG: true, DEEP: { list: [1, null, 'x'] } };
      const { seen } = await mirror('', undefined, { vars });
      expect(seen.env).toEqual(vars);
    });

    it('ctx.brink names the invocation', async () => {
      const { name, seen } = await mirror('p?q=1', { headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } });
      expect(seen.brink).toMatchObject({ function: name, version: 1, alias: 'live', url: `${host().url}/${name}/p?q=1` });
      expect(seen.brink['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
      expect(seen.brink['requestId']).toBe((seen.brink['traceparent'] as string).slice(36, 52));
      expect(seen.brink['clientAddress']).toBe('127.0.0.1');
    });

    it('a body can be read as json, bytes, blob and form data', async () => {
      const { url } = await publish(
        host(),
        `export default { async fetch(request) {
          const path = new URL(request.url).pathname;
          if (path === '/json') return Response.json((await request.json()).a);
          if (path === '/bytes') return Response.json([...(await request.bytes())]);
          if (path === '/buffer') return Response.json((await request.arrayBuffer()).byteLength);
          if (path === '/blob') { const blob = await request.blob(); return Response.json([blob.size, blob.type]); }
          const form = await request.formData(); return Response.json([form.get('field'), await form.get('file').text()]);
        } }`,
      );
      const post = async (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
        (await fetch(url + path, { method: 'POST', body, headers })).json();
      expect(await post('json', '{"a":[1]}')).toEqual([1]);
      expect(await post('bytes', new Uint8Array([0, 255, 7]))).toEqual([0, 255, 7]);
      expect(await post('buffer', 'x'.repeat(70_000))).toBe(70_000);
      expect(await post('blob', 'abc', { 'content-type': 'text/x' })).toEqual([3, 'text/x']);
      const form = new FormData();
      form.set('field', 'wert');
      form.set('file', new Blob(['inhalt']), 'a.txt');
      expect(await post('form', form)).toEqual(['wert', 'inhalt']);
    });

    it('a request can be cloned, copied with changes, and read only once', async () => {
      const { url } = await publish(
        host(),
        `export default { async fetch(request) {
          const clone = request.clone();
          const copy = new Request('http://other/', request);
          const text = [await clone.text(), await copy.text()];
          let second; try { await copy.text() } catch (error) { second = error.name }
          return Response.json({ text, second, used: copy.bodyUsed, url: copy.url, header: copy.headers.get('x-h'), is: request instanceof Request, method: copy.method });
        } }`,
      );
      const response = await fetch(url, { method: 'POST', body: 'abc', headers: { 'x-h': 'v' } });
      expect(await response.json()).toEqual({
        text: ['abc', 'abc'],
        second: 'TypeError',
        used: true,
        url: 'http://other/',
        header: 'v',
        is: true,
        method: 'POST',
      });
    });
  });

  describe('responses', () => {
    const get = async (expression: string, init?: RequestInit) => {
      const { url } = await publish(host(), `export default { async fetch(request, env, ctx) { return ${expression} } }`);
      return fetch(url, { redirect: 'manual', ...init });
    };

    it('keep their status, header lines and text', async () => {
      const response = await get(
        `new Response('töxt', { status: 418, statusText: 'Teapot Indeed', headers: { 'x-a': '1', 'content-type': 'text/special' } })`,
      );
      expect(response.status).toBe(418);
      expect(response.statusText).toBe('Teapot Indeed');
      expect(response.headers.get('x-a')).toBe('1');
      expect(response.headers.get('content-type')).toBe('text/special');
      expect(await response.text()).toBe('töxt');
    });

    it('every Set-Cookie stays a header of its own', async () => {
      const response = await get(
        `new Response('x', { headers: [['set-cookie', 'a=1; Path=/'], ['set-cookie', 'b=2, c'], ['x-many', '1'], ['x-many', '2']] })`,
      );
      expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2, c']);
      expect(response.headers.get('x-many')).toBe('1, 2');
    });

    it('without a content type get none', async () => {
      const response = await get(`new Response(new Uint8Array([1, 2, 3]))`);
      expect(response.headers.get('content-type')).toBeNull();
      expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 3]);
    });

    it.each([
      ['204', `new Response(null, { status: 204 })`, 204, ''],
      ['304', `new Response(null, { status: 304, headers: { etag: '"x"' } })`, 304, ''],
      ['an empty 200', `new Response()`, 200, ''],
      ['Response.json', `Response.json({ a: 1 }, { status: 201 })`, 201, '{"a":1}'],
      ['a blob', `new Response(new Blob(['blob'], { type: 'text/b' }))`, 200, 'blob'],
      ['URLSearchParams', `new Response(new URLSearchParams({ a: 'b c' }))`, 200, 'a=b+c'],
      ['a clone', `(() => { const r = new Response('c', { headers: { 'x-c': '1' } }); return r.clone() })()`, 200, 'c'],
      ['one made of another', `new Response((new Response('inner')).body, { status: 202 })`, 202, 'inner'],
      ['a plain value’s promise', `Promise.resolve(new Response('later'))`, 200, 'later'],
      [
        'headers set afterwards',
        `(() => { const r = new Response('h'); r.headers.set('x-late', '1'); r.headers.delete('content-type'); return r })()`,
        200,
        'h',
      ],
    ])('%s', async (_name, expression, status, text) => {
      const response = await get(expression);
      expect(response.status).toBe(status);
      expect(await response.text()).toBe(text);
    });

    it('a redirect passes to the client', async () => {
      const response = await get(`Response.redirect('https://example.com/x', 307)`);
      expect(response.status).toBe(307);
      expect(response.headers.get('location')).toBe('https://example.com/x');
    });

    it('HEAD gets the head alone', async () => {
      const response = await get(`new Response('body', { headers: { 'x-a': '1' } })`, { method: 'HEAD' });
      expect(response.headers.get('x-a')).toBe('1');
      expect(await response.text()).toBe('');
    });

    it('a body whose content-encoding is gzip is compressed for the client, as in Workers', async () => {
      const response = await get(`new Response('plain '.repeat(100), { headers: { 'content-encoding': 'gzip' } })`);
      expect(response.headers.get('content-encoding')).toBe('gzip');
      expect(await response.text()).toBe('plain '.repeat(100));
    });
  });
};
