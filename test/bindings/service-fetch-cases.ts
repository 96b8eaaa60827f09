import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { publishComponent } from '../conformance/publish-component.ts';
import type { ServiceWorld } from './service-suite.ts';

const MIRROR = `export default { async fetch(request, env, ctx) {
  return Response.json({ method: request.method, url: request.url, headers: Object.fromEntries(request.headers), body: await request.text(),
    props: ctx.props, who: ctx.brink.function });
} }`;

export function serviceFetchCases(world: ServiceWorld): void {
  describe('fetch', () => {
    const json = async (url: string) => (await fetch(url)).json() as Promise<unknown>;

    it('takes a URL as text, a URL, and a Request with its headers and body', async () => {
      const other = await world.deploy(MIRROR);
      const { url } = await world.caller(
        `const { OTHER } = env;
        const answers = [
          await OTHER.fetch('https://other/a?b=c'),
          await OTHER.fetch(new URL('https://other/u'), { method: 'PUT', body: 'text', headers: { 'x-a': '1' } }),
          await OTHER.fetch(new Request('https://other/r', { method: 'POST', body: new Uint8Array([104, 105]), headers: { 'x-b': '2' } })),
          await OTHER.fetch(new Request('https://other/o', { headers: { 'x-c': '3' } }), { method: 'DELETE' }),
        ];
        return Response.json(await Promise.all(answers.map((answer) => answer.json())));`,
        other.name,
      );
      const [text, parsed, request, both] = (await json(url)) as Record<string, unknown>[];
      expect(text).toMatchObject({ method: 'GET', url: 'https://other/a?b=c', body: '', who: other.name, props: {} });
      expect(parsed).toMatchObject({ method: 'PUT', url: 'https://other/u', body: 'text', headers: { 'x-a': '1' } });
      expect(request).toMatchObject({ method: 'POST', body: 'hi', headers: { 'x-b': '2' } });
      expect(both).toMatchObject({ method: 'DELETE', headers: { 'x-c': '3' } });
    });

    it('hands the incoming request on as it is, and its response back', async () => {
      const other = await world.deploy(MIRROR);
      const { url } = await world.caller('return env.OTHER.fetch(request)', other.name);
      const answer = await fetch(`${url}x?y=1`, { method: 'POST', body: 'from the client', headers: { 'x-d': '4' } });
      expect(await answer.json()).toMatchObject({ method: 'POST', body: 'from the client', headers: { 'x-d': '4' }, who: other.name });
    });

    it('gives status, headers, every Set-Cookie, and the URL of the response', async () => {
      const other = await world.deploy(`export default { fetch() {
        const headers = new Headers({ 'x-own': 'yes' });
        headers.append('set-cookie', 'a=1');
        headers.append('set-cookie', 'b=2');
        return new Response('made', { status: 201, statusText: 'Made', headers });
      } }`);
      const { url } = await world.caller(
        `const answer = await env.OTHER.fetch('https://other/path');
        return Response.json([answer.status, answer.ok, answer.url, answer.headers.get('x-own'), answer.headers.getSetCookie(), await answer.text()]);`,
        other.name,
      );
      expect(await json(url)).toEqual([201, true, 'https://other/path', 'yes', ['a=1', 'b=2'], 'made']);
    });

    it('follows redirects to the same function, unless told not to', async () => {
      const other = await world.deploy(`export default { async fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === '/here') return new Response('here by ' + request.method + await request.text());
        return new Response(null, { status: Number(pathname.slice(1)), headers: { location: '/here' } });
      } }`);
      const { url } = await world.caller(
        `const how = [['https://other/302'], ['https://other/303', { method: 'POST', body: 'x' }], ['https://other/307', { method: 'POST', body: 'x' }],
          ['https://other/301', { redirect: 'manual' }]];
        return Response.json(await Promise.all(how.map(async (args) => { const a = await env.OTHER.fetch(...args); return [a.status, a.url, await a.text()]; })));`,
        other.name,
      );
      expect(await json(url)).toEqual([
        [200, 'https://other/here', 'here by GET'],
        [200, 'https://other/here', 'here by GET'],
        [200, 'https://other/here', 'here by POSTx'],
        [301, 'https://other/301', ''],
      ]);
    });

    it('has no body with HEAD, 204 and 304', async () => {
      const other = await world.deploy(`export default { fetch(request) {
        const status = Number(new URL(request.url).pathname.slice(1));
        return new Response(status === 200 ? 'body' : null, { status });
      } }`);
      const { url } = await world.caller(
        `const answers = [await env.OTHER.fetch('https://o/200', { method: 'HEAD' }), await env.OTHER.fetch('https://o/204'), await env.OTHER.fetch('https://o/304')];
        return Response.json(await Promise.all(answers.map(async (a) => [a.status, await a.text()])));`,
        other.name,
      );
      expect(await json(url)).toEqual([
        [200, ''],
        [204, ''],
        [304, ''],
      ]);
    });

    it('reads a compressed body as it was written, and the client gets it compressed once', async () => {
      const other = await world.deploy(
        `export default { fetch() { return new Response('z'.repeat(1000), { headers: { 'content-encoding': 'gzip' } }) } }`,
      );
      const { url } = await world.caller(
        `const answer = await env.OTHER.fetch('https://other/');
        return new URL(request.url).searchParams.has('length') ? new Response(String((await answer.text()).length)) : answer;`,
        other.name,
      );
      expect(await (await fetch(`${url}?length`)).text()).toBe('1000');
      expect(await (await fetch(url)).text()).toBe('z'.repeat(1000));
    });

    it('refuses what is no URL, and bodies that are read already', async () => {
      const other = await world.deploy(MIRROR);
      const { url } = await world.caller(
        `const tries = [() => env.OTHER.fetch('/relative'), async () => { const r = new Request('https://o/', { method: 'POST', body: 'x' }); await r.text(); return env.OTHER.fetch(r); }];
        return Response.json(await Promise.all(tries.map((each) => each().then(() => 'taken', (error) => error.name))));`,
        other.name,
      );
      expect(await json(url)).toEqual(['TypeError', 'TypeError']);
    });

    it('calls an entrypoint by name, with the props of the binding', async () => {
      const other = await world.deploy(
        `import { WorkerEntrypoint } from 'cloudflare:workers';
        export class Admin extends WorkerEntrypoint {
          made = Math.random();
          fetch(request) { return Response.json({ props: this.ctx.props, greeting: this.env.GREETING, made: this.made }) }
        }
        export const plain = { fetch: (request, env) => new Response('plain ' + env.GREETING) };
        export default { fetch: () => new Response('default') };`,
        { vars: { GREETING: 'hi' } },
      );
      const { url } = await world.deploy(
        `export default { async fetch(request, env) {
          const first = await (await env.ADMIN.fetch('https://o/')).json();
          const second = await (await env.ADMIN.fetch('https://o/')).json();
          return Response.json([first.props, first.greeting, first.made !== second.made, await (await env.PLAIN.fetch('https://o/')).text(), await (await env.OWN.fetch('https://o/')).text()]);
        } }`,
        {
          services: [
            { binding: 'ADMIN', service: other.name, entrypoint: 'Admin', props: { role: 'reader', list: [1] } },
            { binding: 'PLAIN', service: other.name, entrypoint: 'plain' },
            { binding: 'OWN', service: other.name },
          ],
        },
      );
      expect(await json(url)).toEqual([{ role: 'reader', list: [1] }, 'hi', true, 'plain hi', 'default']);
    });

    it('is found through an imported env too, and is neither a promise nor has keys', async () => {
      const other = await world.deploy(MIRROR);
      const { url } = await world.caller(
        `const { OTHER } = imported;
        const answer = await (await OTHER.fetch('https://o/i')).json();
        return Response.json([answer.url, Object.keys(env.OTHER), typeof env.OTHER.then, String(env.OTHER), await (async () => env.OTHER)() === env.OTHER]);`,
        other.name,
        { top: `import { env as imported } from 'cloudflare:workers';` },
      );
      expect(await json(url)).toEqual(['https://o/i', [], 'undefined', '[object Fetcher]', true]);
    });

    it('cannot be used by top-level code', async () => {
      const other = await world.deploy(MIRROR);
      const { url } = await world.caller('return new Response(await early)', other.name, {
        top: `import { env } from 'cloudflare:workers'; const early = env.OTHER.fetch('https://o/').then(() => 'sent', (error) => error.message);`,
      });
      expect(await (await fetch(url)).text()).toBe('OTHER is there for handlers, not for top-level code.');
    });

    it('calls a component', async () => {
      const other = await publishComponent(world.host, await readFile(new URL('../component/guests/p2-hello.wasm', import.meta.url)));
      const { url } = await world.caller(`return env.OTHER.fetch('https://component/')`, other.name);
      const [called, asked] = [await fetch(url), await fetch(`${other.url}/`)];
      expect([called.status, await called.text()]).toEqual([asked.status, await asked.text()]);
      expect(called.status).toBe(200);
    });

    it('the callee has its own env, and none of the caller', async () => {
      const other = await world.deploy(`export default { fetch: (request, env) => Response.json(Object.keys(env).sort()) }`, {
        vars: { THEIRS: 1 },
      });
      const { url } = await world.caller(
        `const theirs = await (await env.OTHER.fetch('https://o/')).json();
        return Response.json([theirs, Object.keys(env).sort()]);`,
        other.name,
        { manifest: { vars: { MINE: 1 } } },
      );
      expect(await json(url)).toEqual([['THEIRS'], ['MINE', 'OTHER']]);
    });
  });
}
