import type { Agent } from 'undici';
import { createEgress } from '../../cell/egress.ts';
import type { Platform } from '../../platform.ts';
import type { HostOptions } from '../running.ts';
import { checkedLookup, resolverOf } from './checked-lookup.ts';

/**
 * What the host sends for functions. Each request has connections of its own: what one function may reach is nothing that
 * another's request could go by.
 */
export function createOutgoing({ open, names = {} }: NonNullable<HostOptions['network']>): NonNullable<Platform['outgoing']> {
  const resolver = resolverOf(names);
  return async (request, outbound) => {
    const egress = createEgress({ outbound, open });
    const { method, headers, body, signal, url } = request;
    // Of an address too, which nobody looks up.
    egress.checkHost(new URL(url).hostname);
    const undici = await import('undici');
    const agent: Agent = new undici.Agent({ connect: { lookup: checkedLookup(egress, resolver) } });
    try {
      const response = await undici.request(url, {
        method: method as 'POST',
        headers: Object.fromEntries(headers),
        body: body && new Uint8Array(await request.arrayBuffer()),
        signal,
        dispatcher: agent,
      });
      return response.statusCode;
    } finally {
      // With what has come of a response, which nobody reads.
      await agent.destroy();
    }
  };
}
