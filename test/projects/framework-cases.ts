import { beforeAll, describe, expect, it } from 'vitest';
import type { Cases } from './cases.ts';

export const frameworkCases: Cases = (projects) => {
  describe('Hono, with TSX and a wrangler.jsonc', () => {
    let url: string;
    beforeAll(async () => void (url = await projects().open('hono')));

    it('renders JSX by its tsconfig', async () => {
      const response = await fetch(`${url}/`);
      expect([response.status, response.headers.get('content-type'), response.headers.get('x-powered-by')]).toEqual([
        200,
        'text/html; charset=UTF-8',
        'Hono',
      ]);
      expect(await response.text()).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
    });

    it('vars keep their types', async () => {
      expect(await (await fetch(`${url}/vars`)).json()).toEqual({ max: 3, live: false });
    });

    it('an ETag saves the second answer', async () => {
      const first = await fetch(`${url}/cached/text`);
      const tag = first.headers.get('etag')!;
      expect([first.status, await first.text()]).toEqual([200, 'the same each time']);
      expect((await fetch(`${url}/cached/text`, { headers: { 'if-none-match': tag } })).status).toBe(304);
    });

    it('signs a token and checks it', async () => {
      const token = await (await fetch(`${url}/token`)).text();
      const me = (authorization: string) => fetch(`${url}/private/me`, { headers: { authorization } });
      expect(await (await me(`Bearer ${token}`)).json()).toEqual({ sub: 'ann' });
      expect((await me(`Bearer ${token.slice(0, -2)}xx`)).status).toBe(401);
      expect((await fetch(`${url}/private/me`)).status).toBe(401);
    });

    it('reads a form with a file', async () => {
      const body = new FormData();
      body.set('name', 'ann');
      body.set('file', new File(['content'], 'a.txt'));
      const response = await fetch(`${url}/form`, { method: 'POST', body });
      expect(await response.json()).toEqual({ name: 'ann', file: ['a.txt', 'content'] });
    });

    it('sends server-sent events', async () => {
      const response = await fetch(`${url}/events`);
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      expect(await response.text()).toBe('data: event 1\nid: 1\n\ndata: event 2\nid: 2\n\n');
    });

    it('a string in place of a Response is an error of the app', async () => {
      const response = await fetch(`${url}/no-response`);
      expect([response.status, await response.text()]).toEqual([500, 'caught TypeError']);
    });
  });

  describe('itty-router, without a main in its wrangler.toml', () => {
    let url: string;
    beforeAll(async () => void (url = await projects().open('itty')));

    it.each([
      ['/todos?done=false', 200, [{ title: 'read', done: false }]],
      ['/todos/0', 200, { title: 'write', done: true }],
      ['/todos/9', 404, { status: 404, error: 'No such todo' }],
      ['/nowhere', 404, { status: 404, error: 'Not Found' }],
      ['/throws', 500, { status: 500, error: 'broken' }],
    ])('answers %s', async (path, status, body) => {
      const response = await fetch(url + path);
      expect([response.status, await response.json()]).toEqual([status, body]);
    });

    it('reads a JSON body, and changes the headers of its own response', async () => {
      const made = await fetch(`${url}/todos`, { method: 'POST', body: '{"title":"x"}' });
      expect([await made.json(), made.headers.get('x-stamped')]).toEqual([{ made: { title: 'x' } }, 'yes']);
    });

    it('finds on a request only what the router put there', async () => {
      expect(await (await fetch(`${url}/own/1`)).json()).toEqual(['params', 'proxy', 'query', 'route']);
    });
  });

  describe('h3, with its fetch as the handler', () => {
    let url: string;
    beforeAll(async () => void (url = await projects().open('h3')));

    it.each([
      ['/', 200, 'plain'],
      ['/json?a=1', 200, '{"query":{"a":"1"}}'],
      ['/buffer', 200, 'bytes'],
      ['/blob', 200, 'blob'],
      ['/stream', 200, 'one two three'],
      ['/user/ann', 200, '{"name":"ann"}'],
      ['/away', 307, expect.any(String)],
      ['/fails', 418, expect.stringContaining('Not today')],
      ['/nowhere', 404, expect.any(String)],
    ])('answers %s', async (path, status, body) => {
      const response = await fetch(url + path, { redirect: 'manual' });
      const text = (await response.text()).replaceAll(/\s/g, path === '/json?a=1' || path === '/user/ann' ? '' : '$&');
      expect([response.status, text]).toEqual([status, body]);
    });

    it('reads a body, and sets two cookies', async () => {
      const echo = await fetch(`${url}/echo`, { method: 'POST', body: '{"a":[1]}', headers: { 'content-type': 'application/json' } });
      expect(await echo.json()).toEqual({ got: { a: [1] } });
      expect((await fetch(`${url}/cookie`)).headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
    });
  });
};
