import { describe, expect, it } from 'vitest';
import * as sockets2 from '../../../host/component/wasi/sockets/sockets-0.2.ts';
import * as sockets3 from '../../../host/component/wasi/sockets/sockets-0.3.ts';
import { config } from '../../../host/component/wasi/config/config.ts';
import { logging } from '../../../host/component/wasi/logging/logging.ts';
import { fakeWorld, functionsOf, NO_INVOCATION } from './fake-world.ts';

describe('wasi:sockets', () => {
  it('0.2 denies every socket and every name', () => {
    const denied = { tag: 'err', val: 'access-denied' };
    expect(functionsOf(sockets2.tcpCreateSocket)['create-tcp-socket']!('ipv4')).toEqual(denied);
    expect(functionsOf(sockets2.udpCreateSocket)['create-udp-socket']!('ipv6')).toEqual(denied);
    const network = functionsOf(sockets2.instanceNetwork)['instance-network']!();
    expect(functionsOf(sockets2.ipNameLookup)['resolve-addresses']!(network, 'example.com')).toEqual(denied);
  });

  it('0.3 denies every socket and every name', () => {
    const denied = { tag: 'err', val: { tag: 'access-denied' } };
    const types = functionsOf(sockets3.types);
    expect(types['[static]tcp-socket.create']!('ipv4')).toEqual(denied);
    expect(types['[static]udp-socket.create']!('ipv4')).toEqual(denied);
    expect(functionsOf(sockets3.ipNameLookup)['resolve-addresses']!('example.com')).toEqual(denied);
  });
});

describe('wasi:config', () => {
  it('gives the vars', () => {
    const store = functionsOf(config, { settings: { vars: { A: '1' } } });
    expect(store['get']!('A')).toEqual({ tag: 'ok', val: '1' });
    expect(store['get']!('toString')).toEqual({ tag: 'ok', val: undefined });
    expect(store['get-all']!()).toEqual({ tag: 'ok', val: [['A', '1']] });
  });
});

describe('wasi:logging', () => {
  it.each([
    ['trace', 'ctx', 'debug ctx: text'],
    ['warn', '', 'warn text'],
    ['critical', '', 'error text'],
  ])('%s with the context %j', (level, context, line) => {
    const world = fakeWorld();
    functionsOf(logging, { world })['log']!(level, context, 'text');
    expect(world.logged).toEqual([line]);
  });

  it('drops what is said before there is an invocation', () => {
    functionsOf(logging, { world: NO_INVOCATION })['log']!('info', '', 'text');
  });
});
