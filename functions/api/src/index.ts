import { Hono } from 'hono';
import type { KVNamespace } from '../../../sdk/index.ts';

/** The same API as functions/api-rust, which is a component. */
const app = new Hono<{ Bindings: { COUNTER: KVNamespace } }>();

app.get('/', () => text('hello from typescript'));

app.get('/hello/:name', (c) => c.json({ hello: c.req.param('name') }));

app.post('/json', async (c) => {
  const numbers = await c.req.json<unknown>().catch(() => null);
  if (!isNumbers(numbers)) return c.json({ error: 'send {"a": number, "b": number}' }, 400);
  return c.json({ sum: numbers.a + numbers.b });
});

app.get('/stream', () => text(lines()));

app.post('/echo', (c) => {
  const headers = new Headers();
  const type = c.req.header('content-type');
  if (type !== undefined) headers.set('content-type', type);
  return new Response(c.req.raw.body, { headers });
});

app.get('/proxy', async (c) => {
  try {
    const { status, body } = await fetch(c.req.query('url') ?? '');
    return new Response(body, { status });
  } catch (error) {
    return c.json({ error: error instanceof Error ? error.message : String(error) }, 502);
  }
});

app.get('/headers', (c) => c.json(Object.fromEntries([...c.req.raw.headers].map(([name, value]) => [name, [value]]))));

app.get('/cookies', () => {
  const headers = new Headers();
  headers.append('set-cookie', 'a=1');
  headers.append('set-cookie', 'b=2');
  return new Response(null, { headers });
});

app.get('/counter', async (c) => c.json({ count: await c.env.COUNTER.increment('hits') }));

app.notFound((c) => c.json({ error: 'not found' }, 404));

export default app;

function text(body: string | ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { 'content-type': 'text/plain' } });
}

/** Each line is a chunk of its own. */
function lines(): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(utf8.encode(`line ${(line += 1)}\n`));
      if (line === 5) controller.close();
    },
  });
}

function isNumbers(value: unknown): value is { a: number; b: number } {
  if (typeof value !== 'object' || value === null) return false;
  const { a, b } = value as Record<string, unknown>;
  return typeof a === 'number' && typeof b === 'number';
}
