import { increment } from 'wasi:keyvalue/atomics@0.2.0-draft2';
import { open } from 'wasi:keyvalue/store@0.2.0-draft2';

const routes = {
  'GET /': () => text('hello from javascript'),
  'GET /stream': () => text(lines()),
  'GET /headers': headers,
  'GET /cookies': cookies,
  'GET /counter': counter,
  'GET /proxy': proxy,
  'POST /json': sum,
  'POST /echo': echo,
};

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

function answer(request) {
  const url = new URL(request.url);
  const route = routes[`${request.method} ${url.pathname}`];
  if (route !== undefined) return route(request, url);
  const [, name] = /^\/hello\/([^/]+)$/.exec(url.pathname) ?? [];
  if (request.method !== 'GET' || name === undefined) return error(404, 'not found');
  try {
    return json(200, { hello: decodeURIComponent(name) });
  } catch {
    return error(404, 'not found');
  }
}

/** Each line is a chunk of its own. */
function lines() {
  const utf8 = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(utf8.encode(`line ${(line += 1)}\n`));
      if (line === 5) controller.close();
    },
  });
}

function headers(request) {
  return json(200, Object.fromEntries([...request.headers].map(([name, value]) => [name, [value]])));
}

function cookies() {
  const response = new Response(null);
  response.headers.append('set-cookie', 'a=1');
  response.headers.append('set-cookie', 'b=2');
  return response;
}

function counter() {
  try {
    return json(200, { count: Number(increment(open('COUNTER'), 'hits', 1n)) });
  } catch (reason) {
    return error(500, JSON.stringify(reason.payload ?? String(reason)));
  }
}

async function proxy(_request, url) {
  try {
    const { status, body } = await fetch(new URL(url.searchParams.get('url') ?? ''));
    return new Response(body, { status });
  } catch (reason) {
    return error(502, String(reason));
  }
}

async function sum(request) {
  const { a, b } = (await request.json().catch(() => null)) ?? {};
  if (typeof a !== 'number' || typeof b !== 'number') return error(400, 'send {"a": number, "b": number}');
  return json(200, { sum: a + b });
}

function echo(request) {
  const type = request.headers.get('content-type');
  return new Response(request.body, { headers: type === null ? {} : { 'content-type': type } });
}

function text(body) {
  return new Response(body, { headers: { 'content-type': 'text/plain' } });
}

function json(status, value) {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });
}

function error(status, reason) {
  return json(status, { error: reason });
}
