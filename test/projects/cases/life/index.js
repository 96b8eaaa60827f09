// A module that also listens as Workers once did; only the default export is asked.
addEventListener('fetch', (event) => event.respondWith(new Response('not this one')));
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  console.log(`unhandled: ${event.reason.message}`);
});

export default {
  async fetch(request, _env, ctx) {
    ctx.passThroughOnException();
    const url = new URL(request.url);
    if (url.pathname === '/throws') throw new Error('no origin stands behind this');
    if (url.pathname === '/rejects') {
      void Promise.reject(new Error('nobody waits'));
      return new Response('rejected');
    }
    if (url.pathname === '/rewriter') {
      if (typeof HTMLRewriter === 'undefined') return new Response('no HTMLRewriter', { status: 501 });
      const page = new Response('<a href="/x">y</a>', { headers: { 'content-type': 'text/html' } });
      return new HTMLRewriter().on('a', { element: (link) => void link.setAttribute('href', '/z') }).transform(page);
    }
    // The usual way to keep an answer.
    const cache = caches.default;
    const kept = await cache.match(request);
    if (kept !== undefined) return kept;
    const response = new Response(`made for ${url.pathname}`, {
      headers: { 'cache-control': 's-maxage=60', 'x-made': String(Math.random()) },
    });
    ctx.waitUntil(cache.put(request, response.clone()));
    return response;
  },
};
