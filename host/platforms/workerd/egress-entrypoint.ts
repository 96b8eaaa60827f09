import { WorkerEntrypoint } from 'cloudflare:workers';
import { createEgress, type Egress } from '../../cell/egress.ts';
import type { ShadowOutbound } from '../../registry/shadow-record.ts';
import type { OwnerProps } from './entrypoints.ts';

export interface EgressProps extends OwnerProps {
  /** Those that the manifest names; null: any. */
  readonly hosts: readonly string[] | null;
  /** What a shadow may call; not there where it is none. */
  readonly shadow?: ShadowOutbound | undefined;
}

/** What requests go out by. */
export interface Network {
  fetch(request: Request): Promise<Response>;
}

/** Where the host itself limits what functions reach: the way out, and what that leads to besides public addresses. */
export interface LimitedNetwork {
  readonly way: Network;
  readonly open: readonly string[];
}

/** The way out of a function whose manifest names the hosts that it may reach. Each hop of a redirect comes here. */
export function createEgressEntrypoint(networkOf: (env: unknown) => LimitedNetwork | undefined) {
  return class Egress extends WorkerEntrypoint<unknown, EgressProps> {
    override fetch(request: Request): Promise<Response> {
      const { hosts, shadow } = this.ctx.props;
      const { hostname } = new URL(request.url);
      const network = networkOf(this.env);
      try {
        const egress = egressBy(network, hosts, shadow);
        egress.checkHost(hostname);
        egress.checkMethod(hostname, request.headers.has('upgrade') ? null : request.method);
      } catch (error) {
        // What `fetch` rejects with, in the function: a class of ours would not arrive there.
        throw new TypeError((error as Error).message);
      }
      return network === undefined ? fetch(request) : network.way.fetch(request);
    }
  };
}

export function egressBy(network: LimitedNetwork | undefined, outbound: readonly string[] | null, shadow?: ShadowOutbound): Egress {
  return createEgress({ outbound, open: network?.open ?? EVERYTHING, shadow });
}

/** Where the platform's own network is the limit. */
const EVERYTHING = ['0.0.0.0/0', '::/0'];
