interface Env {
  UPSTREAM: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const target = new Request(env.UPSTREAM + url.pathname + url.search, request);
    target.headers.set('x-proxied', 'yes');
    const response = await fetch(target);
    const changed = new Response(response.body, response);
    changed.headers.set('access-control-allow-origin', '*');
    changed.headers.append('vary', 'origin');
    return changed;
  },
};
