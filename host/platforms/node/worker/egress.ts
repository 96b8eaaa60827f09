import { isAllowed } from '../../../cell/allowed-host.ts';
import type { Outbound } from './data.ts';

/** A dispatcher for `fetch` that connects to some hosts only: the check stands where connections are made, so a redirect passes it too. */
export async function restrictedDispatcher({ hosts, undici }: Outbound): Promise<unknown> {
  const { Agent } = (await import(undici)) as typeof import('undici');
  return new Agent().compose((dispatch) => (options, handler) => {
    checkHost(hosts, new URL(String(options.origin)).hostname);
    return dispatch(options, handler);
  });
}

/** `WebSocket` that connects to some hosts only; it follows no redirects. */
export function restrictedWebSocket({ hosts }: Outbound): typeof WebSocket {
  const Native = globalThis.WebSocket;
  return class WebSocket extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      checkHost(hosts, new URL(url).hostname);
      super(url, protocols);
    }
  };
}

/** @throws {Error} where it is none of those that the manifest names */
export function checkHost(hosts: readonly string[], hostname: string): void {
  if (isAllowed(hosts, hostname)) return;
  throw new Error(
    `A connection to ${hostname} is not allowed: capabilities.outbound of this function names ${hosts.join(', ') || 'no host'}.`,
  );
}
