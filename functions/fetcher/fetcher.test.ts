import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let origin: Server;
let fetcher: OpenedExample;
let asked: string[] = [];
beforeAll(async () => {
  origin = createServer((request, response) => {
    asked.push(request.url!);
    response.writeHead(request.url === '/missing' ? 404 : 200, { 'content-type': 'text/plain' }).end(`this is ${request.url}`);
  });
  await once(origin.listen(0, '127.0.0.1'), 'listening');
  const { port } = origin.address() as AddressInfo;
  fetcher = await openExample('fetcher', { vars: { ORIGIN: `http://127.0.0.1:${port}` }, outbound: ['127.0.0.1'] });
});
afterAll(async () => {
  await fetcher.stop();
  origin.close();
});

it('fetches a path of its origin once, and then has it in the cache', async () => {
  asked = [];
  const answers = [await fetch(`${fetcher.at}?path=/page`), await fetch(`${fetcher.at}?path=/page`)];
  expect(answers.map(({ headers }) => headers.get('x-cache'))).toEqual(['miss', 'hit']);
  for (const answer of answers) expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/plain', 'this is /page']);
  expect(asked).toEqual(['/page']);
});

it('passes on what its origin refuses, and keeps none of it', async () => {
  asked = [];
  for (let time = 0; time < 2; time++) expect((await fetch(`${fetcher.at}?path=/missing`)).status).toBe(404);
  expect(asked).toEqual(['/missing', '/missing']);
});

it('fetches from nowhere else', async () => {
  expect((await fetch(`${fetcher.at}?path=//elsewhere.test/`)).status).toBe(400);
});
