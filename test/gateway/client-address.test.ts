import { describe, expect, it } from 'vitest';
import { createClientAddress } from '../../host/gateway/client-address.ts';

describe('createClientAddress()', () => {
  const of = createClientAddress(['10.0.0.0/8', '::1', 'fd00::/8']);

  it.each<[string, string | null, Record<string, string>, string | null]>([
    ['a peer that is no proxy, whatever it says', '203.0.113.9', { 'x-forwarded-for': '198.51.100.1' }, '203.0.113.9'],
    ['a proxy that says nothing', '10.0.0.1', {}, '10.0.0.1'],
    ['a client that a proxy names', '10.0.0.1', { 'x-forwarded-for': '198.51.100.1' }, '198.51.100.1'],
    ['the last one that is no proxy', '10.0.0.1', { 'x-forwarded-for': '1.2.3.4, 198.51.100.1, 10.0.0.2' }, '198.51.100.1'],
    ['proxies alone', '10.0.0.1', { 'x-forwarded-for': '10.0.0.3, 10.0.0.2' }, '10.0.0.3'],
    ['RFC 7239 before the other', '10.0.0.1', { forwarded: 'for=198.51.100.7;proto=https', 'x-forwarded-for': '1.1.1.1' }, '198.51.100.7'],
    ['IPv6 in quotes, with a port', '::1', { forwarded: 'for="[2001:db8::7]:4711", for=10.0.0.2' }, '2001:db8::7'],
    ['one that hides itself', '10.0.0.1', { forwarded: 'for=1.2.3.4, for=_hidden, for=10.0.0.2' }, '10.0.0.2'],
    ['what is no address', '10.0.0.1', { 'x-forwarded-for': '198.51.100.1, <script>' }, '10.0.0.1'],
    ['a port beside an address', '10.0.0.1', { 'x-forwarded-for': '198.51.100.1:80' }, '198.51.100.1'],
    ['nobody knows who', null, { 'x-forwarded-for': '198.51.100.1' }, null],
  ])('tells %s', (_what, peer, headers, client) => {
    expect(of(peer, (name) => headers[name] ?? null)).toBe(client);
  });
});
