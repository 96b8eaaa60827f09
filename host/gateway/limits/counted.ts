import { addressOf } from '../../address.ts';
import type { CountedBy } from '../../registry/gateway/rate-limit.ts';
import type { GatewayCall } from '../call.ts';

/** Bits of an IPv6 address that are one client's network. */
const NETWORK = 64n;

/** Who a request counts as. Whoever cannot be told apart counts as one. */
export function countedAs(call: GatewayCall, by: CountedBy): string {
  if (by === 'function') return '';
  if (by === 'address') return `address ${networkOf(call.address)}`;
  if (by === 'principal') {
    const { principal } = call;
    return principal === null ? `address ${networkOf(call.address)}` : `${principal.scheme} ${principal.id}`;
  }
  return `header ${call.header(by.header) ?? ''}`;
}

/** A client of IPv6 has as many addresses as it likes. RFC 6177 */
function networkOf(text: string | null): string {
  if (text === null || !text.includes(':')) return text ?? '';
  const address = addressOf(text);
  if (address === null) return text;
  // IPv4 that is written as IPv6, by a socket for both.
  if (address.value >> 32n === 0xffffn) return String(address.value & 0xffff_ffffn);
  return (address.value >> NETWORK).toString(16);
}
