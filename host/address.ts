/** What an address is for; `public` ones are anybody's on the internet. https://www.iana.org/assignments/iana-ipv4-special-registry/ */
export type AddressKind =
  'public' | 'loopback' | 'private' | 'link-local' | 'shared' | 'multicast' | 'unspecified' | 'documentation' | 'benchmarking' | 'reserved';

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** All addresses that begin with the first `length` bits of one. */
export interface AddressRange extends Address {
  readonly length: number;
}

/** Of addresses that several hold, the first counts. RFC 6890, RFC 6598, RFC 5737, RFC 2544, RFC 7526 */
const IPV4: readonly (readonly [range: AddressRange, kind: AddressKind])[] = [
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
].map(([range, kind]) => [rangeOf(range!)!, kind as AddressKind]);

/** RFC 4291, RFC 4193, RFC 8215; Teredo (RFC 4380) and 6to4 (RFC 3056) lead to an IPv4 address that is none of their own. */
const IPV6: readonly (readonly [range: AddressRange, kind: AddressKind])[] = [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fc00::/7', 'private'],
  ['fec0::/10', 'private'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
  ['2001:2::/48', 'benchmarking'],
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
  ['2001::/23', 'reserved'],
  ['2002::/16', 'reserved'],
  ['2000::/3', 'public'],
].map(([range, kind]) => [rangeOf(range!)!, kind as AddressKind]);

const MAPPED = rangeOf('::ffff:0:0/96')!;
/** RFC 6052: by it networks without IPv4 reach what has nothing else. */
const NAT64 = rangeOf('64:ff9b::/96')!;
const LOW_32 = 0xffff_ffffn;

export function kindOf(address: Address): AddressKind {
  const { family, value } = unmapped(address);
  if (family === 4) return IPV4.find(([range]) => contains(range, { family, value }))?.[1] ?? 'public';
  if (contains(NAT64, address)) return kindOf({ family: 4, value: value & LOW_32 });
  return IPV6.find(([range]) => contains(range, address))?.[1] ?? 'reserved';
}

/** As URLs, resolvers and people write it: with or without brackets and zone. null: it is none. */
export function addressOf(text: string): Address | null {
  const value = text.includes(':') ? ipv6Value(text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/s, '')) : ipv4Value(text);
  return value === null ? null : { family: text.includes(':') ? 6 : 4, value };
}

/** `10.0.0.0/8`, or one address. null: it is none. */
export function rangeOf(text: string): AddressRange | null {
  const [, start, length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = start === undefined ? null : addressOf(start);
  if (address === null) return null;
  const bits = address.family === 4 ? 32 : 128;
  const given = length === undefined ? bits : Number(length);
  return given > bits ? null : { ...address, length: given };
}

export function contains(range: AddressRange, address: Address): boolean {
  const { family, value } = range.family === 4 ? unmapped(address) : address;
  if (family !== range.family) return false;
  const rest = BigInt((family === 4 ? 32 : 128) - range.length);
  return value >> rest === range.value >> rest;
}

/** An IPv4 address that is written as one of IPv6 is what it is. RFC 4291, section 2.5.5.2 */
function unmapped(address: Address): Address {
  if (address.family === 4 || address.value >> 32n !== MAPPED.value >> 32n) return address;
  return { family: 4, value: address.value & LOW_32 };
}

function ipv4Value(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** RFC 4291, section 2.2. Not by `URL`: in an isolate of an old compatibility date that is another. */
function ipv6Value(text: string): bigint | null {
  const [, groups = '', dotted] = /^(.*?)(?:(?<=:)(\d+\.\d+\.\d+\.\d+))?$/.exec(text) ?? [];
  const low = dotted === undefined ? 0n : ipv4Value(dotted);
  const sides = (dotted === undefined ? groups : `${groups}0:0`).split('::');
  if (low === null || sides.length > 2) return null;
  const [head, tail] = sides.map((side) => (side === '' ? [] : side.split(':')));
  const given = [...head!, ...(tail ?? [])];
  if (!given.every((group) => /^[\da-f]{1,4}$/i.test(group)) || (tail === undefined ? given.length !== 8 : given.length > 7)) return null;
  const all = tail === undefined ? given : [...head!, ...Array.from({ length: 8 - given.length }, () => '0'), ...tail];
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) | low;
}
