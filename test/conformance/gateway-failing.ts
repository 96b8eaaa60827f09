import { publish, type TestHost } from './harness.ts';

export interface Failing {
  readonly name: string;
  readonly url: string;
  send(path: string, init?: RequestInit): Promise<Response>;
  /** What its requests had so far, those among them that failed: read past the rules, by another function. */
  seen(): Promise<readonly SeenCall[]>;
}

export interface SeenCall {
  readonly method: string;
  readonly body: string;
  readonly traceparent: string;
  readonly extra: string | null;
}

/** Fails so many times for each `key`, in the way that is asked for. */
const SOURCE = `
const failed = new Map();
const seen = [];
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === '/seen') return Response.json(seen);
    const { key = '', times = '0', how = '503', ms = '0' } = Object.fromEntries(url.searchParams);
    const body = request.body === null ? '' : await request.text();
    seen.push({ method: request.method, body, traceparent: ctx.brink.traceparent, extra: request.headers.get('x-extra') });
    const count = failed.get(key) ?? 0;
    // The first answers late, and whoever comes in between fails.
    if (url.searchParams.has('late')) {
      failed.set(key, count + 1);
      if (count > 0) return new Response('failed', { status: 503 });
      await scheduler.wait(Number(url.searchParams.get('late')));
      return new Response('whole', { headers: { 'x-tries': '1' } });
    }
    if (count >= Number(times)) return new Response('whole ' + body, { headers: { 'x-tries': String(count + 1) } });
    failed.set(key, count + 1);
    if (how === 'throw') throw new Error('thrown');
    if (how === 'stall') await scheduler.wait(Number(ms));
    if (how === 'broken') {
      return new Response(new ReadableStream({
        pull(controller) {
          if (this.begun) return controller.error(new Error('broken'));
          this.begun = true;
          controller.enqueue(new TextEncoder().encode('half'));
        },
      }), { status: Number(url.searchParams.get('status') ?? 200) });
    }
    const headers = url.searchParams.has('after') ? { 'retry-after': url.searchParams.get('after') } : {};
    return new Response('failed', { status: how === 'stall' ? 503 : Number(how), headers });
  },
};`;

/** A function that fails as often as its requests say, with rules before it. */
export async function publishFailing(
  host: TestHost,
  gateway: readonly unknown[],
  manifest: Record<string, unknown> = {},
): Promise<Failing> {
  const rules = [...gateway, { match: { path: '/seen' }, retry: false, hedge: false, circuit_breaker: false, fallback: false }];
  const { name, url } = await publish(host, SOURCE, { manifest: { scaling: { max_cells: 1 }, gateway: rules, ...manifest } });
  const send = (path: string, init?: RequestInit) => fetch(new URL(path.replace(/^\//, ''), url), init);
  return { name, url, send, seen: async () => (await (await send('/seen')).json()) as SeenCall[] };
}
