import { isIP } from 'node:net';
import type { Agent, fetch as Fetch, RequestInit as FetchInit } from 'undici';
import { createEgress } from '../../cell/egress.ts';
import type { Platform } from '../../platform.ts';
import type { NetworkOptions } from '../running.ts';
import { checkedLookup, resolverOf } from './checked-lookup.ts';

/**
 * What the host itself fetches for a function, by the rules that the function's own calls follow. Redirects are not followed:
 * the next place would have to be looked at too.
 */
export function createOutbound(network: NetworkOptions | undefined): NonNullable<Platform['outbound']> {
  const { open = [], names = {} } = network ?? {};
  const resolver = resolverOf(names);
  // Loaded when it is needed: most hosts never do.
  let library: Promise<{ readonly Agent: typeof Agent; readonly fetch: typeof Fetch }> | undefined;
  return async ({ manifest }, request) => {
    const egress = createEgress({ outbound: manifest.capabilities.outbound, open });
    const { hostname } = new URL(request.url);
    egress.checkHost(hostname);
    if (isIP(hostname) !== 0) egress.checkAddress(hostname, hostname);
    const undici = await (library ??= import('undici'));
    // One for each call: a connection that is used again would not be looked at.
    const dispatcher = new undici.Agent({ connect: { lookup: checkedLookup(egress, resolver) }, pipelining: 0 });
    const { method, headers, body, signal } = request;
    const init: FetchInit = { method, headers: [...headers] as [string, string][], redirect: 'manual', signal, dispatcher };
    const sent = body === null ? init : { ...init, body: new Uint8Array(await request.arrayBuffer()) };
    const response = await undici.fetch(request.url, sent);
    // When the response has been read.
    void dispatcher.close();
    return response as unknown as Response;
  };
}
