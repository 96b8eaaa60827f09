/** A function that does to its caches what it is told. It imports nothing, so that its text alone is a module. */
export interface Order {
  readonly do: 'put' | 'match' | 'delete' | 'open';
  /** `caches.default` without it. */
  readonly cache?: string;
  readonly url: string;
  readonly method?: string;
  /** Of the request. */
  readonly asked?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly response?: {
    readonly status?: number;
    readonly headers?: readonly (readonly [string, string])[] | Readonly<Record<string, string>>;
    /** `null`: none; a number: so many bytes, as a stream. */
    readonly body?: string | number | null;
    /** Its stream breaks, or has been read already. */
    readonly fault?: 'broken' | 'used' | 'none';
  };
}

export type Result =
  | { readonly value: unknown }
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string }
  | { readonly error: string };

export default {
  async fetch(request: Request): Promise<Response> {
    const results: Result[] = [];
    for (const order of (await request.json()) as Order[]) {
      try {
        results.push(await perform(order));
      } catch (error) {
        results.push({ error: `${(error as Error).name}: ${(error as Error).message}` });
      }
    }
    return Response.json(results);
  },
};

async function perform(order: Order): Promise<Result> {
  const { url, method = 'GET', asked = {}, options } = order;
  const cache = order.cache === undefined ? (caches as unknown as { default: Cache }).default : await caches.open(order.cache);
  if (order.do === 'open') return { value: Object.prototype.toString.call(cache) };
  const request = new Request(url, { method, headers: asked });
  if (order.do === 'put') return { value: (await cache.put(request, await responseOf(order.response!))) ?? null };
  if (order.do === 'delete') return { value: await cache.delete(request, options) };
  const found = await cache.match(request, options);
  if (found === undefined) return { value: null };
  const text = await found.text();
  return { status: found.status, headers: Object.fromEntries(found.headers), text: text.length > 1_000 ? String(text.length) : text };
}

async function responseOf({ status, headers, body, fault }: NonNullable<Order['response']>): Promise<Response> {
  if (fault === 'none') return 'no response' as never;
  const init: ResponseInit = { headers: headers as Record<string, string>, ...(status !== undefined && { status }) };
  if (fault === 'broken') return new Response(streamOf(3, new Error('broke off')), init);
  const response = new Response(typeof body === 'number' ? streamOf(body) : body, init);
  if (fault === 'used') await response.text();
  return response;
}

function streamOf(size: number, error?: Error): ReadableStream<Uint8Array> {
  let left = size;
  return new ReadableStream({
    pull(controller) {
      if (left > 0) controller.enqueue(new Uint8Array(Math.min(left, 100_000)).fill(120));
      left -= 100_000;
      if (left > 0) return;
      if (error) controller.error(error);
      else controller.close();
    },
  });
}
