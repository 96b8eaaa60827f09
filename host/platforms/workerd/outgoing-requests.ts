import type { Platform } from '../../platform.ts';
import { egressBy, type LimitedNetwork } from './entrypoints.ts';

/** What the host sends for functions: by their own way out, under their own rules. */
export function createOutgoing(network: LimitedNetwork | undefined): NonNullable<Platform['outgoing']> {
  return async (request, outbound) => {
    egressBy(network, outbound).checkHost(new URL(request.url).hostname);
    const response = await (network === undefined ? fetch(request) : network.way.fetch(request));
    await response.body?.cancel();
    return response.status;
  };
}
