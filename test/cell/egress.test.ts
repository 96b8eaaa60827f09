import { describe, expect, it } from 'vitest';
import { createEgress, EgressDenied, isOpening } from '../../host/cell/egress.ts';

describe('createEgress', () => {
  const egress = createEgress({ outbound: null, open: ['10.1.0.0/16', '::1', 'db.internal', '*.svc.internal'] });

  it('lets public addresses through, and what the host opens by address or name', () => {
    for (const [host, address] of [
      ['example.com', '93.184.215.14'],
      ['a.example', '10.1.2.3'],
      ['a.example', '::ffff:10.1.2.3'],
      ['DB.internal', '10.9.9.9'],
      ['db.internal.', '127.0.0.1'],
      ['a.svc.internal', '192.168.0.1'],
    ] as const)
      expect(() => egress.checkAddress(host, address)).not.toThrow();
    for (const host of ['localhost', '[::1]', '10.1.0.1', 'any.example']) expect(() => egress.checkHost(host)).not.toThrow();
  });

  it('refuses the rest, with the host and the rule', () => {
    for (const [host, address, rule] of [
      ['a.example', '10.2.0.1', 'private'],
      ['svc.internal', '192.168.0.1', 'private'],
      ['notdb.internal', '10.9.9.9', 'private'],
      ['a.example', 'nonsense', 'reserved'],
    ] as const) {
      const denied = expect.objectContaining({ code: 'egress-denied', host, rule }) as Error;
      expect(() => egress.checkAddress(host, address)).toThrow(denied);
    }
  });

  it('an error is one of fetch', () => {
    expect(new EgressDenied('a', 'private', 'b')).toBeInstanceOf(TypeError);
    expect(new EgressDenied('a', 'private', 'b').name).toBe('TypeError');
  });

  it('localhost is loopback whatever a resolver says, unless that or its name is opened', () => {
    const closed = createEgress({ outbound: null, open: [] });
    for (const host of ['localhost', 'LOCALHOST.', 'a.localhost']) expect(() => closed.checkHost(host)).toThrow(/its address is loopback/);
    expect(() => closed.checkHost('notlocalhost')).not.toThrow();
    expect(() => createEgress({ outbound: null, open: ['localhost'] }).checkHost('localhost')).not.toThrow();
    expect(() => createEgress({ outbound: null, open: ['127.0.0.0/8'] }).checkHost('localhost')).not.toThrow();
    expect(() => createEgress({ outbound: null, open: ['10.0.0.0/8'] }).checkHost('localhost')).toThrow();
  });

  it('names of the manifest open nothing that the host does not', () => {
    const both = createEgress({ outbound: ['10.2.0.1', 'a.example'], open: [] });
    expect(() => both.checkHost('10.2.0.1')).toThrow(/private/);
    expect(() => both.checkHost('b.example')).toThrow(/capabilities\.outbound of this function names 10\.2\.0\.1, a\.example/);
    expect(() => both.checkHost('a.example')).not.toThrow();
    expect(() => both.checkAddress('a.example', '10.2.0.1')).toThrow(/private/);
  });
});

describe('isOpening', () => {
  it.each(['10.0.0.0/8', '::1', 'fd00::/8', '127.0.0.1', 'localhost', 'db.internal', '*.internal', 'my_db'])('%s can be opened', (text) => {
    expect(isOpening(text)).toBe(true);
  });
  it.each(['', '*', '*.', '10.0.0.0/33', 'http://a', 'a/b', 'a:80', 'a.*.b', '999.1.1.1', '10.1', '-a', 'a,b', 'a b'])(
    '%j cannot',
    (text) => {
      expect(isOpening(text)).toBe(false);
    },
  );
});
