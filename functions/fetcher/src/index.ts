import type { ExportedHandler } from '../../../sdk/index.ts';

interface Env {
  ORIGIN: string;
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(new URL(request.url).searchParams.get('path') ?? '/', env.ORIGIN);
    if (url.origin !== new URL(env.ORIGIN).origin) return new Response('Only paths of the origin are fetched.\n', { status: 400 });
    const cached = await caches.default.match(url);
    if (cached) return marked(cached, 'hit');
    const answer = await fetch(url, { signal: request.signal }).catch(() => null);
    if (answer === null) return new Response('The origin cannot be reached.\n', { status: 502 });
    const kept = new Response(answer.body, { status: answer.status, headers: { 'cache-control': 'max-age=60' } });
    kept.headers.set('content-type', answer.headers.get('content-type') ?? 'application/octet-stream');
    if (answer.ok) ctx.waitUntil(caches.default.put(url, kept.clone()));
    return marked(kept, 'miss');
  },
} satisfies ExportedHandler<Env>;

function marked(response: Response, cache: 'hit' | 'miss'): Response {
  const headers = new Headers(response.headers);
  headers.set('x-cache', cache);
  return new Response(response.body, { status: response.status, headers });
}
