import { publish, type TestHost } from './harness.ts';

/** What the function behind the rules saw. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Echo {
  readonly name: string;
  send(path: string, init?: RequestInit): Promise<Response>;
  seen(path: string, init?: RequestInit): Promise<Seen>;
}

const SOURCE = `
export default {
  async fetch(request) {
    const url = new URL(request.url);
    const headers = new Headers({ 'x-own': 'function', vary: 'Accept' });
    if (url.searchParams.has('cors')) headers.set('access-control-allow-origin', 'https://of-the-function.example');
    if (url.searchParams.has('slow')) await scheduler.wait(Number(url.searchParams.get('slow')) || 300);
    if (url.searchParams.has('throw')) throw new Error('thrown');
    if (url.searchParams.has('redirected')) return Response.redirect('https://elsewhere.example/', 302);
    return Response.json(
      {
        method: request.method,
        url: request.url,
        path: url.pathname,
        headers: Object.fromEntries(request.headers),
        body: request.body === null ? '' : await request.text(),
      },
      { headers },
    );
  },
};`;

/** A function that tells what it was asked, with rules before it. */
export async function publishEcho(host: TestHost, manifest: Record<string, unknown>): Promise<Echo> {
  const { name, url } = await publish(host, SOURCE, { manifest });
  const send = (path: string, init?: RequestInit) => fetch(new URL(path.replace(/^\//, ''), url), { redirect: 'manual', ...init });
  return { name, send, seen: async (path, init) => (await (await send(path, init)).json()) as Seen };
}
