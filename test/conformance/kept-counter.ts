import { eventually, publish, type TestHost } from './harness.ts';

/** Counts its calls in KV under the path, then does what the query says; `/count/{path}` tells the count. */
const COUNTER = `
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const path = url.pathname.split('/').pop();
    if (url.searchParams.has('count')) return new Response((await env.KV.get(path)) ?? '0');
    if (url.searchParams.has('told')) return new Response(await env.KV.get('told/' + path));
    const count = Number((await env.KV.get(path)) ?? 0) + 1;
    await env.KV.put(path, String(count));
    if (count === 1 && url.searchParams.has('spin')) for (;;) {}
    if (url.searchParams.has('slow')) await new Promise((resolve) => setTimeout(resolve, 2_000));
    if (url.searchParams.has('throw')) throw new Error('no luck');
    if (count <= Number(url.searchParams.get('failures') ?? 0)) return new Response('not yet', { status: 503 });
    if (url.searchParams.has('large')) return new Response(new Uint8Array(2 ** 20 + 1));
    if (url.searchParams.has('empty')) return new Response(null, { status: 204 });
    const body = \`\${count} v\${ctx.brink.version} \${request.method} \${await request.text()}\`;
    return new Response(body, { status: Number(url.searchParams.get('status') ?? 200), headers: [['x-own', 'yes'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']] });
  },
  async queue(batch, env) {
    for (const { body } of batch.messages) await env.KV.put('told/' + body.id, batch.queue + ' ' + body.status);
  },
};
`;

export interface Counter {
  readonly name: string;
  readonly url: string;
  send(
    path: string,
    init?: { readonly headers?: Record<string, string>; readonly body?: string | Uint8Array; readonly method?: string },
  ): Promise<Response>;
  count(path: string): Promise<number>;
}

export async function publishCounter(host: TestHost, manifest: Record<string, unknown>, name?: string): Promise<Counter> {
  const published = await publish(host, COUNTER, {
    ...(name !== undefined && { name }),
    alias: 'live',
    manifest: { kv_namespaces: [{ binding: 'KV' }], ...manifest },
  });
  return {
    name: published.name,
    url: published.url,
    send: (path, { headers = {}, body = 'hello', method = 'POST' } = {}) =>
      fetch(published.url + path, { method, headers, ...(method !== 'GET' && { body: body as string }) }),
    count: async (path) => Number(await (await fetch(`${published.url}${path}?count`)).text()),
  };
}

export interface Shown {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly attempts: number;
  readonly error: { readonly code: string } | null;
  readonly response: { readonly status: number; readonly kept: boolean; readonly url: string } | null;
  readonly [member: string]: unknown;
}

/** What the status URL says once it has ended. */
export function ended(host: TestHost, accepted: Response): Promise<Shown> {
  const url = new URL(accepted.headers.get('location')!, host.url);
  return eventually(async () => {
    // The runtime may be just starting anew.
    const shown = await fetch(url).then((response) => response.json() as Promise<Shown>, () => null); // prettier-ignore
    return shown?.status === 'done' || shown?.status === 'failed' ? shown : undefined;
  });
}
