import type { Platform } from '../../platform.ts';
import { egressBy, type LimitedNetwork } from './egress-entrypoint.ts';

/** What the host itself fetches for a function, by the rules that the function's own calls follow. */
export function createOutbound(network: LimitedNetwork | undefined): NonNullable<Platform['outbound']> {
  return async ({ manifest }, request) => {
    egressBy(network, manifest.capabilities.outbound).checkHost(new URL(request.url).hostname);
    const once = new Request(request, { redirect: 'manual' });
    return network === undefined ? fetch(once) : network.way.fetch(once);
  };
}
