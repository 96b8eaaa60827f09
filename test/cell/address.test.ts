import { describe, expect, it } from 'vitest';
import { addressOf, contains, kindOf, rangeOf } from '../../host/address.ts';

describe('addressOf', () => {
  it.each([
    ['1.2.3.4', 4, 0x01020304n],
    ['255.255.255.255', 4, 0xffffffffn],
    ['::', 6, 0n],
    ['::1', 6, 1n],
    ['[::1]', 6, 1n],
    ['1::', 6, 1n << 112n],
    ['fe80::1%eth0', 6, (0xfe80n << 112n) | 1n],
    ['1:2:3:4:5:6:7:8', 6, 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ['1:2:3:4:5:6:7::', 6, 0x0001_0002_0003_0004_0005_0006_0007_0000n],
    ['ABCD::ef', 6, (0xabcdn << 112n) | 0xefn],
    ['::ffff:1.2.3.4', 6, 0xffff_0102_0304n],
    ['1:2:3:4:5:6:1.2.3.4', 6, 0x0001_0002_0003_0004_0005_0006_0102_0304n],
    ['::1.2.3.4', 6, 0x0102_0304n],
  ])('reads %s', (text, family, value) => {
    expect(addressOf(text)).toEqual({ family, value });
  });

  it.each([
    '', '1', '1.2.3', '1.2.3.4.5', '01.2.3.4', '0x1.2.3.4', '256.1.1.1', '1.2.3.4.', ' 1.2.3.4', 'a.b.c.d', ':', ':::', '1:2', '::1::', '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '::12345', '::g', '::1.2.3', '::1.2.3.256', '1.2.3.4::', '::1.2.3.4:5', '1:2:3:4:5:6:7:1.2.3.4', ':1', '1:',
  ])('takes %j for none', (text) => {
    expect(addressOf(text)).toBe(null);
  }); // prettier-ignore

  it('agrees with URL about what an IPv6 address is', () => {
    for (const text of ['::', '1::2', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8', '64:ff9b::8.8.8.8', '2001:db8:0:0:1::1']) {
      const { hostname } = new URL(`http://[${text}]`);
      expect(addressOf(hostname)).toEqual(addressOf(text));
    }
  });
});

describe('rangeOf and contains', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.0.0.1', true],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '::1', false],
    ['0.0.0.0/0', '::ffff:8.8.8.8', true],
    ['::/0', '::1', true],
    ['::/0', '8.8.8.8', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '::ffff:127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', 'fc00::1', false],
  ])('%s holds %s: %s', (range, address, expected) => {
    expect(contains(rangeOf(range)!, addressOf(address)!)).toBe(expected);
  });

  it.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '/8', '10.0.0.0/-1', '10.0.0.0/8/8', 'a.example', 'a.example/8'])(
    '%j is no range',
    (text) => {
      expect(rangeOf(text)).toBe(null);
    },
  );
});

describe('kindOf', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['9.255.255.255', 'public'],
    ['11.0.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.64.0.0', 'shared'],
    ['100.127.255.255', 'shared'],
    ['100.128.0.0', 'public'],
    ['126.255.255.255', 'public'],
    ['128.0.0.0', 'public'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.0.1.0', 'public'],
    ['198.17.255.255', 'public'],
    ['198.20.0.0', 'public'],
    ['223.255.255.255', 'public'],
    ['0.255.255.255', 'unspecified'],
    ['2606:4700::1111', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['::ffff:8.8.8.8', 'public'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:0:127.0.0.1', 'reserved'],
    ['4000::1', 'reserved'],
    ['100::1', 'reserved'],
    ['5f00::1', 'reserved'],
    ['3fff::1', 'documentation'],
  ])('%s is %s', (text, kind) => {
    expect(kindOf(addressOf(text)!)).toBe(kind);
  });
});
