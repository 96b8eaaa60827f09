import type { Agent, fetch as Fetch, RequestInit as FetchInit } from 'undici';

/**
 * Asks this host itself, by its own port. Its certificate is of the name that others call it by, and it may have signed it
 * itself; that nobody else listens at the port, the system sees to.
 */
export function createOwnFetch(): (request: Request) => Promise<Response> {
  let library: Promise<{ readonly agent: Agent; readonly fetch: typeof Fetch }> | undefined;
  return async (request) => {
    const { agent: dispatcher, fetch } = await (library ??= load());
    const { method, headers, body, redirect, signal } = request;
    const init: FetchInit = { method, headers: [...headers] as [string, string][], redirect, signal, dispatcher };
    const sent = body === null ? init : { ...init, body: new Uint8Array(await request.arrayBuffer()) };
    return (await fetch(request.url, sent)) as unknown as Response;
  };
}

async function load(): Promise<{ readonly agent: Agent; readonly fetch: typeof Fetch }> {
  const { Agent, fetch } = await import('undici');
  return { agent: new Agent({ connect: { rejectUnauthorized: false }, headersTimeout: 0, bodyTimeout: 0 }), fetch };
}
