import { addressTest } from './address.ts';

/** @param peer who has opened the connection */
export type ClientAddress = (peer: string | null, header: (name: string) => string | null) => string | null;

/**
 * The client's address where proxies stand before the host: the last one in `Forwarded` (RFC 7239) or `X-Forwarded-For` that is
 * none of theirs. What a client writes there itself stands before what the proxies add, and is not believed.
 */
export function createClientAddress(proxies: readonly string[]): ClientAddress {
  const isProxy = addressTest(proxies);
  return (peer, header) => {
    if (proxies.length === 0 || !isProxy(peer)) return peer;
    const forwarded = header('forwarded');
    const hops = forwarded === null ? listOf(header('x-forwarded-for')) : addressesIn(forwarded);
    let address = peer;
    for (const hop of hops.toReversed()) {
      // One that hides itself, as "unknown" does, is as far as can be told.
      if (hop === null) return address;
      address = hop;
      if (!isProxy(hop)) return hop;
    }
    return address;
  };
}

function listOf(list: string | null): (string | null)[] {
  return list === null ? [] : list.split(',').map((hop) => plain(hop.trim()));
}

/** `for` of each element, quoted or not; names in quotes have no comma in them. */
function addressesIn(forwarded: string): (string | null)[] {
  return forwarded.split(',').map((element) => {
    const value = /(?:^|;)\s*for=("(?:[^"\\]|\\.)*"|[^;\s]*)/i.exec(element)?.[1];
    return value === undefined ? null : plain(value.replace(/^"(.*)"$/, '$1'));
  });
}

/** Without its port; null where it is no address. */
function plain(hop: string): string | null {
  const bare = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(hop)?.[1] ?? hop;
  return /^[0-9a-f:.]+$/i.test(bare) && bare !== '' ? bare : null;
}
